"""Measures for names: what begins alike, and letters that change places."""

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
    """Jaro similarity: characters in common within half the longer string's length.

    `(c/m + c/n + (c - t)/c) / 3` for strings of m and n characters, with c characters in common and
    t half of those that stand in another order (Jaro 1989). Equal to rapidfuzz's
    `Jaro.normalized_similarity`.

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
    """Jaro-Winkler similarity: Jaro, raised for strings that begin alike.

    From a Jaro similarity s of more than 0.7 on, `s + 0.1 p (1 - s)` with p common characters at
    the beginning, at most four (Winkler 1990). Equal to rapidfuzz's
    `JaroWinkler.normalized_similarity`; some libraries give the bonus below 0.7 as well.

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
    """Longest common prefix: how much of two strings is the same from their beginning on.

    `p / max(m, n)` with p common characters at the beginning. Equal to rapidfuzz's
    `Prefix.normalized_similarity`.

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
    """Names of people and organisations: how well the words of two names pair up.

    Both texts go through `company_key`. Their words are paired, each once: equal ones, nicknames
    and initials, then by letters. A word that one name lacks says little against a pair, words
    that differ on both sides say much, and different numbers halve the similarity. 0 where a name
    has no words. Symmetric. 0.75 is a good threshold for "the same".

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
        >>> round(lantern.similarity.names("Bill Gates", "GATES, William Henry"), 3)
        0.908
    """
    return _similarity("names", a, b, score_cutoff)
