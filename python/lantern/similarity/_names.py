"""Measures for names, based on common prefixes and swapped letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from lantern._lantern import _similarity

if TYPE_CHECKING:
    from lantern._columns import Column, Texts


@overload
def jaro(a: str, b: str, *, score_cutoff: float | None = None) -> float: ...
@overload
def jaro(a: Texts, b: str | Texts, *, score_cutoff: float | None = None) -> Column: ...
@overload
def jaro(a: str, b: Texts, *, score_cutoff: float | None = None) -> Column: ...
def jaro(a: str | Texts, b: str | Texts, *, score_cutoff: float | None = None) -> float | Column:
    """Return the Jaro similarity, based on characters that both strings have in near positions.

    Two characters are in common if they are equal and close together (within half the longer
    string's length). Defined as `(c/m + c/n + (c - t)/c) / 3` for strings of m and n characters
    with c characters in common, where t is half the number of those that are in another order (Jaro
    1989). Equals rapidfuzz's `Jaro.normalized_similarity`.

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
        >>> round(lantern.similarity.jaro("martha", "marhta"), 3)
        0.944
    """
    return _similarity("jaro", a, b, score_cutoff)


@overload
def jaro_winkler(a: str, b: str, *, score_cutoff: float | None = None) -> float: ...
@overload
def jaro_winkler(a: Texts, b: str | Texts, *, score_cutoff: float | None = None) -> Column: ...
@overload
def jaro_winkler(a: str, b: Texts, *, score_cutoff: float | None = None) -> Column: ...
def jaro_winkler(
    a: str | Texts, b: str | Texts, *, score_cutoff: float | None = None
) -> float | Column:
    """Return the Jaro-Winkler similarity: Jaro, raised for strings with a common prefix.

    If the Jaro similarity s is above 0.7, defined as `s + 0.1 p (1 - s)` with a common prefix of p
    characters, at most four (Winkler 1990); otherwise s. Equals rapidfuzz's
    `JaroWinkler.normalized_similarity`. Some libraries add the bonus below 0.7 too.

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
        >>> round(lantern.similarity.jaro_winkler("martha", "marhta"), 3)
        0.961
    """
    return _similarity("jaro_winkler", a, b, score_cutoff)


@overload
def prefix(a: str, b: str, *, score_cutoff: float | None = None) -> float: ...
@overload
def prefix(a: Texts, b: str | Texts, *, score_cutoff: float | None = None) -> Column: ...
@overload
def prefix(a: str, b: Texts, *, score_cutoff: float | None = None) -> Column: ...
def prefix(a: str | Texts, b: str | Texts, *, score_cutoff: float | None = None) -> float | Column:
    """Return the length of the longest common prefix, relative to the longer string.

    Defined as `p / max(m, n)` with a common prefix of p characters. Equals rapidfuzz's
    `Prefix.normalized_similarity`.

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
        >>> round(lantern.similarity.prefix("Acme Corp", "Acme Inc"), 3)
        0.556
    """
    return _similarity("prefix", a, b, score_cutoff)


@overload
def names(a: str, b: str, *, score_cutoff: float | None = None) -> float: ...
@overload
def names(a: Texts, b: str | Texts, *, score_cutoff: float | None = None) -> Column: ...
@overload
def names(a: str, b: Texts, *, score_cutoff: float | None = None) -> Column: ...
def names(a: str | Texts, b: str | Texts, *, score_cutoff: float | None = None) -> float | Column:
    """Return how well the words of two names of people or organisations pair up, 0 to 1.

    Both texts are normalized by `company_key`. Then each word is paired with one word of the other
    name: first equal words, nicknames and initials, then words with similar letters. A word that
    only one name has lowers the similarity a little, different words on both sides lower it much,
    and different numbers halve it. The similarity is 0 if a name has no words. It is symmetric.
    0.75 is a good threshold for "the same".

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
        >>> round(lantern.similarity.names("Bill Gates", "GATES, William Henry"), 3)
        0.908
    """
    return _similarity("names", a, b, score_cutoff)
