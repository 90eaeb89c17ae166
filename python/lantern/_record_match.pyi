"""The answer of `client.match`."""

from typing import Any, final

@final
class Matched:
    """What was found for each candidate: the answer to `client.match`.

    Example:
        >>> answer = client.match(
        ...     object="contact",
        ...     candidates=[{"email": "gabriel.siqueira@silvertec-assurances.fr"}],
        ...     rules=["email:eq"],
        ... )
        >>> [found.matches[0].sf_id for found in answer.results]
        ['003Lc000000001dIAA']
        >>> answer.to_dict()
        {'success': True, 'results': [...], 'credits_consumed': 1, 'credits_remaining': ...,
         'processing_time_ms': ..., 'cached': False, ...}
    """

    @property
    def results(self) -> list[CandidateMatches]:
        """One for each candidate, in their order."""
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
class CandidateMatches:
    """What was found for one candidate.

    Example:
        >>> answer = client.match(
        ...     object="contact",
        ...     candidates=[{"id": 7, "email": "nobody@nowhere.example"}],
        ...     rules=["email:eq"],
        ... )
        >>> answer.results[0].to_dict()
        {'candidate_index': 0, 'candidate_id': '7', 'matches': []}
    """

    @property
    def candidate_index(self) -> int:
        """The candidate's place in the request, from 0."""
    @property
    def candidate_id(self) -> str | None:
        """The candidate's `id`, if it has one."""
    @property
    def matches(self) -> list[RecordMatch]:
        """The most confident first."""
    def to_dict(self) -> dict[str, Any]:
        """The fields, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class RecordMatch:
    """One Salesforce record that a candidate may be.

    Example:
        >>> answer = client.match(
        ...     object="contact",
        ...     candidates=[{"last_name": "Ishida", "company": "Stonepeak Seisakusho"}],
        ...     rules=["last_name:eq", "company:fuzzy0.85"],
        ... )
        >>> answer.results[0].matches[0].to_dict()
        {'sf_id': '003Lc0000000001IAA', 'confidence': 0.8425,
         'matched_rules': ['last_name:eq', 'company:fuzzy0.85'],
         'explanation': "last_name is the same ('ishida'); company is 1.000 alike
         ('stonepeak seisakusho')"}
    """

    @property
    def sf_id(self) -> str | None:
        """The record's id."""
    @property
    def confidence(self) -> float | None:
        """How sure it is, 0 to 1."""
    @property
    def matched_rules(self) -> list[str]:
        """The rules that hold."""
    @property
    def explanation(self) -> str | None:
        """Why, in words."""
    def to_dict(self) -> dict[str, Any]:
        """The fields, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...
