"""Company names."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from lantern._lantern import _normalize

if TYPE_CHECKING:
    from lantern._columns import Column, Texts


@overload
def company_key(text: str) -> str | None: ...
@overload
def company_key(text: Texts) -> Column: ...
def company_key(text: str | Texts) -> str | Column | None:
    """The key of a company name, by which spellings of one company are equal.

    Legal forms of some 60 countries, case, accents, punctuation, `&` and "and", a leading "the" and
    common abbreviations are evened out. None if there is no letter or digit.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.company_key("The Müller & Söhne GmbH & Co. KG")
        'muller sohne'
    """
    return _normalize("company_key", text)


@overload
def legal_form(text: str) -> str | None: ...
@overload
def legal_form(text: Texts) -> Column: ...
def legal_form(text: str | Texts) -> str | Column | None:
    """The legal form in a company's name, in its usual spelling.

    None if there is none.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.legal_form("Acme Sp. z o.o.")
        'Sp. z o.o.'
    """
    return _normalize("legal_form", text)


@overload
def legal_form_country(text: str) -> str | None: ...
@overload
def legal_form_country(text: Texts) -> Column: ...
def legal_form_country(text: str | Texts) -> str | Column | None:
    """The likeliest country of a company, by the legal form in its name.

    An ISO 3166-1 alpha-2 code; None if the name has no legal form.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.legal_form_country("Acme Sp. z o.o.")
        'PL'
    """
    return _normalize("legal_form_country", text)


@overload
def acronym(text: str) -> str | None: ...
@overload
def acronym(text: Texts) -> Column: ...
def acronym(text: str | Texts) -> str | Column | None:
    """The initials of a company's name, without legal forms and joining words.

    None for a name of one word.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.acronym("International Business Machines Corp.")
        'ibm'
    """
    return _normalize("acronym", text)
