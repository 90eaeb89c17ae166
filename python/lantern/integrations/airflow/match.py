"""The operator that matches two tables on the worker, without an API key or credits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

import lantern
from lantern.integrations.airflow.failure import in_airflow_terms
from lantern.integrations.airflow.tables import check_destination, read_table, write_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow.sdk import Context


class LanternMatchOperator(BaseOperator):
    """Match the rows of two tables with `lantern.match`, and write the pairs as Parquet.

    Returns the address of the pairs. XCom `summary` has the numbers of rows, matches and rows
    without a match.

    Args:
        left: Path, address or `ObjectStoragePath` of a Parquet, CSV or Arrow file, or a table as
            for `LanternBatchOperator`, also one that another task returns. Its rows are matched.
        right: Table to match them against, likewise.
        destination: Parquet file to write. If it ends in `/`, it is a folder in which each DAG run
            and mapped task instance gets its own file.
        rules: Field rules. See `lantern.match` for this and the following arguments.
        fields: Fields to compare.
        left_id: Column of `left` that identifies its rows. It is not compared.
        right_id: Column of `right` that identifies its rows. It is not compared.
        threshold: Minimum confidence to keep, 0 to 1.
        top: Maximum number of matches to keep per left row; `None` keeps all.
        one_to_one: Whether each right row is matched to at most one left row.
        weights: With rules, the weights of the fields.
        kwargs: Arguments of Airflow's `BaseOperator`.

    Example:
        from airflow.sdk import DAG

        from lantern.integrations.airflow import LanternMatchOperator

        with DAG("match_people"):
            LanternMatchOperator(
                task_id="match",
                left="people.csv",
                right="companies.parquet",
                destination="pairs.parquet",
                rules=["employer:eq"],
                fields={"employer": ("company_id", "id", "code")},
                left_id="id",
                right_id="name",
            )
    """

    template_fields: Sequence[str] = (
        "left",
        "right",
        "destination",
        "rules",
        "fields",
        "left_id",
        "right_id",
    )
    ui_color = "#d9ead3"

    def __init__(
        self,
        *,
        left: Any,
        right: Any,
        destination: Any,
        rules: Any = None,
        fields: Any = None,
        left_id: str | None = None,
        right_id: str | None = None,
        threshold: float | None = None,
        top: int | None = 1,
        one_to_one: bool = False,
        weights: Mapping[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.left = left
        self.right = right
        self.destination = destination
        self.rules = rules
        self.fields = fields
        self.left_id = left_id
        self.right_id = right_id
        self.threshold = threshold
        self.top = top
        self.one_to_one = one_to_one
        self.weights = weights

    def execute(self, context: Context) -> Any:
        """Read, match and write."""
        path = check_destination(self.destination, context)
        left, right = read_table(self.left, "left"), read_table(self.right, "right")
        with in_airflow_terms():
            matches = lantern.match(
                left,
                right,
                self.rules,
                fields=self.fields,
                left_id=self.left_id,
                right_id=self.right_id,
                threshold=self.threshold,
                top=self.top,
                one_to_one=self.one_to_one,
                weights=self.weights,
                progress=False,
            )
            write_table(matches.table().to_pyarrow(), path)
        summary = matches.summary()
        self.log.info("%(matches)d matches of %(left_rows)d rows", summary)
        context["ti"].xcom_push(key="summary", value=summary)
        return path if path is self.destination else str(path)
