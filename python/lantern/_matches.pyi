"""The results of matching and deduplication."""

from collections.abc import Mapping
from typing import Any, final

from lantern._model import Model
from lantern._table import Table

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
        matches, and otherwise `None`. `warnings` says in sentences what the data does not show.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> matches.summary()
            {'left_rows': 2, 'right_rows': 2, 'matches': 1, 'matched_left': 1, 'unmatched_left': 1,
             'unmatched_right': 1, 'compared': 1, 'threshold': 0.0, 'mean_confidence': 0.65,
             'recall': None, 'warnings': []}
        """
    def explain(self, i: int) -> Explanation:
        """Explain why two rows match.

        Args:
            i: Number of the match, its row in `table()`, from 0. Negative numbers count from the
                end.

        Raises:
            IndexError: If there is no such match.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> print(matches.explain(-1))
            Left row 0 and right row 1 match with confidence 0.650: company is 1.000 alike ('acme').
        """
    @property
    def model(self) -> Model | None:
        """Model that was learned; `None` if rules were given."""
    def plot(self) -> Any:
        """Draw the number of matches by confidence (an `altair.Chart`).

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
    def sentence(self) -> str:
        """Reason for the match, in one sentence."""
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
    def plot(self) -> Any:
        """Draw the number of clusters by size (an `altair.Chart`).

        Raises:
            ImportError: If Altair is not installed.

        Example:
            >>> people = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> lantern.dedupe(people, ["email:eq"]).plot().to_dict()["data"]["values"]
            [{'rows': 1, 'clusters': 1}, {'rows': 2, 'clusters': 1}]
        """
    def _repr_html_(self) -> str: ...
