"""Phonetic keys: words that sound alike have one code. None if no word has a code."""

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
    """The American Soundex of every word: a letter and three digits.

    Russell and Odell 1918.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

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
    """The Metaphone of every word: English, up to four letters.

    Philips 1990.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

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
    """The Double Metaphone of every word, for the likeliest pronunciation.

    Up to four letters (Philips 2000).

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

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
    """The Double Metaphone of every word, for the other pronunciation.

    That of `double_metaphone` where there is no other.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

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
    """The NYSIIS code of every word, up to six letters.

    New York State Identification and Intelligence System, 1970.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

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
    """The Kölner Phonetik of every word, for German: digits.

    Postel 1969.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.cologne("Robert Schmidt")
        '7172 862'
    """
    return _normalize("cologne", text)
