"""Tables from other tasks, paths and object storage, and back as Parquet.

An address with a scheme is opened by Airflow's `ObjectStoragePath`, so that connections in
addresses (`s3://aws_default@bucket/key`) and the filesystems of all providers work. Anything else
is a local file.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from airflow.sdk import BaseHook, ObjectStoragePath
from airflow.sdk.exceptions import AirflowNotFoundException

from lantern.integrations.airflow.failure import MissingPackage, Refused
from lantern.integrations.airflow.job_key import run_name

if TYPE_CHECKING:
    import pyarrow
    from airflow.sdk import Context

FORMATS = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv"} | dict.fromkeys(
    (".arrow", ".feather", ".ipc"), "arrow"
)


def read_table(place: object, what: str, columns: list[str] | None = None) -> pyarrow.Table:
    """Read a Parquet, CSV or Arrow file, or take the table that another task returned.

    Args:
        place: Path or address of the file; or a table that exports an Arrow stream, a list of
            dictionaries (rows), or a dictionary of lists (columns).
        what: Name of the operator's argument, for error messages.
        columns: Columns that are needed. If one is missing, the table has all columns and no rows,
            so that the caller can list them.

    Raises:
        AirflowFailException: If the file is missing, cannot be read, or is not a table.
    """
    arrow = _pyarrow()
    if place is None or (isinstance(place, str) and not place):
        raise Refused(f"{what} is empty; give a path or a table, or a task that returns one")
    if not isinstance(place, str | os.PathLike | ObjectStoragePath):
        return _table_of(place, what, columns)
    path = _path(place, what)
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise Refused(f"{what}: {place} is no .parquet, .csv or .arrow file")
    try:
        with path.open("rb") as file:
            return _read(file, kind, columns)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise Refused(f"{what}: there is no file {place}") from error
    except arrow.ArrowInvalid as error:
        reason = str(error).partition("\n")[0]
        raise Refused(f"{what}: {place} cannot be read as {kind}: {reason}") from error
    except PermissionError as error:
        raise Refused(f"{what}: {place} may not be read by this worker") from error


def _table_of(value: Any, what: str, columns: list[str] | None) -> pyarrow.Table:
    """Return a table that is in memory, as Arrow.

    Raises:
        AirflowFailException: If the value is not a table.
    """
    arrow = _pyarrow()
    try:
        if hasattr(value, "__arrow_c_stream__"):
            return arrow.table(value)
        if hasattr(value, "collect"):
            return arrow.table(value.collect())  # a lazy frame
        if type(value).__module__.startswith("pandas."):
            return arrow.Table.from_pandas(value, preserve_index=False)
        if isinstance(value, Mapping):
            return arrow.table(dict(value))
        if isinstance(value, Sequence) and all(isinstance(row, Mapping) for row in value):
            # Rows need not have the same keys. Without rows, the needed columns are there.
            names = list(dict.fromkeys(name for row in value for name in row))
            if not names:
                return arrow.table(
                    {name: arrow.array([], arrow.string()) for name in columns or ()}
                )
            return arrow.table({name: [row.get(name) for row in value] for name in names})
    except (TypeError, ValueError, arrow.ArrowException) as error:
        # The message would quote values, which may be personal data.
        raise Refused(
            f"{what} is a {type(value).__name__} that cannot be read as a table "
            f"({type(error).__name__}); give each column values of one type"
        ) from None
    raise Refused(
        f"{what} is a {type(value).__name__}; give a path, a data frame, a list of dictionaries "
        "(rows) or a dictionary of lists (columns)"
    )


def destination_path(place: object, context: Context) -> ObjectStoragePath | Path:
    """Return the Parquet file of a task instance.

    Args:
        place: Path or address. If it ends in `/`, it is a folder in which each task instance of
            each DAG run gets its own file.
        context: Context of the task instance.

    Raises:
        AirflowFailException: If the path is not that of a Parquet file.
    """
    if not place:
        raise Refused("destination is empty; give the path or address of a Parquet file")
    path = _path(place, "destination")
    if str(place).endswith("/"):
        return path / _own_name(context)
    if path.suffix.lower() not in (".parquet", ".pq"):
        raise Refused(f"destination: {place} is no .parquet file, and a folder would end in '/'")
    return path


def _own_name(context: Context) -> str:
    """Return a name of a file that no other task instance has, in any DAG run.

    Dates and ids have characters that not every filesystem allows, so the name holds a digest of
    all parts beside what people can read of them. The try number is not among them.
    """
    ti = context["ti"]
    parts = [ti.dag_id, run_name(context), ti.task_id]
    if ti.map_index is not None and ti.map_index >= 0:
        parts.append(str(ti.map_index))
    readable = re.sub(r"[^A-Za-z0-9_.-]+", "-", ".".join(parts))[:180]
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:8]
    return f"{readable}.{digest}.parquet"


def check_destination(place: object, context: Context) -> ObjectStoragePath | Path:
    """Check that a table can be written to a destination, before anything is spent.

    Args:
        place: As for `destination_path`.
        context: Context of the task instance.

    Raises:
        AirflowFailException: If nothing can be written there.
    """
    _pyarrow()
    path = destination_path(place, context)
    try:
        _make_folder(path)
        # Permissions do not show everything; creating a file does.
        if isinstance(path, Path):
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix="."):
                pass
        else:
            probe = path.parent / ".lantern-can-write"
            probe.touch()
            # A task that may write may not be allowed to delete; then the empty file stays.
            with contextlib.suppress(OSError):
                probe.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refused(f"destination: {place} cannot be written here: {reason}") from error
    if isinstance(path, Path) and path.is_dir():
        raise Refused(f"destination: {place} is a folder; end it in '/' to have a file in it")
    return path


def write_table(table: pyarrow.Table, path: ObjectStoragePath | Path) -> None:
    """Write Parquet. Readers see the old file or the new one, never a part of it."""
    import pyarrow.parquet

    _make_folder(path)
    if not isinstance(path, Path):
        with path.open("wb") as file:
            pyarrow.parquet.write_table(table, file)
        return
    with _replacing(path) as file:
        pyarrow.parquet.write_table(table, file)


def _make_folder(path: ObjectStoragePath | Path) -> None:
    # In object storage, a missing folder is a missing bucket or a typing error, and is not created.
    if isinstance(path, Path) or path.protocol == "file":
        path.parent.mkdir(parents=True, exist_ok=True)


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        try:
            yield file
            file.flush()
            # Only its owner can read a temporary file. A result gets the usual permissions.
            mask = os.umask(0)
            os.umask(mask)
            Path(file.name).chmod(0o666 & ~mask)
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise MissingPackage(
            "tables are read and written by PyArrow, which is not installed on this worker; "
            "install it with: pip install 'lantern[airflow]'"
        ) from error
    return pyarrow


def _path(place: Any, what: str) -> ObjectStoragePath | Path:
    if isinstance(place, ObjectStoragePath):
        path = place
    elif "://" not in str(place):
        return Path(place)
    else:
        path = ObjectStoragePath(str(place))
    try:
        if path.conn_id:
            # Amazon's provider would ignore the name of a connection that does not exist.
            BaseHook.get_connection(path.conn_id)
        path.fs  # noqa: B018 - makes the filesystem, with its connection
    except (ImportError, ValueError) as error:
        raise MissingPackage(
            f"{what}: no filesystem for {path.protocol}:// is installed on this worker ({error}); "
            "install the provider that has it, such as apache-airflow-providers-amazon[s3fs]"
        ) from error
    except AirflowNotFoundException as error:
        raise Refused(
            f"{what}: there is no connection {path.conn_id!r}, which {place} names; add it, or "
            "leave it out of the address"
        ) from error
    return path


def _read(file: Any, kind: str, columns: list[str] | None) -> pyarrow.Table:
    import pyarrow.csv
    import pyarrow.ipc
    import pyarrow.parquet

    if kind == "parquet":
        stored = pyarrow.parquet.ParquetFile(file)
        if columns and not set(columns) <= set(stored.schema_arrow.names):
            return stored.schema_arrow.empty_table()
        return stored.read(columns)
    if kind == "arrow":
        return pyarrow.ipc.open_file(file).read_all()
    names = pyarrow.csv.open_csv(file).schema.names
    file.seek(0)
    # Types are not guessed: the id 007 is not the number 7.
    texts = pyarrow.csv.ConvertOptions(
        column_types=dict.fromkeys(names, pyarrow.string()), strings_can_be_null=True
    )
    return pyarrow.csv.read_csv(file, convert_options=texts)
