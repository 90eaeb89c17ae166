"""String similarities of columns and of single strings.

Each function compares two columns row by row, a column with one string, or two strings. A column is
anything that exports Arrow (a Series of Polars or pandas, an array of PyArrow or arro3) as string,
large string, string view, or a dictionary of one. NumPy arrays of strings and Series of pandas 2
are copied first. The result is an `arro3.core.Array`, or a `ChunkedArray` if the input is chunked.
Null gives null.

A similarity is from 0 to 1, and 1 for equal strings. Functions whose name ends in `_distance` count
edits. Characters are Unicode scalar values. The results equal those of rapidfuzz, divided by 100
where rapidfuzz returns percent. The work is shared by all cores (`RAYON_NUM_THREADS` sets their
number), with the interpreter lock released.

Example:
    >>> import lantern, polars as pl
    >>> names = pl.Series(["Acme Corp", "Amce Corp", None])
    >>> lantern.similarity.osa(names, "Acme Corp").to_pylist()
    [1.0, 0.8888888888888888, None]
"""

from lantern.similarity._edits import (
    indel,
    lcs,
    levenshtein,
    levenshtein_distance,
    osa,
    osa_distance,
)
from lantern.similarity._names import jaro, jaro_winkler, names, prefix
from lantern.similarity._words import (
    partial_ratio,
    partial_token_set,
    partial_token_sort,
    qgram_cosine,
    qgram_jaccard,
    token_set,
    token_sort,
    wratio,
)

__all__ = [
    "indel",
    "jaro",
    "jaro_winkler",
    "lcs",
    "levenshtein",
    "levenshtein_distance",
    "names",
    "osa",
    "osa_distance",
    "partial_ratio",
    "partial_token_set",
    "partial_token_sort",
    "prefix",
    "qgram_cosine",
    "qgram_jaccard",
    "token_set",
    "token_sort",
    "wratio",
]
