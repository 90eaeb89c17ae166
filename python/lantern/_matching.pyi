"""Matching and deduplication on this machine."""

from collections.abc import Mapping
from typing import Any

from lantern._evaluation import AtPrecision
from lantern._matches import Duplicates, Explanation, Matches
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
    threshold: float | AtPrecision | None = None,
    top: int | None = 1,
    one_to_one: bool = False,
    weights: Mapping[str, float] | None = None,
    model: Model | None = None,
    labels: Labels | None = None,
    default_region: str | None = None,
    approximate: bool = False,
    progress: bool = True,
) -> Matches:
    """Match the rows of two tables, on this machine and without an API key or credits.

    Without `rules`, the columns are recognized by their content, columns of the same kind are
    compared, and a model of how matches agree is learned from the tables, without labels (the
    Fellegi-Sunter model, fitted by expectation maximisation). The confidence is the probability
    that the two rows match. With `rules`, a pair matches if all rules of a group hold, and the
    result is the same as if every pair had been compared.

    Args:
        left: Table that exports an Arrow stream. Its rows are matched.
        right: Table to match them against.
        rules: List of field rules that must all hold, such as `["domain:eq", "company:fuzzy0.85"]`,
            or list of such lists, of which one must hold. The operator follows the last colon, so
            names may contain spaces; see `lantern.rules`. `exact` compares values as they are;
            `eq`, `contains` and `fuzzy` compare normalized values. Null and empty values match
            nothing. `fuzzy` is the token sort ratio for company and person names, Jaro-Winkler for
            first and last names, and normalized Levenshtein for the other kinds. `None` (default)
            learns instead.
        fields: Fields to compare: a list of columns; or a mapping of field names to a column, to
            `(left, right)`, to `(left, right, kind)`, or to `{"left", "right", "kind"}`, in which
            several columns can form one value. The kinds are company, person, first_name,
            last_name, email, phone, domain, linkedin, country, category, postal, street, city,
            date, amount, place, list, code and text. `None` (default) chooses them; see
            `lantern.describe`.
        left_id: Column of `left` that identifies its rows. It is not compared.
        right_id: Column of `right` that identifies its rows. It is not compared.
        threshold: Minimum confidence to keep, 0 to 1 (default 0.5 without rules, 0 with rules), or
            `lantern.at_precision`, which chooses it.
        top: Maximum number of matches to keep per left row (default 1); `None` keeps all.
        one_to_one: Whether each right row is matched to at most one left row (default `False`). The
            total confidence is then as high as possible.
        weights: With rules, the weight of each field, above 0 and at most 1. The confidence is 1
            minus the product of `1 - weight * similarity` over the rules.
        model: Without rules, a model that `lantern.learn` returned.
        labels: Known pairs, in one of three forms. Tuples `(left, right, whether they match)`, in
            which numbers are row numbers, and texts and UUIDs are ids if `left_id` and `right_id`
            are named; the decision is `True` or `False`, or as in a table, and `None` if undecided.
            A table with the columns `left_id` and `right_id` (or `left` and `right`, row numbers)
            and `decision` (`yes` or `no`, also in other languages, `1` or `0`, `x`; empty if
            undecided). Or the path of a CSV, Excel, Parquet or Arrow file with such a table, such
            as `Matches.review` writes. Labels bind: a pair known to match is returned, whatever its
            confidence, and a pair known not to match is not. Without rules, the model also learns
            from them, unless `model` has already learned from labels. No confidence is then higher
            than the labels can show: 0.97 if no label shows a sure match. `None` (default) uses no
            labels.
        default_region: Without rules, the region (ISO 3166-1 alpha-2, such as `"US"`) of phone
            numbers without a country code. `None` (default) takes it from a column of countries, or
            from the other numbers.
        approximate: With rules, whether groups of only `fuzzy` and `contains` rules compare each
            value only with the 256 values that share the most rare trigrams with it, instead of
            with every other value (default `False`). `summary()["recall"]` is then the share of all
            matches that this finds, measured on a sample of 200 values.
        progress: Whether to show a progress bar in a terminal or a notebook (default `True`).

    Returns:
        The matches.

    Raises:
        InputError: If a column is missing or has an unsupported type, a rule is invalid,
            `threshold` is outside 0 to 1, `model` was learned on other fields, a decision is
            unclear, or labels contradict each other.
        TypeError: If an argument is not a table.

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
    threshold: float | AtPrecision | None = None,
    weights: Mapping[str, float] | None = None,
    model: Model | None = None,
    labels: Labels | None = None,
    default_region: str | None = None,
    approximate: bool = False,
    progress: bool = True,
) -> Duplicates:
    """Group the rows of a table that describe the same entity.

    Pairs are found as by `lantern.match` and merged into clusters, most confident first. Two
    clusters are merged only if their rows match on average, so that a chain of pairs does not merge
    different entities: without rules, the mean confidence must be at least 0.4 of the threshold;
    with rules that compare similarity, the rules must hold for half of the pairs. All pairs of
    equal rows are returned. If rules would give more than five million of them, each row is paired
    only with the first, and `summary()["warnings"]` says so.

    Args:
        table: Table that exports an Arrow stream.
        rules: As for `lantern.match`; `None` (default) learns instead.
        fields: As for `lantern.match`.
        id: Column that identifies the rows. It is not compared.
        threshold: Minimum confidence of a pair, 0 to 1 (default 0.5 without rules, 0 with rules),
            or `lantern.at_precision`, which chooses it.
        weights: As for `lantern.match`.
        model: As for `lantern.match`.
        labels: As for `lantern.match`. Rows of a pair known to match are in one cluster, and those
            of a pair known not to match are in two.
        default_region: As for `lantern.match`.
        approximate: As for `lantern.match`.
        progress: Whether to show a progress bar in a terminal or a notebook (default `True`).

    Returns:
        The rows with their clusters.

    Raises:
        InputError: If a column, a rule or another argument is invalid; see `lantern.match`.
        TypeError: If an argument is not a table.

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
    default_region: str | None = None,
    progress: bool = True,
) -> Model:
    """Learn a model of how the matches of two tables, or the duplicates of one table, agree.

    The model can be inspected, saved, and passed to `lantern.match` and `lantern.dedupe`.

    Args:
        left: Table that exports an Arrow stream.
        right: Table to match it against; `None` (default) learns the duplicates of `left`.
        fields: As for `lantern.match`.
        left_id: Column of `left` that identifies its rows. It is not compared.
        right_id: Column of `right` that identifies its rows. It is not compared.
        labels: As for `lantern.match`.
        default_region: As for `lantern.match`.
        progress: Whether to show a progress bar in a terminal or a notebook (default `True`).

    Returns:
        The model.

    Raises:
        InputError: If a column or another argument is invalid; see `lantern.match`.
        TypeError: If an argument is not a table.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     people = server.people()
        >>> model = lantern.learn(people, fields=["first_name", "last_name", "company_name"])
        >>> model.table().column_names
        ['field', 'kind', 'agreement', 'm', 'u']
    """

