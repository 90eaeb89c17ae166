"""Conversion of leads, `client.salesforce`, and its answer."""

from collections.abc import Mapping
from typing import Any, final

@final
class Salesforce:
    """Conversion of Salesforce leads: `client.salesforce`.

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
        extra: Mapping[str, Any] | None = None,
    ) -> Converted:
        """Convert a lead to a contact and an account: `POST /v1/salesforce/convert`.

        The call is safe to retry: for a lead that is already converted, the status is `duplicate`.

        Args:
            lead_sf_id: Salesforce id of the lead.
            match_policy: Rules by which the contact and the account are found, such as `{"contact":
                {"by": ["email:eq"], "create_if_no_match": True}}`.
            merge_policy: What happens if they are found: `on_contact_match` is
                `merge_lead_into_contact` or `create_separate_contact`, and `on_account_match` is
                `attach_to_account` or `create_separate_account`.
            set_owner_round_robin_pool: Name of the pool whose next user becomes the owner.
            logs: Logging options, passed on as they are. The API does not document them.
            extra: Fields of the API that this version of lantern does not know, nested as in the
                request. Unknown names anywhere else are refused.

        Raises:
            ValidationError: If an argument is invalid, or the id is not that of a lead.
            NotFoundError: If the lead or the pool does not exist.

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
    """The awaitable form of `Salesforce`: `async_client.salesforce`.

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
        extra: Mapping[str, Any] | None = None,
    ) -> Converted:
        """Convert a lead to a contact and an account; see `Salesforce.convert`."""

@final
class Converted:
    """The result of a conversion, as returned by `client.salesforce.convert`.

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
        """`converted`, `failed` or `duplicate` (already converted)."""
    @property
    def account_id(self) -> str | None:
        """Id of the account."""
    @property
    def contact_id(self) -> str | None:
        """Id of the contact."""
    @property
    def owner_id(self) -> str | None:
        """Id of the user who owns the records."""
    @property
    def actions(self) -> list[str]:
        """Actions that were taken, in order."""
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
