"""Field rules, put together from their parts, for `lantern.match`, `client.match` and the rest.

A rule is text such as `"company:fuzzy0.85"`: a field, an operator, and how alike the values must
be. These functions write it and say at once what is wrong with it; `parse` reads one.

Example:
    >>> import lantern
    >>> from lantern import rules
    >>> [rules.eq("email"), rules.fuzzy("company", 0.9)]
    ['email:eq', 'company:fuzzy0.9']
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from lantern._lantern import _field_rule

__all__ = ["Rule", "contains", "eq", "exact", "fuzzy", "parse"]


class Rule(NamedTuple):
    """A rule in its parts; `str(rule)` is the text.

    Attributes:
        field: The field, or several joined by `_` (`name_company`).
        operator: What must hold between the two values.
        similarity: The least similarity of `fuzzy`, above 0 and at most 1; None for the others.

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
        """The rule as text."""
        least = "" if self.similarity is None else f"{self.similarity!r}"
        return f"{self.field}:{self.operator}{least}"


def exact(field: str) -> str:
    """The two texts are the same, letter by letter.

    Args:
        field: The field, or several joined by `_` (`name_company`).

    Returns:
        The rule as text.

    Raises:
        InputError: It is no field's name.

    Example:
        >>> from lantern import rules
        >>> rules.exact("email")
        'email:exact'
    """
    return _written(Rule(field, "exact"))


def eq(field: str) -> str:
    """The normalized values are the same.

    Args:
        field: The field, or several joined by `_` (`name_company`).

    Returns:
        The rule as text.

    Raises:
        InputError: It is no field's name.

    Example:
        >>> from lantern import rules
        >>> rules.eq("name_company")
        'name_company:eq'
    """
    return _written(Rule(field, "eq"))


def contains(field: str) -> str:
    """One normalized value holds the other.

    Args:
        field: The field, or several joined by `_` (`name_company`).

    Returns:
        The rule as text.

    Raises:
        InputError: It is no field's name.

    Example:
        >>> from lantern import rules
        >>> rules.contains("domain")
        'domain:contains'
    """
    return _written(Rule(field, "contains"))


def fuzzy(field: str, similarity: float = 0.85) -> str:
    """The normalized values are at least so similar.

    Args:
        field: The field, or several joined by `_` (`name_company`).
        similarity: Above 0 and at most 1.

    Returns:
        The rule as text.

    Raises:
        InputError: It is no field's name, or the similarity is beyond its bounds.

    Example:
        >>> from lantern import rules
        >>> rules.fuzzy("company", 0.9)
        'company:fuzzy0.9'
    """
    return _written(Rule(field, "fuzzy", similarity))


def parse(rule: str) -> Rule:
    """Reads a rule.

    Args:
        rule: Text such as `company:fuzzy0.85`; spaces around its parts do not matter.

    Returns:
        Its parts.

    Raises:
        InputError: It is no rule; the message says what is wrong and what to write.

    Example:
        >>> from lantern import rules
        >>> rules.parse("company:fuzzy0.85")
        Rule(field='company', operator='fuzzy', similarity=0.85)
    """
    field, operator, similarity = _field_rule(rule)
    return Rule(field, operator, similarity)


def _written(rule: Rule) -> str:
    return str(parse(str(rule)))
