"""Phonetic keys: equal for words that sound alike. `None` if no word has a code."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from lantern._lantern import _normalize

if TYPE_CHECKING:
    from lantern._columns import Column, Texts


@overload
def soundex(text: str) -> str | None: ...
@overload
def soundex(text: Texts) -> Column: ...
def soundex(text: str | Texts) -> str | Column | None:
    """Return the American Soundex of each word: a letter and three digits.

    Source: Russell and Odell, 1918.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.soundex("Robert Smith")
        'R163 S530'
    """
    return _normalize("soundex", text)


@overload
def metaphone(text: str) -> str | None: ...
@overload
def metaphone(text: Texts) -> Column: ...
def metaphone(text: str | Texts) -> str | Column | None:
    """Return the Metaphone of each word, for English: up to four letters.

    Source: Philips, 1990.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.metaphone("Robert Smith")
        'RBRT SM0'
    """
    return _normalize("metaphone", text)


@overload
def double_metaphone(text: str) -> str | None: ...
@overload
def double_metaphone(text: Texts) -> Column: ...
def double_metaphone(text: str | Texts) -> str | Column | None:
    """Return the Double Metaphone of each word, for the most likely pronunciation.

    Codes have up to four letters. Source: Philips, 2000.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.double_metaphone("Robert Smith")
        'RPRT SM0'
    """
    return _normalize("double_metaphone", text)


@overload
def double_metaphone_alternate(text: str) -> str | None: ...
@overload
def double_metaphone_alternate(text: Texts) -> Column: ...
def double_metaphone_alternate(text: str | Texts) -> str | Column | None:
    """Return the Double Metaphone of each word, for the second most likely pronunciation.

    The result is that of `double_metaphone` if there is no second pronunciation.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.double_metaphone_alternate("Robert Smith")
        'RPRT XMT'
    """
    return _normalize("double_metaphone_alternate", text)


@overload
def nysiis(text: str) -> str | None: ...
@overload
def nysiis(text: Texts) -> Column: ...
def nysiis(text: str | Texts) -> str | Column | None:
    """Return the NYSIIS code of each word, up to six letters.

    Source: New York State Identification and Intelligence System, 1970.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.nysiis("Robert Smith")
        'RABAD SNAT'
    """
    return _normalize("nysiis", text)


@overload
def cologne(text: str) -> str | None: ...
@overload
def cologne(text: Texts) -> Column: ...
def cologne(text: str | Texts) -> str | Column | None:
    """Return the Kölner Phonetik of each word, for German: digits.

    Source: Postel, 1969.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.cologne("Robert Schmidt")
        '7172 862'
    """
    return _normalize("cologne", text)
