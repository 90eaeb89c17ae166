"""Erasing people, and answers that are old."""

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

    With an address, the person's ids are looked up in the results and answers that are here, and
    erased as well. What was paid stays counted: budgets and sums do not change. In tables of jobs,
    the person's rows have the status `erased`, and no id. Batches and calls that are under way are
    left and counted in `under_way`; call it again once they are done.

    Args:
        id: Ids of the person's records, as they were submitted.
        email: E-mail addresses of the person, in any spelling.
        suppress: Whether to suppress the person from now on (default `True`), as
            `client.suppress.add` does, so that the next job does not bring them back.
        ledger: The ledger; by default read from `LANTERN_LEDGER`, else the user's own.

    Returns:
        A dictionary that says what was erased: `ids`, `files` and `rows` of results, `ledger`
        (with `ids`, `calls`, `unread` answers, entries of the `memory`, `errors` and what is
        `under_way`), whether the person is `suppressed`, and whether the ledger's file was
        `overwritten` (not on a server, and not while others use it).

    Raises:
        InputError: If nobody is named, or an address is invalid.
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
    """Delete answers that are old.

    Result files and kept answers go. The memory keeps that they were paid for, so nothing is bought
    twice: rows that would be answered from there have the status `erased`, unless a job asks anew
    (`reuse=False`). Downloads that were broken off and files of dead processes are removed as well.

    Args:
        older_than: Age from which on answers are deleted, such as `180d`; by default the one that
            `always=True` has set.
        always: Whether to keep to this age from now on (default `False`): whoever submits a job
            deletes what is older, once a day. Without an age, answers are kept for ever again.
        ledger: The ledger; by default read from `LANTERN_LEDGER`, else the user's own.

    Returns:
        A dictionary: the numbers of `units` (batches and calls), `files` and `leftovers`, and the
        `retention` that is set.

    Raises:
        ValidationError: If the age is invalid.
        LedgerError: If the ledger or a result cannot be written.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     lantern.purge("180d", always=True, ledger=server.client().ledger)["retention"]
        '180d'
    """
