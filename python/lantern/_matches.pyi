"""The results of matching and deduplication."""

from collections.abc import Mapping
from typing import Any, final

from lantern._model import Model
from lantern._table import Table

@final
class Matches:
    """Pairs of rows that match, by left row and falling confidence; itself an Arrow stream.

    Columns: `left` and `right` (row numbers, uint64), `left_id` and `right_id` where they were
    named, `confidence` (0 to 1), `rules` (those that held; null where no rules were given).

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
        """The matches as a table.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> matches.table().to_pylist()
            [{'left': 0, 'right': 1, 'confidence': 0.65, 'rules': ['company:fuzzy0.85']}]
        """
    def unmatched_left(self) -> Table:
        """The left rows without a match: `row`, and the columns of the left table.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> matches.unmatched_left().to_pylist()
            [{'row': 1, 'company': 'Globex'}]
        """
    def unmatched_right(self) -> Table:
        """The right rows without a match: `row`, and the columns of the right table.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> matches.unmatched_right().to_pylist()
            [{'row': 0, 'company': 'Initech LLC'}]
        """
    def summary(self) -> dict[str, Any]:
        """Counts of rows, matches and pairs; the threshold, the mean confidence and the recall.

        The recall, 0 to 1, is measured with `approximate=True` alone.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> matches.summary()
            {'left_rows': 2, 'right_rows': 2, 'matches': 1, 'matched_left': 1, 'unmatched_left': 1,
             'unmatched_right': 1, 'compared': 1, 'threshold': 0.0, 'mean_confidence': 0.65,
             'recall': None}
        """
    def explain(self, i: int) -> Explanation:
        """Why one match is one.

        Args:
            i: The number of the match, as its row in `table()`, from 0; negative numbers count from
                the end.

        Raises:
            IndexError: There is no such match.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> print(matches.explain(-1))
            Left row 0 and right row 1 match with confidence 0.650: company is 1.000 alike ('acme').
        """
    @property
    def model(self) -> Model | None:
        """What was learned; None where rules decided."""
    def plot(self) -> Any:
        """A chart of how many matches have which confidence (an `altair.Chart`).

        Raises:
            ImportError: Altair is not installed.

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
    """Why two rows match: a sentence, and what each field adds.

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
        """The number of the left row."""
    @property
    def right(self) -> int:
        """The number of the right row."""
    @property
    def confidence(self) -> float:
        """How sure the match is, 0 to 1."""
    @property
    def sentence(self) -> str:
        """Why, in one sentence."""
    def table(self) -> Table:
        """What each field adds: `field`, `left`, `right`, `agreement`, `weight`.

        Where the model was learned, weights are bits and add up to the log-odds of the confidence
        (to base 2); the last rows are what is known before comparing, and what other candidates
        take away. Where rules decided, they add up to the confidence.

        Example:
            >>> a = pl.DataFrame({"domain": ["acme.com"]})
            >>> lantern.match(a, a, ["domain:eq"]).explain(0).table().to_pylist()
            [{'field': 'domain', 'left': 'acme.com', 'right': 'acme.com', 'agreement': 'the same',
              'weight': 0.75}]
        """
    def plot(self) -> Any:
        """The contributions as a waterfall (an `altair.Chart`).

        Raises:
            ImportError: Altair is not installed.

        Example:
            >>> a = pl.DataFrame({"domain": ["acme.com"]})
            >>> explanation = lantern.match(a, a, ["domain:eq"]).explain(0)
            >>> type(explanation.plot()).__name__.endswith("Chart")
            True
        """
    def _repr_html_(self) -> str: ...

@final
class Duplicates:
    """Rows of a table in clusters of the same; itself an Arrow stream.

    Columns: `row` (uint64), `id` where it was named, `cluster` (numbered from 0 by first
    appearance), `rows` (how many the cluster has).

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
        """The cluster of each row as a table.

        Example:
            >>> people = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> duplicates = lantern.dedupe(people, ["email:eq"])
            >>> duplicates.table().to_pylist()
            [{'row': 0, 'cluster': 0, 'rows': 2}, {'row': 1, 'cluster': 1, 'rows': 1},
             {'row': 2, 'cluster': 0, 'rows': 2}]
        """
    @property
    def pairs(self) -> Matches:
        """The pairs that the clusters were made of."""
    def golden(
        self,
        strategy: str = "most_frequent",
        *,
        columns: Mapping[str, str] | None = None,
        provenance: bool = True,
    ) -> Table:
        """One record of each cluster, with the row that every value comes from.

        Args:
            strategy: Which value survives: most_frequent, longest, first, last, most_complete (of
                the row with the fewest nulls), min, max, or newest:COLUMN (of the row where that
                column is the greatest). Nulls and empty texts never do while there is another.
            columns: Strategies of single columns.
            provenance: Whether each column has a `<column>_row` beside it.

        Raises:
            InputError: A strategy that there is not, or a column that is not there.

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
        """Counts: rows, clusters, duplicates, pairs, pairs compared; the threshold, and `recall`.

        Example:
            >>> people = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> duplicates = lantern.dedupe(people, ["email:eq"])
            >>> duplicates.summary()
            {'rows': 3, 'clusters': 2, 'duplicates': 1, 'pairs': 1, 'compared': 2, 'threshold': 0.0,
              'recall': None}
        """
    def plot(self) -> Any:
        """A chart of how many clusters have how many rows (an `altair.Chart`).

        Raises:
            ImportError: Altair is not installed.

        Example:
            >>> people = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> lantern.dedupe(people, ["email:eq"]).plot().to_dict()["data"]["values"]
            [{'rows': 1, 'clusters': 1}, {'rows': 2, 'clusters': 1}]
        """
    def _repr_html_(self) -> str: ...
