"""Conversion of leads, `client.salesforce`, and its answer."""

from collections.abc import Mapping
from typing import Any, final

@final
class Salesforce:
    """Leads of Salesforce: `client.salesforce`.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(limits="off") as server:
        ...     client = server.client()
        ...     first = client.salesforce.convert(lead_sf_id="00QLc0000000001MAA")
        ...     again = client.salesforce.convert(lead_sf_id="00QLc0000000001MAA")
        ...     first.status, again.status, first.contact_id == again.contact_id
        ('converted', 'duplicate', True)
    """

    def convert(
        self,
        *,
        lead_sf_id: str,
        match_policy: Mapping[str, Any] | None = None,
        merge_policy: Mapping[str, Any] | None = None,
        set_owner_round_robin_pool: str | None = None,
        logs: Any = None,
    ) -> Converted:
        """Converts a lead to a contact and an account: `POST /v1/salesforce/convert`.

        A lead that is converted already answers `duplicate`; so the call may be sent again.

        Args:
            lead_sf_id: The lead's Salesforce id.
            match_policy: By what the contact and the account are looked for, such as
                `{"contact": {"by": ["email:eq"], "create_if_no_match": True}}`.
            merge_policy: What to do where they are found: `on_contact_match`
                (`merge_lead_into_contact` or `create_separate_contact`) and `on_account_match`
                (`attach_to_account` or `create_separate_account`).
            set_owner_round_robin_pool: The pool that the owner is taken from, by turns.
            logs: What to log; the API does not say how.

        Raises:
            ValidationError: The request does not hold to the contract, or the id is of no lead.
            NotFoundError: There is no such lead or pool.

        Example:
            >>> answer = client.salesforce.convert(
            ...     lead_sf_id="00QLc0000000003MAA",
            ...     match_policy={"contact": {"by": ["email:eq"], "create_if_no_match": True}},
            ...     merge_policy={"on_account_match": "attach_to_account"},
            ... )
            >>> answer.status, answer.actions[-1]
            ('converted', 'converted_lead')
        """

@final
class AsyncSalesforce:
    """`Salesforce`, awaitable: `async_client.salesforce`.

    Example:
        >>> import asyncio
        >>> async def convert(lead: str) -> str:
        ...     async with server.async_client() as client:
        ...         return (await client.salesforce.convert(lead_sf_id=lead)).status
        >>> asyncio.run(convert("00QLc0000000004MAA"))
        'converted'
    """

    async def convert(
        self,
        *,
        lead_sf_id: str,
        match_policy: Mapping[str, Any] | None = None,
        merge_policy: Mapping[str, Any] | None = None,
        set_owner_round_robin_pool: str | None = None,
        logs: Any = None,
    ) -> Converted:
        """See `Salesforce.convert`."""

@final
class Converted:
    """What became of a lead: the answer to `client.salesforce.convert`.

    Example:
        >>> client.salesforce.convert(lead_sf_id="00QLc0000000001MAA").to_dict()
        {'success': True, 'status': 'converted', 'account_id': '001...', 'contact_id': '003...',
         'owner_id': '005Lc0000000004IAA',
         'actions': ['created_account:001...', 'merged_into_contact:003...', 'converted_lead'],
         'credits_consumed': 0, 'credits_remaining': ..., 'processing_time_ms': ...,
         'cached': False}
    """

    @property
    def status(self) -> str | None:
        """`converted`, `failed` or `duplicate`."""
    @property
    def account_id(self) -> str | None:
        """The account."""
    @property
    def contact_id(self) -> str | None:
        """The contact."""
    @property
    def owner_id(self) -> str | None:
        """Who owns it."""
    @property
    def actions(self) -> list[str]:
        """What was done, in order."""
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
