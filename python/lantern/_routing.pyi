"""Assignment of records by turns, `client.routing`, and its answers."""

from collections.abc import Mapping, Sequence
from typing import Any, final

from lantern._types import RoutedObject

@final
class Routing:
    """Assignment of records to the users of a pool, in turn: `client.routing`.

    Pools can be listed and changed only on the local server.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(limits="off") as server:
        ...     client = server.client()
        ...     users = server.crm("users").column("id").to_pylist()
        ...     _ = client.routing.put_pool("two", users[:2])
        ...     lead = {"object": "lead", "sf_id": "00QLc0000000001MAA"}
        ...     answers = [client.routing.assign(**lead, pool="two") for _ in range(3)]
        ...     [users.index(answer.assigned_to) for answer in answers]
        [0, 1, 0]
    """

    def assign(
        self,
        *,
        object: RoutedObject,
        sf_id: str,
        pool: str,
        exclude_inactive: bool = True,
        reset_rules: Mapping[str, Any] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Assigned:
        """Assign a record to the next user of a pool: `POST /v1/routing/assign`.

        Args:
            object: Kind of the record: `lead`, `contact`, `opportunity` or `account`.
            sf_id: Salesforce id of the record.
            pool: Name of the pool.
            exclude_inactive: Whether inactive users are skipped (default `True`).
            reset_rules: Why the record is assigned again, such as `{"reason": "bad_fit",
                "place_user_at_top": "005..."}`. Costs one more credit.
            extra: Fields of the API that this version of lantern does not know, nested as in the
                request. Unknown names anywhere else are refused.

        Raises:
            ValidationError: If an argument is invalid, or the pool has no active user.
            NotFoundError: If the record or the pool does not exist.
            OutcomeUnknown: If it is unknown whether the call reached the API.

        Example:
            >>> _ = client.routing.put_pool("north", ["005Lc0000000001IAA", "005Lc0000000002IAA"])
            >>> lead = {"object": "lead", "sf_id": "00QLc0000000005MAA", "pool": "north"}
            >>> first = client.routing.assign(**lead)
            >>> again = client.routing.assign(**lead, reset_rules={"reason": "bad_fit"})
            >>> first.assigned_to, again.assigned_to, again.credits_consumed
            ('005Lc0000000001IAA', '005Lc0000000002IAA', 2)
        """
    def pools(self) -> list[Pool]:
        """Return all pools: `GET /v1/routing/pools`.

        Example:
            >>> {"amer", "default", "emea"} <= {pool.pool for pool in client.routing.pools()}
            True
        """
    def put_pool(self, pool: str, users: Sequence[str]) -> Pool:
        """Create a pool or replace its users: `PUT /v1/routing/pools/{pool}`.

        Args:
            pool: Name of the pool.
            users: Ids of its users, in the order of their turns. Users who are already in the pool
                keep their turn and their count.

        Raises:
            ValidationError: If `users` is empty, or lists a user twice or one that is not in the
                CRM.

        Example:
            >>> client.routing.put_pool("south", ["005Lc0000000003IAA"]).users[0].name
            'Priya Nair'
            >>> client.routing.put_pool("south", [])
            Traceback (most recent call last):
                ...
            lantern.exceptions.ValidationError: users is empty; give at least one user
        """
    def delete_pool(self, pool: str) -> bool:
        """Delete a pool and return whether it existed: `DELETE /v1/routing/pools/{pool}`.

        Args:
            pool: Name of the pool.

        Example:
            >>> _ = client.routing.put_pool("summer", ["005Lc0000000003IAA"])
            >>> client.routing.delete_pool("summer"), client.routing.delete_pool("summer")
            (True, False)
        """

@final
class AsyncRouting:
    """The awaitable form of `Routing`: `async_client.routing`.

    Example:
        >>> import asyncio
        >>> async def assign(lead: str) -> tuple[str, int, bool]:
        ...     async with server.async_client() as client:
        ...         routing = client.routing
        ...         _ = await routing.put_pool("night", ["005Lc0000000003IAA"])
        ...         owner = await routing.assign(object="lead", sf_id=lead, pool="night")
        ...         night = [pool for pool in await routing.pools() if pool.pool == "night"]
        ...         return owner.assigned_to, night[0].sequence, await routing.delete_pool("night")
        >>> asyncio.run(assign("00QLc0000000006MAA"))
        ('005Lc0000000003IAA', 1, True)
    """

    async def assign(
        self,
        *,
        object: RoutedObject,
        sf_id: str,
        pool: str,
        exclude_inactive: bool = True,
        reset_rules: Mapping[str, Any] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Assigned:
        """Assign a record to the next user of a pool; see `Routing.assign`."""
    async def pools(self) -> list[Pool]:
        """Return all pools; see `Routing.pools`."""
    async def put_pool(self, pool: str, users: Sequence[str]) -> Pool:
        """Create a pool or replace its users; see `Routing.put_pool`."""
    async def delete_pool(self, pool: str) -> bool:
        """Delete a pool and return whether it existed; see `Routing.delete_pool`."""

@final
class Assigned:
    """An assignment, as returned by `client.routing.assign`.

    Example:
        >>> _ = client.routing.put_pool("solo", ["005Lc0000000001IAA"])
        >>> answer = client.routing.assign(object="lead", sf_id="00QLc0000000002MAA", pool="solo")
        >>> answer.to_dict()
        {'success': True, 'assigned_to': '005Lc0000000001IAA', 'sequence': 1, 'pool_size': 1,
         'timestamp': '...Z', 'credits_consumed': 1, 'credits_remaining': ...,
         'processing_time_ms': ..., 'cached': False}
    """

    @property
    def assigned_to(self) -> str | None:
        """Id of the user who got the record."""
    @property
    def sequence(self) -> float | None:
        """Number of the assignment within its pool, from 1."""
    @property
    def pool_size(self) -> float | None:
        """Number of active users in the pool."""
    @property
    def timestamp(self) -> str | None:
        """Time of the assignment, ISO 8601."""
    @property
    def credits_consumed(self) -> float | None:
        """Number of credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Number of credits left in the account, if the answer reports it."""
    @property
    def processing_time_ms(self) -> float | None:
        """Time that the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the API returned a cached answer, which costs nothing."""
    @property
    def request_id(self) -> str | None:
        """Id of the request, which the API's support can look up."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields of the answer, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Pool:
    """Users who take turns, as returned by `client.routing.pools` and `put_pool`.

    Example:
        >>> pool = client.routing.put_pool("west", ["005Lc0000000001IAA", "005Lc0000000002IAA"])
        >>> [user.name for user in pool.users]
        ['Maya Reyes', 'Jonas Lindqvist']
        >>> pool.to_dict()
        {'success': True, 'pool': 'west', 'users': [...], 'sequence': 0}
    """

    @property
    def pool(self) -> str:
        """Name of the pool."""
    @property
    def users(self) -> list[PoolUser]:
        """Users of the pool, in the order of their turns."""
    @property
    def sequence(self) -> float | None:
        """Number of records that were assigned."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class PoolUser:
    """A user of a pool.

    Example:
        >>> pool = client.routing.put_pool("east", ["005Lc0000000001IAA"])
        >>> pool.users[0].to_dict()
        {'id': '005Lc0000000001IAA', 'name': 'Maya Reyes', 'active': True, 'assigned': 0}
    """

    @property
    def id(self) -> str:
        """Id of the user."""
    @property
    def name(self) -> str | None:
        """Name of the user."""
    @property
    def active(self) -> bool | None:
        """Whether the user receives records."""
    @property
    def assigned(self) -> float | None:
        """Number of records of this pool that the user received."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...
