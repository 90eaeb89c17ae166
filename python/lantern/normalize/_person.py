"""Names of people."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from lantern._lantern import _normalize

if TYPE_CHECKING:
    from lantern._columns import Column, Texts


@overload
def person_key(text: str) -> str | None: ...
@overload
def person_key(text: Texts) -> Column: ...
def person_key(text: str | Texts) -> str | Column | None:
    """Return the key of a full name, equal for all spellings of the same name.

    Ignores case, accents, titles, suffixes and word order, and replaces nicknames. The key is
    `None` if there is no letter.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.person_key("Dr. Byron, Bob J. (Bobby) Jr.")
        'robert byron'
    """
    return _normalize("person_key", text)


@overload
def first_name_key(text: str) -> str | None: ...
@overload
def first_name_key(text: Texts) -> Column: ...
def first_name_key(text: str | Texts) -> str | Column | None:
    """Return the key of one or several given names.

    A name after the first counts only if the two form one name (`Jean Pierre`, `Mary Ann`).

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.first_name_key("Bob J.")
        'robert'
    """
    return _normalize("first_name_key", text)


@overload
def last_name_key(text: str) -> str | None: ...
@overload
def last_name_key(text: Texts) -> Column: ...
def last_name_key(text: str | Texts) -> str | Column | None:
    """Return the key of a surname.

    Particles are joined to the name, and suffixes are ignored.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.last_name_key("van der Berg")
        'vanderberg'
    """
    return _normalize("last_name_key", text)


@overload
def given_name_key(text: str) -> str | None: ...
@overload
def given_name_key(text: Texts) -> Column: ...
def given_name_key(text: str | Texts) -> str | Column | None:
    """Return the key of the first given name in a full name.

    The key is `None` if there is no letter.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.given_name_key("Byron, Ada")
        'ada'
    """
    return _normalize("given_name_key", text)


@overload
def family_name_key(text: str) -> str | None: ...
@overload
def family_name_key(text: Texts) -> Column: ...
def family_name_key(text: str | Texts) -> str | Column | None:
    """Return the key of the family name in a full name.

    The key is `None` if there is only one name.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.family_name_key("Byron, Ada")
        'byron'
    """
    return _normalize("family_name_key", text)
