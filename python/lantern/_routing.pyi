"""Assignment by turns, `client.routing`, and its answers."""

from collections.abc import Mapping, Sequence
from typing import Any, final

from lantern._types import RoutedObject

@final
class Routing:
    """Assignments from pools, by turns, and the pools: `client.routing`.

    The pools can be seen and changed on the local server alone.

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
    ) -> Assigned:
        """Gives a record to the next user of a pool: `POST /v1/routing/assign`.

        Args:
            object: What kind of record it is.
            sf_id: The record's Salesforce id.
            pool: The pool's name.
            exclude_inactive: Inactive users are passed over.
            reset_rules: Why it is assigned again, such as `{"reason": "bad_fit",
                "place_user_at_top": "005..."}`; costs one credit more.

        Raises:
            ValidationError: The request does not hold to the contract, or nobody is active.
            NotFoundError: There is no such record or pool.
            OutcomeUnknown: The call may have arrived, and its answer is not known.

        Example:
            >>> _ = client.routing.put_pool("north", ["005Lc0000000001IAA", "005Lc0000000002IAA"])
            >>> lead = {"object": "lead", "sf_id": "00QLc0000000005MAA", "pool": "north"}
            >>> first = client.routing.assign(**lead)
            >>> again = client.routing.assign(**lead, reset_rules={"reason": "bad_fit"})
            >>> first.assigned_to, again.assigned_to, again.credits_consumed
            ('005Lc0000000001IAA', '005Lc0000000002IAA', 2)
        """
    def pools(self) -> list[Pool]:
        """All pools: `GET /v1/routing/pools`.

        Example:
            >>> {"amer", "default", "emea"} <= {pool.pool for pool in client.routing.pools()}
            True
        """
    def put_pool(self, pool: str, users: Sequence[str]) -> Pool:
        """Makes a pool, or changes its users: `PUT /v1/routing/pools/{pool}`.

        Args:
            pool: The pool's name.
            users: The ids of its users, in the order of their turns. Who is in the pool already
                keeps turn and count.

        Raises:
            ValidationError: No users, the same one twice, or one that is not in the CRM.

        Example:
            >>> client.routing.put_pool("south", ["005Lc0000000003IAA"]).users[0].name
            'Priya Nair'
            >>> client.routing.put_pool("south", [])
            Traceback (most recent call last):
                ...
            lantern.exceptions.ValidationError: users is empty; a pool needs at least one user
        """
    def delete_pool(self, pool: str) -> bool:
        """Removes a pool, and says whether there was one: `DELETE /v1/routing/pools/{pool}`.

        Args:
            pool: The pool's name.

        Example:
            >>> _ = client.routing.put_pool("summer", ["005Lc0000000003IAA"])
            >>> client.routing.delete_pool("summer"), client.routing.delete_pool("summer")
            (True, False)
        """

@final
class AsyncRouting:
    """`Routing`, awaitable: `async_client.routing`.

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
    ) -> Assigned:
        """See `Routing.assign`."""
    async def pools(self) -> list[Pool]:
        """See `Routing.pools`."""
    async def put_pool(self, pool: str, users: Sequence[str]) -> Pool:
        """See `Routing.put_pool`."""
    async def delete_pool(self, pool: str) -> bool:
        """See `Routing.delete_pool`."""

@final
class Assigned:
    """Who got a record: the answer to `client.routing.assign`.

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
        """The user's id."""
    @property
    def sequence(self) -> float | None:
        """The number of the assignment in its pool, from 1."""
    @property
    def pool_size(self) -> float | None:
        """Active users of the pool."""
    @property
    def timestamp(self) -> str | None:
        """When, ISO 8601."""
    @property
    def credits_consumed(self) -> float | None:
        """Credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left."""
    @property
    def processing_time_ms(self) -> float | None:
        """How long the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the answer was kept from an earlier call and cost nothing."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Pool:
    """Users who take turns: what `client.routing.pools` and `put_pool` answer.

    Example:
        >>> pool = client.routing.put_pool("west", ["005Lc0000000001IAA", "005Lc0000000002IAA"])
        >>> [user.name for user in pool.users]
        ['Maya Reyes', 'Jonas Lindqvist']
        >>> pool.to_dict()
        {'success': True, 'pool': 'west', 'users': [...], 'sequence': 0}
    """

    @property
    def pool(self) -> str:
        """Its name."""
    @property
    def users(self) -> list[PoolUser]:
        """In the order of their turns."""
    @property
    def sequence(self) -> float | None:
        """How many records were assigned."""
    def to_dict(self) -> dict[str, Any]:
        """The fields, those beyond the contract too."""
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
        """The user's id."""
    @property
    def name(self) -> str | None:
        """The user's name."""
    @property
    def active(self) -> bool | None:
        """Whether the user gets records."""
    @property
    def assigned(self) -> float | None:
        """How many records of this pool the user got."""
    def to_dict(self) -> dict[str, Any]:
        """The fields, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...
