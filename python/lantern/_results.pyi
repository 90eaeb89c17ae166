"""Result files."""

from collections.abc import Mapping, Sequence

from lantern._table import Table
from lantern._types import BatchKind, PathLike, Suppressible

def read_results(
    paths: PathLike | Sequence[PathLike],
    *,
    kind: BatchKind | None = None,
    storage_options: Mapping[str, str] | None = None,
    suppress: Suppressible | None = None,
    ledger: PathLike | None = None,
) -> Table:
    """Read result files into one table.

    Columns are recognized by name and have the documented types: strings, and booleans for
    `email_found` and `phone_found`. Empty cells are null. Unknown columns are kept.

    Args:
        paths: One or several paths or `s3://`, `https://` or `file://` URLs, with or without
            wildcards.
        kind: Kind of batch that wrote the files; by default recognized by their headers.
        storage_options: As for `Client`.
        suppress: List of those whose rows are left out (default none); see `Suppression.add`.
        ledger: Ledger whose list of those who are never given back holds as well (`client.ledger`,
            or its place); `None` (default) reads no ledger.

    Raises:
        InputError: If `suppress` is a table without a column that it can use, or a file that cannot
            be read.
        LedgerError: If the ledger cannot be read.
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
