"""Measures based on edits: the number of characters to change to turn one string into the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from lantern._lantern import _distance, _similarity

if TYPE_CHECKING:
    from lantern._columns import Column, Texts


@overload
def levenshtein(a: str, b: str, *, score_cutoff: float | None = None) -> float: ...
@overload
def levenshtein(a: Texts, b: str | Texts, *, score_cutoff: float | None = None) -> Column: ...
@overload
def levenshtein(a: str, b: Texts, *, score_cutoff: float | None = None) -> Column: ...
def levenshtein(
    a: str | Texts, b: str | Texts, *, score_cutoff: float | None = None
) -> float | Column:
    """Return the Levenshtein similarity, based on insertions, deletions and replacements.

    Defined as `1 - d / max(m, n)` for strings of m and n characters with the edit distance d
    (Levenshtein 1966; computed with the bit vectors of Myers, 1999). Equals rapidfuzz's
    `Levenshtein.normalized_similarity`.

    Args:
        a: String, or column of text: an Arrow array, a Series of Polars or pandas, ...
        b: String, or column of text. Two columns have the same length; a string is compared with
            every row.
        score_cutoff: Minimum similarity, 0 to 1; a lower one is returned as 0, which saves work.
            `None` (default) returns every similarity.

    Returns:
        A similarity from 0 to 1; for a column, an arro3 array of float64, chunked if the input is.
        Null if either side is null.

    Raises:
        TypeError: If a column is not text. The message names its type and the cast to write.
        InputError: If the columns differ in length, or `score_cutoff` is outside 0 to 1.

    Example:
        >>> import lantern
        >>> round(lantern.similarity.levenshtein("kitten", "sitting"), 3)
        0.571
    """
    return _similarity("levenshtein", a, b, score_cutoff)


@overload
def osa(a: str, b: str, *, score_cutoff: float | None = None) -> float: ...
@overload
def osa(a: Texts, b: str | Texts, *, score_cutoff: float | None = None) -> Column: ...
@overload
def osa(a: str, b: Texts, *, score_cutoff: float | None = None) -> Column: ...
def osa(a: str | Texts, b: str | Texts, *, score_cutoff: float | None = None) -> float | Column:
    """Return the optimal string alignment similarity: Levenshtein, with swaps of neighbours.

    Defined as `1 - d / max(m, n)`. A swap of two neighbouring characters counts as one edit, and
    swapped characters are not edited again. Suits typing errors. Equals rapidfuzz's
    `OSA.normalized_similarity`.

    Args:
        a: String, or column of text: an Arrow array, a Series of Polars or pandas, ...
        b: String, or column of text. Two columns have the same length; a string is compared with
            every row.
        score_cutoff: Minimum similarity, 0 to 1; a lower one is returned as 0, which saves work.
            `None` (default) returns every similarity.

    Returns:
        A similarity from 0 to 1; for a column, an arro3 array of float64, chunked if the input is.
        Null if either side is null.

    Raises:
        TypeError: If a column is not text. The message names its type and the cast to write.
        InputError: If the columns differ in length, or `score_cutoff` is outside 0 to 1.

    Example:
        >>> import lantern
        >>> round(lantern.similarity.osa("Acme", "Amce"), 3)
        0.75
    """
    return _similarity("osa", a, b, score_cutoff)


@overload
def indel(a: str, b: str, *, score_cutoff: float | None = None) -> float: ...
@overload
def indel(a: Texts, b: str | Texts, *, score_cutoff: float | None = None) -> Column: ...
@overload
def indel(a: str, b: Texts, *, score_cutoff: float | None = None) -> Column: ...
def indel(a: str | Texts, b: str | Texts, *, score_cutoff: float | None = None) -> float | Column:
    """Return the Indel ratio, based on insertions and deletions only.

    Defined as `1 - d / (m + n)` with `d = m + n - 2 lcs`. Equals rapidfuzz's `fuzz.ratio` divided
    by 100.

    Args:
        a: String, or column of text: an Arrow array, a Series of Polars or pandas, ...
        b: String, or column of text. Two columns have the same length; a string is compared with
            every row.
        score_cutoff: Minimum similarity, 0 to 1; a lower one is returned as 0, which saves work.
            `None` (default) returns every similarity.

    Returns:
        A similarity from 0 to 1; for a column, an arro3 array of float64, chunked if the input is.
        Null if either side is null.

    Raises:
        TypeError: If a column is not text. The message names its type and the cast to write.
        InputError: If the columns differ in length, or `score_cutoff` is outside 0 to 1.

    Example:
        >>> import lantern
        >>> round(lantern.similarity.indel("kitten", "sitting"), 3)
        0.615
    """
    return _similarity("indel", a, b, score_cutoff)


@overload
def lcs(a: str, b: str, *, score_cutoff: float | None = None) -> float: ...
@overload
def lcs(a: Texts, b: str | Texts, *, score_cutoff: float | None = None) -> Column: ...
@overload
def lcs(a: str, b: Texts, *, score_cutoff: float | None = None) -> Column: ...
def lcs(a: str | Texts, b: str | Texts, *, score_cutoff: float | None = None) -> float | Column:
    """Return the length of the longest common subsequence, relative to the longer string.

    Defined as `lcs / max(m, n)`, where a subsequence consists of characters in the same order in
    both strings. Equals rapidfuzz's `LCSseq.normalized_similarity`.

    Args:
        a: String, or column of text: an Arrow array, a Series of Polars or pandas, ...
        b: String, or column of text. Two columns have the same length; a string is compared with
            every row.
        score_cutoff: Minimum similarity, 0 to 1; a lower one is returned as 0, which saves work.
            `None` (default) returns every similarity.

    Returns:
        A similarity from 0 to 1; for a column, an arro3 array of float64, chunked if the input is.
        Null if either side is null.

    Raises:
        TypeError: If a column is not text. The message names its type and the cast to write.
        InputError: If the columns differ in length, or `score_cutoff` is outside 0 to 1.

    Example:
        >>> import lantern
        >>> round(lantern.similarity.lcs("kitten", "sitting"), 3)
        0.571
    """
    return _similarity("lcs", a, b, score_cutoff)


@overload
def levenshtein_distance(a: str, b: str, *, score_cutoff: int | None = None) -> int: ...
@overload
def levenshtein_distance(
    a: Texts, b: str | Texts, *, score_cutoff: int | None = None
) -> Column: ...
@overload
def levenshtein_distance(a: str, b: Texts, *, score_cutoff: int | None = None) -> Column: ...
def levenshtein_distance(
    a: str | Texts, b: str | Texts, *, score_cutoff: int | None = None
) -> int | Column:
    """Return the Levenshtein distance: the number of insertions, deletions and replacements.

    Equals rapidfuzz's `Levenshtein.distance`.

    Args:
        a: String, or column of text: an Arrow array, a Series of Polars or pandas, ...
        b: String, or column of text. Two columns have the same length; a string is compared with
            every row.
        score_cutoff: Maximum distance; a greater one is returned as this number plus one, which
            saves work. `None` (default) returns every distance.

    Returns:
        A number of edits; for a column, an arro3 array of uint32, chunked if the input is. Null if
        either side is null.

    Raises:
        TypeError: If a column is not text. The message names its type and the cast to write.
        InputError: If the columns differ in length, or `score_cutoff` is negative.

    Example:
        >>> import lantern
        >>> lantern.similarity.levenshtein_distance("kitten", "sitting")
        3
    """
    return _distance("levenshtein_distance", a, b, score_cutoff)


@overload
def osa_distance(a: str, b: str, *, score_cutoff: int | None = None) -> int: ...
@overload
def osa_distance(a: Texts, b: str | Texts, *, score_cutoff: int | None = None) -> Column: ...
@overload
def osa_distance(a: str, b: Texts, *, score_cutoff: int | None = None) -> Column: ...
def osa_distance(
    a: str | Texts, b: str | Texts, *, score_cutoff: int | None = None
) -> int | Column:
    """Return the optimal string alignment distance: Levenshtein, with swaps of neighbours.

    Equals rapidfuzz's `OSA.distance`.

    Args:
        a: String, or column of text: an Arrow array, a Series of Polars or pandas, ...
        b: String, or column of text. Two columns have the same length; a string is compared with
            every row.
        score_cutoff: Maximum distance; a greater one is returned as this number plus one, which
            saves work. `None` (default) returns every distance.

    Returns:
        A number of edits; for a column, an arro3 array of uint32, chunked if the input is. Null if
        either side is null.

    Raises:
        TypeError: If a column is not text. The message names its type and the cast to write.
        InputError: If the columns differ in length, or `score_cutoff` is negative.

    Example:
        >>> import lantern
        >>> lantern.similarity.osa_distance("Acme", "Amce")
        1
    """
    return _distance("osa_distance", a, b, score_cutoff)
