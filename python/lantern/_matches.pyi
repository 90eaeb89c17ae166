"""The results of matching and deduplication."""

from collections.abc import Mapping, Sequence
from typing import Any, final

from lantern._model import Model
from lantern._table import Table
from lantern._types import PathLike, TableLike

@final
class Matches:
    """Matching pairs of rows, as returned by `lantern.match`. Exports an Arrow stream.

    The columns are `left` and `right` (row numbers, uint64), `left_id` and `right_id` if they were
    named, `confidence` (0 to 1) and `rules` (the rules that hold; null if no rules were given).
    Pairs are sorted by left row, then by descending confidence.

    Example:
        >>> import lantern, polars as pl
        >>> a = pl.DataFrame({"domain": ["acme.com", "globex.com"]})
        >>> b = pl.DataFrame({"domain": ["https://www.acme.com", "initech.com"]})
        >>> matches = lantern.match(a, b, ["domain:eq"])
        >>> len(matches), matches.unmatched_left().to_polars()["domain"].to_list()
        (1, ['globex.com'])
    """

    def __len__(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def table(self) -> Table:
        """Return the matches as a table.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> matches.table().to_pylist()
            [{'left': 0, 'right': 1, 'confidence': 0.65, 'rules': ['company:fuzzy0.85']}]
        """
    def unmatched_left(self) -> Table:
        """Return the left rows without a match: `row`, and the columns of the left table.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> matches.unmatched_left().to_pylist()
            [{'row': 1, 'company': 'Globex'}]
        """
    def unmatched_right(self) -> Table:
        """Return the right rows without a match: `row`, and the columns of the right table.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> matches.unmatched_right().to_pylist()
            [{'row': 0, 'company': 'Initech LLC'}]
        """
    def summary(self) -> dict[str, Any]:
        """Return the numbers of rows, matches and pairs, the threshold and the mean confidence.

        `recall` is the share of all matches that was found among the pairs that were compared,
        0 to 1; it is measured with `approximate=True`, estimated where rows may have several
        matches, and otherwise `None`. `labels` is the number of labels that bind. `precision` is
        what `lantern.at_precision` expects at the threshold that it chose, as (value, low, high)
        with a 95 % interval. `warnings` are sentences about problems of the data.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> matches.summary()
            {'left_rows': 2, 'right_rows': 2, 'matches': 1, 'matched_left': 1, 'unmatched_left': 1,
             'unmatched_right': 1, 'compared': 1, 'threshold': 0.0, 'mean_confidence': 0.65,
             'recall': None, 'labels': 0, 'precision': None, 'warnings': []}
        """
    def explain(
        self,
        i: int | None = None,
        *,
        left: int | str | None = None,
        right: int | str | None = None,
    ) -> Explanation:
        """Explain why two rows match, or why they do not.

        Args:
            i: Number of the match, its row in `table()`, from 0. Negative numbers count from the
                end.
            left: Instead of `i`, the left row of any pair: its number, or its id if `left_id` was
                named.
            right: The right row of that pair; of duplicates, the other row.

        Raises:
            IndexError: If there is no such match.
            InputError: If there is no such row, or an id occurs more than once.
            TypeError: If neither `i` nor both `left` and `right` are given.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> print(matches.explain(-1))
            Left row 0 and right row 1 match with confidence 0.650: company is 1.000 alike ('acme').
            >>> matches.explain(left=1, right=0).why_not
            "no group of rules holds; the nearest fails at 'company:fuzzy0.85' (company is only
            0.154 alike, below 0.85)"
        """
    def joined(
        self, left: Sequence[str] | None = None, right: Sequence[str] | None = None
    ) -> Table:
        """Return the matches with the columns of both sides.

        Args:
            left: Columns of the left table; `None` (default) takes all.
            right: Columns of the right table; `None` (default) takes all.

        Returns:
            A table with one row per match: `left`, `right`, `left_id` and `right_id` if they were
            named, `confidence`, then the columns as `left_<column>` and `right_<column>`.

        Raises:
            InputError: If a column is missing.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."], "seats": [3, 5]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> matches.joined(right=["seats"]).to_pylist()
            [{'left': 0, 'right': 1, 'confidence': 0.65, 'left_company': 'ACME Incorporated',
              'right_seats': 5}]
        """
    def review(self, n: int = 50, path: PathLike | None = None) -> Table:
        """Choose the pairs from which matching learns most when a person decides them.

        Unsure pairs, and pairs that agree in different ways, are preferred. Without rules, pairs
        below the threshold are chosen as well. Pairs that a label already decides are left out.

        Args:
            n: Maximum number of pairs (default 50). Several small reviews teach more than a large
                one.
            path: File to which to write the pairs as well: an `.html` page that works offline and
                saves the decisions as a CSV file, or an `.xlsx` or `.csv` file in whose column
                `decision` you write `yes` or `no`. Pass the file with the decisions as `labels=`.
                `None` (default) writes no file.

        Returns:
            The pairs, least sure first: `left`, `right`, `left_id` and `right_id` if they were
            named, `decision` (empty), `confidence`, `because`, and for each field the values of
            both sides.

        Raises:
            InputError: If the file cannot be written, or its name has another ending.

        Example:
            >>> import pathlib, tempfile
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     pairs = matches.review(10, pathlib.Path(folder, "review.html"))
            >>> pairs.to_pylist()[0]["because"]
            "company is 1.000 alike ('acme')"
        """
    @property
    def model(self) -> Model | None:
        """Model that was learned; `None` if rules were given."""
    def plot(self) -> Any:
        """Draw the number of matches by confidence (an `altair.Chart`), on a logarithmic scale.

        The chart holds the counts, not the matches.

        Raises:
            ImportError: If Altair is not installed.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> type(matches.plot()).__name__.endswith("Chart")
            True
        """
    def _repr_html_(self) -> str: ...
    def _histogram(self, bars: int) -> list[int]: ...
    def _shown(
        self, count: int
    ) -> list[tuple[float, list[tuple[str, str | None, str | None]]]]: ...

@final
class Explanation:
    """Why two rows match: a sentence, and the contribution of each field.

    Example:
        >>> import lantern, polars as pl
        >>> a = pl.DataFrame({"domain": ["acme.com"]})
        >>> explanation = lantern.match(a, a, ["domain:eq"]).explain(0)
        >>> explanation.sentence
        "Left row 0 and right row 0 match with confidence 0.750: domain is the same ('acme.com')."
        >>> explanation.left, explanation.right, explanation.confidence
        (0, 0, 0.75)
    """

    @property
    def left(self) -> int:
        """Number of the left row."""
    @property
    def right(self) -> int:
        """Number of the right row."""
    @property
    def confidence(self) -> float:
        """Confidence in the match, 0 to 1."""
    @property
    def matched(self) -> bool:
        """Whether the pair is among the matches."""
    @property
    def why_not(self) -> str | None:
        """Why the pair is not among the matches; `None` if it is."""
    @property
    def sentence(self) -> str:
        """Reason for the match, or why there is none, in one sentence."""
    def table(self) -> Table:
        """Return each field's contribution: `field`, `left`, `right`, `agreement`, `weight`.

        With a learned model, the weights are bits and add up to the log-odds of the confidence
        (base 2); the last rows are the prior and the effect of competing candidates. With rules,
        the weights add up to the confidence.

        Example:
            >>> a = pl.DataFrame({"domain": ["acme.com"]})
            >>> lantern.match(a, a, ["domain:eq"]).explain(0).table().to_pylist()
            [{'field': 'domain', 'left': 'acme.com', 'right': 'acme.com', 'agreement': 'the same',
              'weight': 0.75}]
        """
    def plot(self) -> Any:
        """Draw the contributions as a waterfall (an `altair.Chart`).

        Raises:
            ImportError: If Altair is not installed.

        Example:
            >>> a = pl.DataFrame({"domain": ["acme.com"]})
            >>> explanation = lantern.match(a, a, ["domain:eq"]).explain(0)
            >>> type(explanation.plot()).__name__.endswith("Chart")
            True
        """
    def _repr_html_(self) -> str: ...

@final
class Duplicates:
    """The rows of a table in clusters, as returned by `lantern.dedupe`. Exports an Arrow stream.

    The columns are `row` (uint64), `id` if it was named, `cluster` (numbered from 0 in the order of
    first appearance) and `rows` (size of the cluster).

    Example:
        >>> import lantern, polars as pl
        >>> people = pl.DataFrame({"email": ["a@acme.com", "A@acme.com"], "phone": [None, "1"]})
        >>> duplicates = lantern.dedupe(people, ["email:eq"])
        >>> duplicates.golden(provenance=False).to_pylist()
        [{'cluster': 0, 'rows': 2, 'email': 'a@acme.com', 'phone': '1'}]
        >>> duplicates.pairs.table().to_pylist()
        [{'left': 1, 'right': 0, 'confidence': 0.97, 'rules': ['email:eq']}]
    """

    def __len__(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def table(self) -> Table:
        """Return the cluster of each row as a table.

        Example:
            >>> people = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> duplicates = lantern.dedupe(people, ["email:eq"])
            >>> duplicates.table().to_pylist()
            [{'row': 0, 'cluster': 0, 'rows': 2}, {'row': 1, 'cluster': 1, 'rows': 1},
             {'row': 2, 'cluster': 0, 'rows': 2}]
        """
    @property
    def pairs(self) -> Matches:
        """Pairs from which the clusters were formed."""
    def golden(
        self,
        strategy: str = "most_frequent",
        *,
        columns: Mapping[str, str] | None = None,
        provenance: bool = True,
    ) -> Table:
        """Return one record per cluster, with the row that each value comes from.

        Args:
            strategy: Which value survives: `most_frequent` (default), `longest`, `first`, `last`,
                `most_complete` (from the row with the fewest nulls), `min`, `max`, or
                `newest:COLUMN` (from the row with the greatest value in that column). A null or
                empty value survives only if the cluster has no other.
            columns: Strategies for single columns, by name.
            provenance: Whether to add a `<column>_row` for each column (default `True`).

        Raises:
            InputError: If a strategy is unknown or a column is missing.

        Example:
            >>> people = pl.DataFrame(
            ...     {"email": ["a@x.com", "A@x.com"], "title": ["CTO", None], "seen": [2024, 2026]}
            ... )
            >>> duplicates = lantern.dedupe(people, ["email:eq"])
            >>> duplicates.golden("newest:seen", columns={"seen": "min"}).to_pylist()
            [{'cluster': 0, 'rows': 2, 'email': 'A@x.com', 'title': 'CTO', 'seen': 2024,
              'email_row': 1, 'title_row': 0, 'seen_row': 0}]
        """
    def summary(self) -> dict[str, Any]:
        """Return the numbers of rows, clusters, duplicates and pairs, the threshold and the recall.

        `recall` and `warnings` are those of `Matches.summary`.

        Example:
            >>> people = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> duplicates = lantern.dedupe(people, ["email:eq"])
            >>> duplicates.summary()
            {'rows': 3, 'clusters': 2, 'duplicates': 1, 'pairs': 1, 'compared': 2, 'threshold': 0.0,
              'recall': None, 'warnings': []}
        """
    def review(self, n: int = 50, path: PathLike | None = None) -> Table:
        """Choose the pairs from which matching learns most; see `Matches.review`.

        Args:
            n: As for `Matches.review`.
            path: As for `Matches.review`.

        Raises:
            InputError: As for `Matches.review`.

        Example:
            >>> people = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> pairs = lantern.dedupe(people, ["email:eq"]).review()
            >>> pairs.to_polars().select("left", "right", "confidence").rows()
            [(2, 0, 0.97)]
        """
    def since(self, before: TableLike | PathLike) -> Table:
        """Compare the clusters with those of an earlier run.

        Rows are recognized by the column that `id` named, otherwise by their numbers.

        Args:
            before: The earlier `Duplicates`, or a table or a file with its columns: `cluster` (or
                `stable`, from an earlier comparison) and `id` or `row`.

        Returns:
            A table with one row per cluster, and one per earlier cluster that no longer exists:

            - `stable`: the number that the cluster keeps. It is the number of the earlier cluster
              with which it shares most rows; new clusters get numbers above all earlier ones.
            - `cluster`: its number in `table()`; null if it no longer exists.
            - `rows`: its number of rows.
            - `before`: the numbers of the earlier clusters of its rows.
            - `change`: `kept`, `grown`, `shrunk`, `merged`, `split`, `new` or `gone`.

        Raises:
            InputError: If a column is missing, or a cluster is not a number.
            TypeError: If `before` is not a table.

        Example:
            >>> emails = ["x@x.com", "x@x.com", "y@x.com"]
            >>> people = pl.DataFrame({"id": ["a", "b", "c"], "email": emails})
            >>> before = lantern.dedupe(people, ["email:eq"], id="id")
            >>> labels = [("a", "b", False)]
            >>> after = lantern.dedupe(people, ["email:eq"], id="id", labels=labels)
            >>> after.since(before).to_polars().select("stable", "cluster", "change").rows()
            [(0, 0, 'split'), (2, 1, 'split'), (1, 2, 'kept')]
        """
    def stable(self, before: TableLike | PathLike) -> Table:
        """Return the cluster of each row, with the number that it keeps from an earlier run.

        Save this table, and pass it as `before` in the next run.

        Args:
            before: As for `since`.

        Returns:
            The columns of `table()`; `stable`, see `since`; and `stable_next`, the number of the
            next new cluster, so that the number of a cluster that is gone is never used again.

        Raises:
            InputError: As for `since`.
            TypeError: If `before` is not a table.

        Example:
            >>> people = pl.DataFrame({"id": ["a", "b"], "email": ["x@x.com", "y@x.com"]})
            >>> monday = lantern.dedupe(people, ["email:eq"], id="id")
            >>> tuesday = lantern.dedupe(people.reverse(), ["email:eq"], id="id")
            >>> tuesday.stable(monday).to_polars().select("id", "cluster", "stable").rows()
            [('b', 0, 1), ('a', 1, 0)]
        """
    def plot_clusters(self) -> Any:
        """Draw the largest clusters as small graphs (an `altair.Chart`), up to 12 rows each.

        Raises:
            ImportError: If Altair is not installed.

        Example:
            >>> people = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> chart = lantern.dedupe(people, ["email:eq"]).plot_clusters()
            >>> type(chart).__name__.endswith("Chart")
            True
        """
    def plot(self) -> Any:
        """Draw the number of clusters by size (an `altair.Chart`).

        Raises:
            ImportError: If Altair is not installed.

        Example:
            >>> people = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> lantern.dedupe(people, ["email:eq"]).plot().to_dict()["data"]["values"]
            [{'rows': 1, 'clusters': 1}, {'rows': 2, 'clusters': 1}]
        """
    def _graphs(
        self, most: int, rows: int
    ) -> list[tuple[int, list[int], list[tuple[int, int, float]]]]: ...
    def _repr_html_(self) -> str: ...
