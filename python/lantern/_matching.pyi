"""Matching and deduplication on this machine."""

from collections.abc import Mapping

from lantern._matches import Duplicates, Matches
from lantern._model import Model
from lantern._table import Table
from lantern._types import Fields, Labels, Rules, TableLike

def match(
    left: TableLike,
    right: TableLike,
    rules: Rules | None = None,
    *,
    fields: Fields | None = None,
    left_id: str | None = None,
    right_id: str | None = None,
    threshold: float | None = None,
    top: int | None = 1,
    one_to_one: bool = False,
    weights: Mapping[str, float] | None = None,
    model: Model | None = None,
    labels: Labels | None = None,
    approximate: bool = False,
    progress: bool = True,
) -> Matches:
    """Matches the rows of two tables on this machine, with no key and no credits.

    Without `rules`, it recognizes what the columns hold, compares those that belong together, and
    learns without labels how matches agree (Fellegi and Sunter's model, by expectation
    maximisation); the confidence is the probability of the match. With rules, a pair matches if
    all rules of a group hold, and the result equals that of comparing every pair.

    Args:
        left: Any table that exports an Arrow stream; its rows are matched.
        right: The table that they are matched against.
        rules: Field rules that must all hold, such as `["domain:eq", "company:fuzzy0.85"]`; or
            a list of such lists, of which one must. `exact` compares what is there, `eq`,
            `contains` and `fuzzy` normalized values. Null and empty match nothing. Fuzzy is token
            sort for company and person names, Jaro-Winkler for first and last names, normalized
            Levenshtein for the rest.
        fields: What to compare: a list of columns, or a mapping of a field's name to a column,
            to `(left, right)`, to `(left, right, kind)`, or to `{"left", "right", "kind"}`, where
            several columns may make one value. Kinds: company, person, first_name, last_name,
            email, phone, domain, linkedin, country, category, postal, street, city, date, code,
            text.
        left_id: A column of `left` that identifies its rows; it is no evidence.
        right_id: The same of `right`.
        threshold: The least confidence, 0 to 1; 0.5 without rules, 0 with them.
        top: The most matches of a left row; None for all.
        one_to_one: Whether a right row is given to one left row at most; the confidences then add
            up to the most that is possible.
        weights: With rules: how much a field says, above 0 and at most 1. The confidence is 1 minus
            the product of what the rules leave open, each its weight times its similarity.
        model: Without rules: what `lantern.learn` learned before.
        labels: Without rules: pairs that are known, `(left row, right row, whether they match)`.
        approximate: With rules: whether groups with `fuzzy` and `contains` alone, which compare
            every value with every other, look at the 256 values with the most rare trigrams in
            common alone; `summary()["recall"]` then gives the share of all matches that this
            finds, measured on 200 values.
        progress: Whether long work shows a bar in a terminal or a notebook.

    Raises:
        InputError: A column that is not there or cannot be matched, a rule that is none, a
            threshold beyond 0 to 1, a model of other fields.
        TypeError: What is no table.

    Example:
        >>> import lantern, polars as pl
        >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
        >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
        >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
        >>> matches.table().to_polars().select("left", "right", "confidence").rows()
        [(0, 1, 0.65)]
    """

def dedupe(
    table: TableLike,
    rules: Rules | None = None,
    *,
    fields: Fields | None = None,
    id: str | None = None,
    threshold: float | None = None,
    weights: Mapping[str, float] | None = None,
    model: Model | None = None,
    labels: Labels | None = None,
    approximate: bool = False,
    progress: bool = True,
) -> Duplicates:
    """Finds rows of one table that are the same, as clusters.

    Pairs are found as `lantern.match` finds them, and joined from the surest on; two clusters are
    joined only if their rows match on average by half the threshold, so that chains of pairs do
    not make unlike rows one. With rules, more than 64 rows that are equal under them are each
    paired with the first alone.

    Args:
        table: Any table that exports an Arrow stream.
        rules: As for `lantern.match`; None to learn.
        fields: As for `lantern.match`.
        id: A column that identifies rows; it is no evidence.
        threshold: The least confidence of a pair, 0 to 1; 0.5 without rules, 0 with them.
        weights: As for `lantern.match`.
        model: As for `lantern.match`.
        labels: Pairs of rows that are known.
        approximate: As for `lantern.match`.
        progress: Whether long work shows a bar.

    Raises:
        InputError: As for `lantern.match`.
        TypeError: What is no table.

    Example:
        >>> import lantern, polars as pl
        >>> people = pl.DataFrame({"email": ["ada@acme.com", "bob@acme.com", "Ada@Acme.com"]})
        >>> lantern.dedupe(people, ["email:eq"]).table().to_polars()["cluster"].to_list()
        [0, 1, 0]
    """

def learn(
    left: TableLike,
    right: TableLike | None = None,
    *,
    fields: Fields | None = None,
    left_id: str | None = None,
    right_id: str | None = None,
    labels: Labels | None = None,
    progress: bool = True,
) -> Model:
    """Learns how matches of two tables, or duplicates of one, agree, to look at and to use again.

    Args:
        left: Any table that exports an Arrow stream.
        right: The table that it is matched against; None for duplicates of `left`.
        fields: As for `lantern.match`.
        left_id: A column that identifies rows; it is no evidence.
        right_id: The same of `right`.
        labels: Pairs that are known, `(left row, right row, whether they match)`.
        progress: Whether long work shows a bar.

    Raises:
        InputError: As for `lantern.match`.
        TypeError: What is no table.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     people = server.people()
        >>> model = lantern.learn(people, fields=["first_name", "last_name", "company_name"])
        >>> model.table().column_names
        ['field', 'kind', 'agreement', 'm', 'u']
    """

def explain_plan(
    left: TableLike, right: TableLike | None, rules: Rules, *, fields: Fields | None = None
) -> Table:
    """How rules would find their pairs, without finding them: one row a group of rules.

    `join` names the rules that are joined on, `scan` the one whose distinct values are compared
    with each other where there is none to join on; `candidates` counts the pairs of rows that the
    join finds, or the pairs of distinct values that the scan compares; `warning` says what would
    take long, and what to do.

    Args:
        left: As for `lantern.match`.
        right: As for `lantern.match`; None for duplicates of `left`.
        rules: As for `lantern.match`.
        fields: As for `lantern.match`.

    Raises:
        InputError: As for `lantern.match`.
        TypeError: What is no table.

    Example:
        >>> import lantern, polars as pl
        >>> a = pl.DataFrame({"domain": ["acme.com", "globex.com"]})
        >>> lantern.explain_plan(a, a, ["domain:eq"]).to_pylist()
        [{'rules': 'domain:eq', 'join': 'domain:eq', 'scan': None, 'candidates': 2,
          'warning': None}]
    """
