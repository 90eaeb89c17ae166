"""How good matches are."""

from typing import Any, final

from lantern._matches import Duplicates, Matches
from lantern._table import Table
from lantern._types import Truth

def evaluate(
    matches: Matches | Duplicates, truth: Truth, *, complete: bool | None = None
) -> Evaluation:
    """Measure matches or duplicates against known pairs.

    Only pairs above the threshold of the matches can be measured. To see the whole curve, match
    with `threshold=0`.

    Args:
        matches: What `lantern.match` or `lantern.dedupe` returned.
        truth: Known pairs, in any form that `labels` of `lantern.match` takes. Without decisions,
            all of them match.
        complete: Whether `truth` names all pairs that match, so that every other pair does not
            match. `None` (default) means yes, unless `truth` is a table or a file with a column of
            decisions, or names a pair that does not match.

    Returns:
        Precision, recall and F1 by threshold, calibration, and errors. Pairs that a label binds are
        judged by the confidence that they have without that label, if the truth is not complete.

    Raises:
        InputError: If a column is missing, a decision cannot be read, a row does not exist, or the
            truth names no pair of these tables.
        TypeError: If an argument has the wrong type.

    Example:
        >>> import lantern, polars as pl
        >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex", "Initech"]})
        >>> accounts = pl.DataFrame({"company": ["Globex LLC", "Acme, Inc.", "Umbrella"]})
        >>> matches = lantern.match(leads, accounts, ["company:eq"])
        >>> evaluation = lantern.evaluate(matches, [(0, 1), (1, 0), (2, 2)])
        >>> evaluation.precision, round(evaluation.recall, 3)
        (1.0, 0.667)
    """

def at_precision(precision: float) -> AtPrecision:
    """Choose the lowest threshold that reaches a precision.

    Without rules, the precision above a threshold is estimated from the calibrated confidences,
    which count as much as 150 labels, and from the labels. Each labelled pair is judged by the
    confidence that it has without its own label. With rules, confidences are not probabilities, so
    the labels alone decide. The estimate and its 95 % interval are in
    `Matches.summary()["precision"]`; the interval ends at 1 if no label above the threshold shows a
    wrong match.

    Args:
        precision: Share of the matches that are true, above 0 and below 1.

    Returns:
        A value for the `threshold` of `lantern.match` and `lantern.dedupe`. They raise an
        `InputError` if no threshold reaches the precision, which says how many more labels may show
        it, or if there are rules and no labels.

    Raises:
        InputError: If `precision` is not between 0 and 1.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(seed=1) as server:
        ...     people = server.people().to_polars().head(500)
        >>> columns = ["first_name", "last_name", "company_name"]
        >>> matches = lantern.match(
        ...     people.select(columns), people.select(columns), threshold=lantern.at_precision(0.9)
        ... )
        >>> value, low, high = matches.summary()["precision"]
        >>> low <= value <= high and value >= 0.9
        True
    """

@final
class AtPrecision:
    """A precision to reach, as returned by `lantern.at_precision`.

    Example:
        >>> lantern.at_precision(0.98)
        lantern.at_precision(0.98)
    """

    @property
    def precision(self) -> float:
        """Precision to reach."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Evaluation:
    """How good matches are, as returned by `lantern.evaluate`.

    Example:
        >>> import lantern, polars as pl
        >>> emails = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
        >>> duplicates = lantern.dedupe(emails, ["email:eq"])
        >>> evaluation = lantern.evaluate(duplicates, [(0, 2)])
        >>> evaluation
        <lantern.Evaluation: precision 1.000, recall 1.000, F1 1.000 at threshold 0.000>
        >>> evaluation.summary()["clusters"]["b_cubed_f1"]
        1.0
        >>> evaluation.f1, round(evaluation.calibration_error, 2)
        (1.0, 0.03)
    """

    @property
    def precision(self) -> float | None:
        """Share of true pairs among the matches that are known; `None` if no match is known."""
    @property
    def recall(self) -> float | None:
        """Share of the true pairs that are among the matches; `None` if there is no true pair."""
    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; `None` if both are `None`."""
    @property
    def calibration_error(self) -> float | None:
        """Mean difference of confidence and share of true pairs; `None` if no pair is known."""
    def summary(self) -> dict[str, Any]:
        """Return all measures at the threshold of the matches.

        `precision`, `recall` and `f1` are (value, low, high), with 95 % intervals. For duplicates
        with a complete truth, `clusters` has the pairwise and B-cubed measures, the numbers of
        clusters and entities, and the number of clusters that are exactly one entity; otherwise it
        is `None`. `warnings` are sentences about known pairs that name no rows of the tables; they
        are left out.

        Example:
            >>> emails = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> duplicates = lantern.dedupe(emails, ["email:eq"])
            >>> lantern.evaluate(duplicates, [(0, 2)]).summary()["hits"]
            1
        """
    def table(self) -> Table:
        """Return precision, recall and F1 with their intervals for each threshold 0, 0.01 to 1.

        Example:
            >>> emails = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> evaluation = lantern.evaluate(lantern.dedupe(emails, ["email:eq"]), [(0, 2)])
            >>> evaluation.table().to_polars().select("threshold", "precision", "recall").rows()[97]
            (0.97, 1.0, 1.0)
        """
    def calibration(self) -> Table:
        """Return up to ten bins of confidence, with mean confidence and share of true matches.

        Example:
            >>> emails = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> evaluation = lantern.evaluate(lantern.dedupe(emails, ["email:eq"]), [(0, 2)])
            >>> evaluation.calibration().to_polars().select("from", "confidence", "share").rows()
            [(0.9, 0.97, 1.0)]
        """
    def blocking_recall(self) -> tuple[float, float, float] | None:
        """Return the share of true pairs that were compared at all, as (value, low, high).

        Estimated from up to 1,000 of the missed pairs. `None` if there is no true pair.

        Example:
            >>> emails = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> evaluation = lantern.evaluate(lantern.dedupe(emails, ["email:eq"]), [(0, 2)])
            >>> evaluation.blocking_recall()[0]
            1.0
        """
    def errors(self, n: int = 20) -> Table:
        """Return the most costly errors, with their explanations.

        Args:
            n: Maximum number of errors (default 20).

        Returns:
            A table with one row per error: `mistake` (`false_match` or `missed_match`), `cost` (how
            surprising the truth is given the confidence, in bits), `left`, `right`, `confidence`
            and `sentence`.

        Example:
            >>> emails = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> evaluation = lantern.evaluate(lantern.dedupe(emails, ["email:eq"]), [(0, 1)])
            >>> evaluation.errors().to_polars().select("mistake", "left", "right").rows()
            [('missed_match', 1, 0), ('false_match', 2, 0)]
        """
    def plot(self) -> Any:
        """Draw precision, recall and F1 by threshold (an `altair.Chart`).

        Raises:
            ImportError: If Altair is not installed.

        Example:
            >>> emails = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> evaluation = lantern.evaluate(lantern.dedupe(emails, ["email:eq"]), [(0, 2)])
            >>> type(evaluation.plot()).__name__.endswith("Chart")
            True
        """
    def plot_calibration(self) -> Any:
        """Draw the share of true matches by confidence (an `altair.Chart`).

        Raises:
            ImportError: If Altair is not installed.

        Example:
            >>> emails = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> evaluation = lantern.evaluate(lantern.dedupe(emails, ["email:eq"]), [(0, 2)])
            >>> type(evaluation.plot_calibration()).__name__.endswith("Chart")
            True
        """
    def _repr_html_(self) -> str: ...
