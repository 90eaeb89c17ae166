"""Tables from paths and object storage, and back as Parquet.

An address with a scheme is opened by Airflow's `ObjectStoragePath`, so that connections in
addresses (`s3://aws_default@bucket/key`) and the filesystems of all providers work. Anything else
is a local file.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from airflow.sdk import BaseHook, ObjectStoragePath
from airflow.sdk.exceptions import AirflowNotFoundException

from lantern.integrations.airflow.failure import MissingPackage, Refused

if TYPE_CHECKING:
    import pyarrow
    from airflow.sdk import Context

FORMATS = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv"} | dict.fromkeys(
    (".arrow", ".feather", ".ipc"), "arrow"
)


def read_table(place: object, what: str, columns: list[str] | None = None) -> pyarrow.Table:
    """Read a Parquet, CSV or Arrow file.

    Args:
        place: Path or address of the file.
        what: Name of the operator's argument, for error messages.
        columns: Columns that are needed. If one is missing, the table has all columns and no rows,
            so that the caller can list them.

    Raises:
        AirflowFailException: If the file is missing, cannot be read, or is not a table.
    """
    arrow = _pyarrow()
    if place is None or place == "":
        raise Refused(f"{what} is empty; give a path, or a task that returns one")
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


def destination_path(place: object, context: Context) -> ObjectStoragePath | Path:
    """Return the Parquet file of a task instance.

    Args:
        place: Path or address. If it ends in `/`, it is a folder in which each task instance gets
            its own file.
        context: Context of the task instance.

    Raises:
        AirflowFailException: If the path is not that of a Parquet file.
    """
    if not place:
        raise Refused("destination is empty; give the path or address of a Parquet file")
    path = _path(place, "destination")
    if str(place).endswith("/"):
        ti = context["ti"]
        number = f"-{ti.map_index}" if (ti.map_index or 0) >= 0 and ti.map_index is not None else ""
        return path / f"{ti.task_id}{number}.parquet"
    if path.suffix.lower() not in (".parquet", ".pq"):
        raise Refused(f"destination: {place} is no .parquet file, and a folder would end in '/'")
    return path


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
        # Permissions do not tell all; a file that can be made does.
        if isinstance(path, Path):
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix="."):
                pass
        else:
            probe = path.parent / ".lantern-can-write"
            probe.touch()
            # Who may write need not be allowed to delete; then the empty file stays.
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
    # Elsewhere a folder that is missing is a bucket, or a typing error, which nobody wants made.
    if isinstance(path, Path) or path.protocol == "file":
        path.parent.mkdir(parents=True, exist_ok=True)


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        try:
            yield file
            file.flush()
            # Temporary files are for their owner alone; results are as readable as other files.
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
            # Amazon's provider would take a connection that is not there for none.
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
