"""Erasure of people and of old answers."""

from collections.abc import Iterable
from typing import Any

from lantern._types import PathLike, RecordId

def forget(
    *,
    id: RecordId | Iterable[RecordId] | None = None,
    email: str | Iterable[str] | None = None,
    suppress: bool = True,
    ledger: PathLike | None = None,
) -> dict[str, Any]:
    """Erase a person from results, ledger and memory on this machine.

    If an address is given, the ids of the person's records are looked up in the results and answers
    on this machine, and erased as well. What was paid stays counted: budgets and sums do not
    change. In the tables of jobs, the person's rows have no id and the status `erased`. Batches and
    calls in flight are not changed, and are counted in `under_way`: call `forget` again when they
    have ended.

    Args:
        id: Ids of the person's records, as they were submitted.
        email: E-mail addresses of the person, in any spelling.
        suppress: Whether to suppress the person from now on (default `True`), as
            `client.suppress.add` does, so that a later job does not look up the person again.
        ledger: File or `postgresql://` URL of the ledger; by default read from `LANTERN_LEDGER`,
            else the file in the home folder.

    Returns:
        A dictionary that says what was erased:

        - `ids`: the ids of the person's records.
        - `files` and `rows`: the numbers of result files and of rows in them.
        - `ledger`: the numbers of `ids`, `calls`, `unread` answers, entries of the `memory` and
          `errors`, and of batches and calls `under_way`, which were not changed.
        - `suppressed`: whether the person is suppressed from now on.
        - `overwritten`: whether the ledger's file was rewritten, so that nothing stays in its free
          pages. This is not done for PostgreSQL, and not while other processes use the file.

    Raises:
        InputError: If neither an id nor an address is given, or an address is invalid.
        LedgerError: If the ledger or a result cannot be read or written. What was erased by then
            stays erased.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(limits="off") as server:
        ...     client = server.client()
        ...     job = client.submit(server.people().slice(0, 3), "email", max_credits=3)
        ...     _ = job.wait(timeout=60)
        ...     done = lantern.forget(id="P0000001", ledger=client.ledger)
        ...     done["ids"], job.table().column("status")[0].as_py()
        (['P0000001'], 'erased')
    """

def purge(
    older_than: str | None = None, *, always: bool = False, ledger: PathLike | None = None
) -> dict[str, Any]:
    """Delete old answers.

    Deletes result files and stored answers, and also incomplete downloads and the lock files of
    dead processes. The ledger still knows that the answers were paid for, so they are not bought
    again: their rows have the status `erased`, unless a job asks again (`reuse=False`).

    Args:
        older_than: Minimum age of the answers to delete, such as `180d`; by default the age that
            `always=True` has set.
        always: Whether to delete older answers from now on, when a job is submitted, loaded or
            waited for, at most once a day (default `False`). Without `older_than`, answers are no
            longer deleted automatically.
        ledger: File or `postgresql://` URL of the ledger; by default read from `LANTERN_LEDGER`,
            else the file in the home folder.

    Returns:
        A dictionary: the numbers of `units` (batches and calls whose answers were deleted), `files`
        and `leftovers` (incomplete downloads and lock files), and the `retention` that is set, or
        `None`.

    Raises:
        ValidationError: If the age is invalid.
        LedgerError: If the ledger or a result cannot be written.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     lantern.purge("180d", always=True, ledger=server.client().ledger)["retention"]
        '180d'
    """
