"""Field rules for `lantern.match`, `client.match` and the other matching functions.

A rule is text such as `"company:fuzzy0.85"`: a field, an operator, and the minimum similarity of
the values. These functions write a rule and check it immediately; `parse` reads one. The operator
follows the last colon, so a field's name may hold spaces and colons (`"Account Name:eq"`). A name
that begins or ends with a space, begins with a quotation mark or holds a line break stands in
quotation marks, in which a quotation mark is written twice.

Example:
    >>> import lantern
    >>> from lantern import rules
    >>> [rules.eq("email"), rules.fuzzy("Account Name", 0.9), rules.exact(" id")]
    ['email:eq', 'Account Name:fuzzy0.9', '" id":exact']
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from lantern._lantern import _field_rule, _rule_text

__all__ = ["Rule", "contains", "eq", "exact", "fuzzy", "parse"]


class Rule(NamedTuple):
    """A rule as its parts; `str(rule)` is its text.

    Attributes:
        field: Name of the field, or several joined by `_` (`name_company`).
        operator: Condition on the two values: `exact`, `eq`, `contains` or `fuzzy`.
        similarity: Minimum similarity for `fuzzy`, above 0 and at most 1; `None` for the others.

    Example:
        >>> from lantern import rules
        >>> rule = rules.Rule("company", "fuzzy", 0.9)
        >>> str(rule)
        'company:fuzzy0.9'
    """

    field: str
    operator: Literal["exact", "eq", "contains", "fuzzy"]
    similarity: float | None = None

    def __str__(self) -> str:
        """Return the rule as text."""
        return _rule_text(self.field, self.operator, self.similarity)


def exact(field: str) -> str:
    """Write the rule that two values are identical, letter by letter.

    Args:
        field: Name of the field, or several joined by `_` (`name_company`).

    Returns:
        The rule as text.

    Raises:
        InputError: If `field` is empty.

    Example:
        >>> from lantern import rules
        >>> rules.exact("email")
        'email:exact'
    """
    return str(Rule(field, "exact"))


def eq(field: str) -> str:
    """Write the rule that two normalized values are equal.

    Args:
        field: Name of the field, or several joined by `_` (`name_company`).

    Returns:
        The rule as text.

    Raises:
        InputError: If `field` is empty.

    Example:
        >>> from lantern import rules
        >>> rules.eq("name_company")
        'name_company:eq'
    """
    return str(Rule(field, "eq"))


def contains(field: str) -> str:
    """Write the rule that one normalized value contains the other.

    Args:
        field: Name of the field, or several joined by `_` (`name_company`).

    Returns:
        The rule as text.

    Raises:
        InputError: If `field` is empty.

    Example:
        >>> from lantern import rules
        >>> rules.contains("domain")
        'domain:contains'
    """
    return str(Rule(field, "contains"))


def fuzzy(field: str, similarity: float = 0.85) -> str:
    """Write the rule that two normalized values have at least the given similarity.

    Args:
        field: Name of the field, or several joined by `_` (`name_company`).
        similarity: Minimum similarity, above 0 and at most 1 (default 0.85).

    Returns:
        The rule as text.

    Raises:
        InputError: If `field` is empty, or `similarity` is out of range.

    Example:
        >>> from lantern import rules
        >>> rules.fuzzy("company", 0.9)
        'company:fuzzy0.9'
    """
    return str(Rule(field, "fuzzy", similarity))


def parse(rule: str) -> Rule:
    """Split a rule into its parts.

    Args:
        rule: Text such as `company:fuzzy0.85`. Spaces around its parts are ignored.

    Returns:
        The parts of the rule.

    Raises:
        InputError: If the rule is invalid. The message says what is wrong and what to write.

    Example:
        >>> from lantern import rules
        >>> rules.parse("company:fuzzy0.85")
        Rule(field='company', operator='fuzzy', similarity=0.85)
    """
    field, operator, similarity = _field_rule(rule)
    return Rule(field, operator, similarity)
