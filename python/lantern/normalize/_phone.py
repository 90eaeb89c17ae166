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
    """A phone number in E.164.

    Extensions are dropped, letters of vanity numbers dialled. None if the number is not valid.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...
        default_region: The region (ISO 3166-1 alpha-2) whose numbers are read without a
                country code.

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.
        InputError: There is no such region.

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
    """The region that a valid phone number belongs to.

    An ISO 3166-1 alpha-2 code; None for numbers of no region, and for invalid ones.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...
        default_region: The region (ISO 3166-1 alpha-2) whose numbers are read without a
                country code.

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.
        InputError: There is no such region.

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
    """Whether text is a valid phone number, by the digits that its region assigns.

    Nothing is dialled or looked up.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...
        default_region: The region (ISO 3166-1 alpha-2) whose numbers are read without a
                country code.

    Returns:
        For a column an arro3 array of booleans, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.
        InputError: There is no such region.

    Example:
        >>> import lantern
        >>> lantern.normalize.is_valid_phone("+1 555")
        False
    """
    return _normalize("is_valid_phone", text, default_region)
