"""Phone numbers, by libphonenumber's metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from lantern._lantern import _normalize

if TYPE_CHECKING:
    from lantern._columns import Column, Texts


@overload
def phone_e164(text: str, *, default_region: str | None = None) -> str | None: ...
@overload
def phone_e164(text: Texts, *, default_region: str | None = None) -> Column: ...
def phone_e164(text: str | Texts, *, default_region: str | None = None) -> str | Column | None:
    """Return a phone number in E.164 format.

    Extensions are dropped, and letters of vanity numbers are replaced by digits. The result is
    `None` if the number is invalid.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...
        default_region: Region (ISO 3166-1 alpha-2) of numbers without a country code; `None`
            (default) reads only international numbers.

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.
        InputError: If `default_region` is not a region.

    Example:
        >>> import lantern
        >>> lantern.normalize.phone_e164("(415) 555-2671 x12", default_region="US")
        '+14155552671'
    """
    return _normalize("phone_e164", text, default_region)


@overload
def phone_region(text: str, *, default_region: str | None = None) -> str | None: ...
@overload
def phone_region(text: Texts, *, default_region: str | None = None) -> Column: ...
def phone_region(text: str | Texts, *, default_region: str | None = None) -> str | Column | None:
    """Return the region of a valid phone number.

    The result is an ISO 3166-1 alpha-2 code, or `None` for an invalid number and one of no region.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...
        default_region: Region (ISO 3166-1 alpha-2) of numbers without a country code; `None`
            (default) reads only international numbers.

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.
        InputError: If `default_region` is not a region.

    Example:
        >>> import lantern
        >>> lantern.normalize.phone_region("+44 20 7946 0958")
        'GB'
    """
    return _normalize("phone_region", text, default_region)


@overload
def is_valid_phone(text: str, *, default_region: str | None = None) -> bool: ...
@overload
def is_valid_phone(text: Texts, *, default_region: str | None = None) -> Column: ...
def is_valid_phone(text: str | Texts, *, default_region: str | None = None) -> bool | Column:
    """Return whether a text is a valid phone number in the numbering plan of its region.

    Nothing is called or looked up.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...
        default_region: Region (ISO 3166-1 alpha-2) of numbers without a country code; `None`
            (default) reads only international numbers.

    Returns:
        A boolean; for a column, an arro3 array of booleans, chunked if the input is. Null gives
        null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.
        InputError: If `default_region` is not a region.

    Example:
        >>> import lantern
        >>> lantern.normalize.is_valid_phone("+1 555")
        False
    """
    return _normalize("is_valid_phone", text, default_region)
