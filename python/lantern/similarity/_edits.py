"""Measures by edits: how many characters must change to turn one string into the other."""

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
    """Levenshtein similarity: by insertions, deletions and replacements.

    `1 - d / max(m, n)` with the edit distance d (Levenshtein 1966; computed by Myers' bit vectors,
    1999). Equal to rapidfuzz's `Levenshtein.normalized_similarity`.

    Args:
        a: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...
        b: Another, of the same length; a single string is compared with every row.
        score_cutoff: A lower similarity gives 0, which saves work.

    Returns:
        A similarity in 0..1; for a column an arro3 array of float64, in
        chunks if the input is. Null where either side is.

    Raises:
        TypeError: A column is not text; the message names its type and the cast to write.
        InputError: The columns differ in length, or the cut-off is outside of 0..1.

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
    """Optimal string alignment: Levenshtein's edits, and swaps of two neighbours.

    `1 - d / max(m, n)`; a swap counts as one edit, and what was swapped is not edited again. The
    measure of typing errors. Equal to rapidfuzz's `OSA.normalized_similarity`.

    Args:
        a: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...
        b: Another, of the same length; a single string is compared with every row.
        score_cutoff: A lower similarity gives 0, which saves work.

    Returns:
        A similarity in 0..1; for a column an arro3 array of float64, in
        chunks if the input is. Null where either side is.

    Raises:
        TypeError: A column is not text; the message names its type and the cast to write.
        InputError: The columns differ in length, or the cut-off is outside of 0..1.

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
    """Indel ratio: by insertions and deletions alone.

    `1 - d / (m + n)` with `d = m + n - 2 lcs`. Equal to rapidfuzz's `fuzz.ratio` over 100.

    Args:
        a: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...
        b: Another, of the same length; a single string is compared with every row.
        score_cutoff: A lower similarity gives 0, which saves work.

    Returns:
        A similarity in 0..1; for a column an arro3 array of float64, in
        chunks if the input is. Null where either side is.

    Raises:
        TypeError: A column is not text; the message names its type and the cast to write.
        InputError: The columns differ in length, or the cut-off is outside of 0..1.

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
    """Longest common subsequence: the most characters in the same order in both strings.

    `lcs / max(m, n)`. Equal to rapidfuzz's `LCSseq.normalized_similarity`.

    Args:
        a: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...
        b: Another, of the same length; a single string is compared with every row.
        score_cutoff: A lower similarity gives 0, which saves work.

    Returns:
        A similarity in 0..1; for a column an arro3 array of float64, in
        chunks if the input is. Null where either side is.

    Raises:
        TypeError: A column is not text; the message names its type and the cast to write.
        InputError: The columns differ in length, or the cut-off is outside of 0..1.

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
    """Levenshtein distance: insertions, deletions and replacements.

    Equal to rapidfuzz's `Levenshtein.distance`.

    Args:
        a: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...
        b: Another, of the same length; a single string is compared with every row.
        score_cutoff: More edits than these give this number plus one, which saves work.

    Returns:
        A count of edits, from 0 on; for a column an arro3 array of uint32, in
        chunks if the input is. Null where either side is.

    Raises:
        TypeError: A column is not text; the message names its type and the cast to write.
        InputError: The columns differ in length, or the cut-off is negative.

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
    """Optimal string alignment distance: Levenshtein's edits, and swaps of neighbours.

    Equal to rapidfuzz's `OSA.distance`.

    Args:
        a: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...
        b: Another, of the same length; a single string is compared with every row.
        score_cutoff: More edits than these give this number plus one, which saves work.

    Returns:
        A count of edits, from 0 on; for a column an arro3 array of uint32, in
        chunks if the input is. Null where either side is.

    Raises:
        TypeError: A column is not text; the message names its type and the cast to write.
        InputError: The columns differ in length, or the cut-off is negative.

    Example:
        >>> import lantern
        >>> lantern.similarity.osa_distance("Acme", "Amce")
        1
    """
    return _distance("osa_distance", a, b, score_cutoff)
