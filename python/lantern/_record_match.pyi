"""The answer of `client.match`."""

from typing import Any, final

@final
class Matched:
    """The matches of each candidate, as returned by `client.match`.

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
        """Matches of each candidate, in the order of the candidates."""
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
class CandidateMatches:
    """The matches of one candidate.

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
    def candidate_index(self) -> int | None:
        """Position of the candidate in the request, from 0, where the API says it."""
    @property
    def candidate_id(self) -> str | None:
        """The candidate's `id`, or `None` if it has none."""
    @property
    def matches(self) -> list[RecordMatch]:
        """Matching records, most confident first."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class RecordMatch:
    """One Salesforce record that matches a candidate.

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
        """Salesforce id of the record."""
    @property
    def confidence(self) -> float | None:
        """Confidence in the match, 0 to 1."""
    @property
    def matched_rules(self) -> list[str]:
        """Rules that hold for the pair."""
    @property
    def explanation(self) -> str | None:
        """Reason for the match, in words."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...
