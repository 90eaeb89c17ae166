"""The list of people who are never sent and never returned, `client.suppress`."""

from typing import final

from lantern._types import Suppressible

@final
class Suppression:
    """The list of people who are never sent and never returned: `client.suppress`.

    The list belongs to the ledger. It holds for all jobs and mapped calls on the ledger, in every
    process, from the next batch or call that is sent. Rows of people on the list have the status
    `suppressed` and no answer. So have rows whose answer contains an e-mail address, a domain or a
    LinkedIn page on the list. The ledger stores only keyed hashes (HMAC-SHA256 with a random key of
    the ledger), so you can check whether an entry is on the list, but not read the list.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(limits="off") as server:
        ...     client = server.client()
        ...     _ = client.suppress.add(["P0000001", "ada@example.com", "example.org"])
        ...     job = client.submit(server.people().slice(0, 3), "email", max_credits=3)
        ...     _ = job.wait(timeout=60)
        ...     job.table().column("status")[0].as_py()
        'suppressed'
    """

    def add(self, entries: Suppressible) -> int:
        """Add entries to the list, and return the number of valid entries.

        Args:
            entries: List or column (such as a Series) of ids, e-mail addresses, domains and
                LinkedIn URLs, recognized by their form. Each text counts as an id as well, and the
                returned number counts both. A UUID is the same id in every case. Or a table with
                columns of ids of records (`id`, `contact_id`, `Lead ID`, but not `owner_id`),
                e-mail addresses (`email`), domains (`domain`, `website`) or LinkedIn pages
                (`linkedin`), of which all are taken; or the path of a CSV, Excel, Parquet or Arrow
                file with such columns, or of a file with one entry per line. Nulls and empty texts
                of a table or a column are skipped.

        Raises:
            InputError: If a table has no such column, a file cannot be read, an entry of a list is
                empty or None, or a column has nulls and empty texts only.
            TypeError: If the entries are of another type.
            LedgerError: If the ledger cannot be written.

        Example:
            >>> client.suppress.add(["Nobody@Example.com"])
            2
        """
    def remove(self, entries: Suppressible) -> int:
        """Remove entries from the list, and return how many were on it.

        Args:
            entries: As for `add`, in any spelling of the same address, domain or page.

        Raises:
            InputError: If a table has no such column, or a file cannot be read.
            TypeError: If the entries are of another type.
            LedgerError: If the ledger cannot be written.

        Example:
            >>> _ = client.suppress.add(["somebody@example.com"])
            >>> client.suppress.remove(["Somebody@example.com"])
            1
        """
    def has(self, text: str) -> bool:
        """Return whether an id, an e-mail address, a domain or a LinkedIn URL is on the list.

        Args:
            text: Id, address, domain or URL, in any spelling. An address or a subdomain is also on
                the list if its domain is.

        Raises:
            LedgerError: If the ledger cannot be read.

        Example:
            >>> _ = client.suppress.add(["example.net"])
            >>> client.suppress.has("bob@mail.example.net")
            True
        """
    def list(self) -> dict[str, int]:
        """Return the number of entries by kind: `id`, `email`, `domain` and `linkedin`.

        Raises:
            LedgerError: If the ledger cannot be read.

        Example:
            >>> import lantern
            >>> with lantern.LocalServer() as own:
            ...     _ = own.client().suppress.add(["P7", "ada@example.com"])
            ...     own.client().suppress.list()
            {'domain': 0, 'email': 1, 'id': 2, 'linkedin': 0}
        """

@final
class AsyncSuppression:
    """The awaitable form of `Suppression`: `async_client.suppress`.

    Example:
        >>> import asyncio, lantern
        >>> async def listed() -> tuple[bool, int]:
        ...     with lantern.LocalServer() as own:
        ...         client = own.async_client()
        ...         await client.suppress.add(["ada@example.com"])
        ...         has = await client.suppress.has("ADA@example.com")
        ...         await client.suppress.remove(["ada@example.com"])
        ...         return has, (await client.suppress.list())["email"]
        >>> asyncio.run(listed())
        (True, 0)
    """

    async def add(self, entries: Suppressible) -> int:
        """Add entries to the list; see `Suppression.add`."""
    async def remove(self, entries: Suppressible) -> int:
        """Remove entries from the list; see `Suppression.remove`."""
    async def has(self, text: str) -> bool:
        """Return whether an entry is on the list; see `Suppression.has`."""
    async def list(self) -> dict[str, int]:
        """Return the number of entries by kind; see `Suppression.list`."""
