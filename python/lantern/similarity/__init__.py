"""String similarities, over columns and single strings.

Each function compares two columns row by row, a column with one string, or two strings. A column is
anything that exports Arrow (a Series of Polars or pandas, an array of PyArrow or arro3): string,
large string, string view, or a dictionary of one, in chunks or not; NumPy arrays of strings and
Series of pandas 2 are copied first. What comes back is an `arro3.core.Array`, or a `ChunkedArray`
where the input is one. Null gives null.

A similarity is in 0..1, and 1 for equal strings; the functions that end in `_distance` count edits.
Characters are Unicode scalar values. Values are those of rapidfuzz, over 100 where it counts in
percent. Work is shared among all cores (`RAYON_NUM_THREADS` sets how many) with the interpreter's
lock released.

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
