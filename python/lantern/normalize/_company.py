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
    """Return the key of a company name, equal for all spellings of the same company.

    Ignores the legal forms of some 60 countries, case, accents, punctuation, and a leading "the".
    `&` equals "and", and common abbreviations equal their long forms. The key is `None` if there is
    no letter or digit.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

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
    """Return the legal form in a company name, in its usual spelling.

    The result is `None` if the name has no legal form.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

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
    """Return the most likely country of a company, based on the legal form in its name.

    The result is an ISO 3166-1 alpha-2 code, or `None` if the name has no legal form.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

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
    """Return the initials of a company name, without legal forms and joining words.

    The result is `None` for a name of one word.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.acronym("International Business Machines Corp.")
        'ibm'
    """
    return _normalize("acronym", text)