def describe(
    left: TableLike,
    right: TableLike | None = None,
    *,
    left_id: str | None = None,
    right_id: str | None = None,
) -> Table:
    """Describe how `lantern.match` and `lantern.dedupe` would use each column.

    Args:
        left: Table that exports an Arrow stream.
        right: Table to match it against; `None` (default) describes the deduplication of `left`.
        left_id: Column of `left` that identifies its rows. It is left out.
        right_id: Column of `right` that identifies its rows. It is left out.

    Returns:
        A table with one row per column:

        - `side`: `left` or `right`; `left` if there is only one table.
        - `column`: the name of the column.
        - `kind`: the kind of its values, such as `company`.
        - `because`: what the kind was recognized by.
        - `nulls`: the share of missing values, 0 to 1. Placeholders such as `n/a` count as missing.
        - `field`: the field in which it is compared; null if it is not compared.
        - `compared_with`: the columns of the other side that it is compared with.
        - `why_not`: why it is not compared; null if it is.
        - `change`: how to change this.

    Raises:
        InputError: If `left_id` or `right_id` is missing.
        TypeError: If an argument is not a table.

    Example:
        >>> import lantern, polars as pl
        >>> leads = pl.DataFrame({"Firma": ["Acme GmbH", "Globex AG"], "Stadt": ["Bonn", "Köln"]})
        >>> accounts = pl.DataFrame({"company": ["Acme", "Globex"], "employees": [120, 40]})
        >>> described = lantern.describe(leads, accounts).to_polars()
        >>> described.select("column", "kind", "compared_with").rows()[:2]
        [('Firma', 'company', ['company']), ('Stadt', 'city', [])]
    """

