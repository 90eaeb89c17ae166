"""Measures over words and pieces: for texts whose parts come in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from lantern._lantern import _similarity

if TYPE_CHECKING:
    from lantern._columns import Column, Texts


@overload
def token_sort(a: str, b: str, *, score_cutoff: float | None = None) -> float: ...
@overload
def token_sort(a: Texts, b: str | Texts, *, score_cutoff: float | None = None) -> Column: ...
@overload
def token_sort(a: str, b: Texts, *, score_cutoff: float | None = None) -> Column: ...
def token_sort(
    a: str | Texts, b: str | Texts, *, score_cutoff: float | None = None
) -> float | Column:
    """Token sort ratio: the Indel ratio of two texts whose words are put in order first.

    Words are what lies between white space; they are sorted and joined by single spaces. Equal to
    rapidfuzz's `fuzz.token_sort_ratio` over 100.

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
        >>> round(lantern.similarity.token_sort("Byron Ada", "Ada Byron"), 3)
        1.0
    """
    return _similarity("token_sort", a, b, score_cutoff)


@overload
def token_set(a: str, b: str, *, score_cutoff: float | None = None) -> float: ...
@overload
def token_set(a: Texts, b: str | Texts, *, score_cutoff: float | None = None) -> Column: ...
@overload
def token_set(a: str, b: Texts, *, score_cutoff: float | None = None) -> Column: ...
def token_set(
    a: str | Texts, b: str | Texts, *, score_cutoff: float | None = None
) -> float | Column:
    """Token set ratio: how alike two texts are as sets of words.

    One text may have words that the other lacks: with the shared words s and each side's own words
    x and y, the greatest Indel ratio among s and s x, s and s y, s x and s y. 0 where a side has no
    words. Equal to rapidfuzz's `fuzz.token_set_ratio` over 100.

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
        >>> round(lantern.similarity.token_set("Acme Corp", "The Acme Corp of Ohio"), 3)
        1.0
    """
    return _similarity("token_set", a, b, score_cutoff)


@overload
def partial_ratio(a: str, b: str, *, score_cutoff: float | None = None) -> float: ...
@overload
def partial_ratio(a: Texts, b: str | Texts, *, score_cutoff: float | None = None) -> Column: ...
@overload
def partial_ratio(a: str, b: Texts, *, score_cutoff: float | None = None) -> Column: ...
def partial_ratio(
    a: str | Texts, b: str | Texts, *, score_cutoff: float | None = None
) -> float | Column:
    """Partial ratio: how well the shorter string fits the best place of the longer one.

    The greatest Indel ratio of the shorter string and any piece of its length in the longer one, or
    any shorter piece at its beginning or end. Equal to rapidfuzz's `fuzz.partial_ratio` over 100.

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
        >>> round(lantern.similarity.partial_ratio("Acme", "Acme Corporation"), 3)
        1.0
    """
    return _similarity("partial_ratio", a, b, score_cutoff)


@overload
def partial_token_sort(a: str, b: str, *, score_cutoff: float | None = None) -> float: ...
@overload
def partial_token_sort(
    a: Texts, b: str | Texts, *, score_cutoff: float | None = None
) -> Column: ...
@overload
def partial_token_sort(a: str, b: Texts, *, score_cutoff: float | None = None) -> Column: ...
def partial_token_sort(
    a: str | Texts, b: str | Texts, *, score_cutoff: float | None = None
) -> float | Column:
    """Partial token sort ratio: the partial ratio of texts whose words are put in order first.

    Words are sorted and joined as by `token_sort`, then compared by `partial_ratio`. Equal to
    rapidfuzz's `fuzz.partial_token_sort_ratio` over 100.

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
        >>> lantern.similarity.partial_token_sort("Byron Ada", "Ada Byron of Acme")
        1.0
    """
    return _similarity("partial_token_sort", a, b, score_cutoff)


@overload
def partial_token_set(a: str, b: str, *, score_cutoff: float | None = None) -> float: ...
@overload
def partial_token_set(a: Texts, b: str | Texts, *, score_cutoff: float | None = None) -> Column: ...
@overload
def partial_token_set(a: str, b: Texts, *, score_cutoff: float | None = None) -> Column: ...
def partial_token_set(
    a: str | Texts, b: str | Texts, *, score_cutoff: float | None = None
) -> float | Column:
    """Partial token set ratio: 1 where a word is shared, else the partial ratio of the words.

    0 where a text has no words. Equal to rapidfuzz's `fuzz.partial_token_set_ratio` over 100.

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
        >>> round(lantern.similarity.partial_token_set("Acme Corp", "Acme Ohio"), 3)
        1.0
    """
    return _similarity("partial_token_set", a, b, score_cutoff)


@overload
def wratio(a: str, b: str, *, score_cutoff: float | None = None) -> float: ...
@overload
def wratio(a: Texts, b: str | Texts, *, score_cutoff: float | None = None) -> Column: ...
@overload
def wratio(a: str, b: Texts, *, score_cutoff: float | None = None) -> Column: ...
def wratio(a: str | Texts, b: str | Texts, *, score_cutoff: float | None = None) -> float | Column:
    """WRatio: the best of several ratios, each with a weight for how much it leaves out.

    For texts of like length (less than 1.5 times) the greatest of `indel` and 0.95 times
    `token_sort` and `token_set`. Otherwise the greatest of `indel` and, times 0.9 (0.6 from 8
    times the length on), `partial_ratio` and 0.95 times `partial_token_sort` and
    `partial_token_set`. 0 where a text is empty. Symmetric. Equal to rapidfuzz's `fuzz.WRatio`
    over 100; its `fuzz.QRatio` is `indel`, but 0 for two empty texts.

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
        >>> round(lantern.similarity.wratio("Acme Corp", "The Acme Corp of Ohio"), 3)
        0.9
    """
    return _similarity("wratio", a, b, score_cutoff)


@overload
def qgram_jaccard(a: str, b: str, *, score_cutoff: float | None = None) -> float: ...
@overload
def qgram_jaccard(a: Texts, b: str | Texts, *, score_cutoff: float | None = None) -> Column: ...
@overload
def qgram_jaccard(a: str, b: Texts, *, score_cutoff: float | None = None) -> Column: ...
def qgram_jaccard(
    a: str | Texts, b: str | Texts, *, score_cutoff: float | None = None
) -> float | Column:
    """q-gram Jaccard similarity: how many pieces of three characters two strings share.

    The share of the q-grams of either string that are in both, wherever they stand and however
    often. A string is extended by two marks at either end, so that its beginning and end weigh as
    much as its middle. Two empty strings have 1 (Ukkonen 1992).

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
        >>> round(lantern.similarity.qgram_jaccard("Acme Corp", "Acme Inc"), 3)
        0.312
    """
    return _similarity("qgram_jaccard", a, b, score_cutoff)


@overload
def qgram_cosine(a: str, b: str, *, score_cutoff: float | None = None) -> float: ...
@overload
def qgram_cosine(a: Texts, b: str | Texts, *, score_cutoff: float | None = None) -> Column: ...
@overload
def qgram_cosine(a: str, b: Texts, *, score_cutoff: float | None = None) -> Column: ...
def qgram_cosine(
    a: str | Texts, b: str | Texts, *, score_cutoff: float | None = None
) -> float | Column:
    """q-gram cosine similarity: the same pieces as `qgram_jaccard`, by how often they occur.

    The cosine of the angle between the counts of both strings' q-grams.

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
        >>> round(lantern.similarity.qgram_cosine("Acme Corp", "Acme Inc"), 3)
        0.477
    """
    return _similarity("qgram_cosine", a, b, score_cutoff)
