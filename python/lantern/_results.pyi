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
    """Reads result files into one table.

    Columns are found by name and have the documented types: strings, and booleans for
    `email_found` and `phone_found`. An empty cell is null. Unknown columns are kept.

    Args:
        paths: A path, an `s3://`, `https://` or `file://` URL, with wildcards or without, or
            several of them.
        kind: What the files answer; by default told from their headers.
        storage_options: As for `Client`.

    Raises:
        ResultError: A file is missing, truncated or malformed; it names the file and the line.

    Example:
        >>> import lantern, pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "result.csv")
        ...     _ = path.write_text("id,email,email_found\\n007,ada@acme.com,true\\n")
        ...     lantern.read_results(path).column("id").to_pylist()
        ['007']
    """
