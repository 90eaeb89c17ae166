"""Result files."""

from collections.abc import Mapping, Sequence

from lantern._table import Table
from lantern._types import BatchKind, PathLike

def read_results(
    paths: PathLike | Sequence[PathLike],
    *,
    kind: BatchKind | None = None,
    storage_options: Mapping[str, str] | None = None,
) -> Table:
    """Read result files into one table.

    Columns are recognized by name and have the documented types: strings, and booleans for
    `email_found` and `phone_found`. Empty cells are null. Unknown columns are kept.

    Args:
        paths: One or several paths or `s3://`, `https://` or `file://` URLs, with or without
            wildcards.
        kind: Kind of batch that wrote the files; by default recognized by their headers.
        storage_options: As for `Client`.

    Raises:
        ResultError: If a file is missing, truncated or malformed. The message names the file and
            the line.

    Example:
        >>> import lantern, pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "result.csv")
        ...     _ = path.write_text("id,email,email_found\\n007,ada@acme.com,true\\n")
        ...     lantern.read_results(path).column("id").to_pylist()
        ['007']
    """