def explain_plan(
    left: TableLike, right: TableLike | None, rules: Rules, *, fields: Fields | None = None
) -> Table:
    """Explain how rules would find their pairs, without finding them.

    Args:
        left: As for `lantern.match`.
        right: As for `lantern.match`; `None` explains the deduplication of `left`.
        rules: As for `lantern.match`.
        fields: As for `lantern.match`.

    Returns:
        A table with one row per group of rules:

        - `rules`: the group.
        - `join`: the rules on which the tables are joined.
        - `scan`: if there is no such rule, the rule whose distinct values are all compared.
        - `candidates`: the number of pairs of rows that the join finds, or of pairs of distinct
          values that the scan compares.
        - `warning`: what would take long, and what to do about it.

    Raises:
        InputError: If a column or a rule is invalid; see `lantern.match`.
        TypeError: If an argument is not a table.

    Example:
        >>> import lantern, polars as pl
        >>> a = pl.DataFrame({"domain": ["acme.com", "globex.com"]})
        >>> lantern.explain_plan(a, a, ["domain:eq"]).to_pylist()
        [{'rules': 'domain:eq', 'join': 'domain:eq', 'scan': None, 'candidates': 2,
          'warning': None}]
    """

def explain(
    a: TableLike | Mapping[str, Any],
    b: TableLike | Mapping[str, Any] | None = None,
    rules: Rules | None = None,
    *,
    left: int | str | None = None,
    right: int | str | None = None,
    fields: Fields | None = None,
    left_id: str | None = None,
    right_id: str | None = None,
    threshold: float | AtPrecision | None = None,
    top: int | None = 1,
    one_to_one: bool = False,
    weights: Mapping[str, float] | None = None,
    model: Model | None = None,
    labels: Labels | None = None,
    default_region: str | None = None,
) -> Explanation:
    """Explain why two rows match, or why they do not.

    Matches as `lantern.match` does, or `lantern.dedupe` if `b` is `None`, and explains one pair.
    For several pairs, match once and call `Matches.explain`.

    Args:
        a: Left table, or one record as a mapping.
        b: Right table, or one record as a mapping; `None` (default) compares two rows of `a`.
        rules: As for `lantern.match`.
        left: Row of `a`: its number, or its id if `left_id` is named (default 0).
        right: Row of `b`, or the other row of `a` (default 0; 1 if `b` is `None`).
        fields: As for `lantern.match`.
        left_id: As for `lantern.match`.
        right_id: As for `lantern.match`.
        threshold: As for `lantern.match`.
        top: As for `lantern.match`.
        one_to_one: As for `lantern.match`.
        weights: As for `lantern.match`.
        model: As for `lantern.match`.
        labels: As for `lantern.match`.
        default_region: As for `lantern.match`.

    Returns:
        The explanation. `why_not` says why a pair is not among the matches.

    Raises:
        InputError: If there is no such row, or an argument is invalid; see `lantern.match`.
        TypeError: If an argument is neither a table nor a mapping.

    Example:
        >>> import lantern
        >>> one, other = {"company": "ACME Inc."}, {"company": "Acme Foods"}
        >>> explanation = lantern.explain(one, other, ["company:fuzzy0.85"])
        >>> explanation.matched, explanation.table().to_pylist()[0]["agreement"]
        (False, 'only 0.571 alike, below 0.85')
    """
