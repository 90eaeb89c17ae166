"""Measures based on words and pieces, for texts whose parts can be in any order."""

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
    """Return the token sort ratio: the Indel ratio of two texts after sorting their words.

    Words are separated by white space; after sorting, they are joined by single spaces. Equals
    rapidfuzz's `fuzz.token_sort_ratio` divided by 100.

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
    """Return the token set ratio: the similarity of two texts as sets of words.

    Extra words in one text do not lower it. With the common words s and the words x and y that only
    one text has, it is the greatest Indel ratio among s and s x, s and s y, and s x and s y; 0 if a
    text has no words. Equals rapidfuzz's `fuzz.token_set_ratio` divided by 100.

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
    """Return the partial ratio: the best Indel ratio of the shorter string within the longer.

    The shorter string is compared with every substring of its own length in the longer one, and
    with the shorter substrings at the start and the end. Equals rapidfuzz's `fuzz.partial_ratio`
    divided by 100.

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
    """Return the partial token sort ratio: the partial ratio after sorting the words.

    Words are sorted and joined as by `token_sort`, then compared by `partial_ratio`. Equals
    rapidfuzz's `fuzz.partial_token_sort_ratio` divided by 100.

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
    """Return the partial token set ratio: 1 if a word is in both texts, else the partial ratio.

    The similarity is 0 if a text has no words. Equals rapidfuzz's `fuzz.partial_token_set_ratio`
    divided by 100.

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
    """Return the WRatio: the greatest of several ratios, each with a weight.

    Ratios that ignore more of the texts have lower weights. If the longer text has less than 1.5
    times the length of the shorter, the result is the greatest of `indel`, 0.95 times `token_sort`
    and 0.95 times `token_set`. Otherwise it is the greatest of `indel` and w times the greatest of
    `partial_ratio`, 0.95 times `partial_token_sort` and 0.95 times `partial_token_set`, where w is
    0.9, or 0.6 from 8 times the length on. The result is 0 if a text is empty. It is symmetric.

    Equals rapidfuzz's `fuzz.WRatio` divided by 100. rapidfuzz's `fuzz.QRatio` is `indel`, but 0 for
    two empty texts.

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
    """Return the q-gram Jaccard similarity: the share of common pieces of three characters.

    The number of distinct pieces (q-grams) that both strings have, divided by the number that
    either has. The position and the frequency of a piece do not count. Each string is padded with
    two marks at both ends, so that its start and its end weigh as much as its middle. The
    similarity of two empty strings is 1 (Ukkonen 1992).

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
    """Return the q-gram cosine similarity: like `qgram_jaccard`, weighted by frequency.

    Defined as the cosine of the angle between the two vectors of q-gram counts.

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
        >>> round(lantern.similarity.qgram_cosine("Acme Corp", "Acme Inc"), 3)
        0.477
    """
    return _similarity("qgram_cosine", a, b, score_cutoff)
