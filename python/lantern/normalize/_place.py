"""Countries, streets, postal codes, and profile pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from lantern._lantern import _normalize

if TYPE_CHECKING:
    from lantern._columns import Column, Texts


@overload
def country_code(text: str) -> str | None: ...
@overload
def country_code(text: Texts) -> Column: ...
def country_code(text: str | Texts) -> str | Column | None:
    """The ISO 3166-1 alpha-2 code of a country.

    From its name in some thirty languages, common variants, and ISO codes of two or three letters
    or three digits. None if it is not known.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.country_code("Deutschland")
        'DE'
    """
    return _normalize("country_code", text)


@overload
def us_state(text: str) -> str | None: ...
@overload
def us_state(text: Texts) -> Column: ...
def us_state(text: str | Texts) -> str | Column | None:
    """The code of a state or territory of the United States.

    From its name, an abbreviation or the code itself. None if it is not known.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.us_state("Calif.")
        'CA'
    """
    return _normalize("us_state", text)


@overload
def street_key(text: str) -> str | None: ...
@overload
def street_key(text: Texts) -> Column: ...
def street_key(text: str | Texts) -> str | Column | None:
    """The key of a street line.

    Case, accents and abbreviations are evened out; suites, flats and floors are left out; numbers
    stay. None if there is no letter or digit.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.street_key("123 N. Main St., Suite 400")
        '123 north main street'
    """
    return _normalize("street_key", text)


@overload
def postal_code(text: str, *, country: str | None = None) -> str | None: ...
@overload
def postal_code(text: Texts, *, country: str | None = None) -> Column: ...
def postal_code(text: str | Texts, *, country: str | None = None) -> str | Column | None:
    """A postal code in the form that its country writes.

    A country's letters before the code are left out, and a leading zero that a spreadsheet dropped
    is put back. None if it is no code of the country.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...
        country: The country whose codes are read, as a code or a name; without it US,
                British, Canadian and Dutch codes are recognized by their form.

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.
        InputError: There is no such country.

    Example:
        >>> import lantern
        >>> lantern.normalize.postal_code("2138", country="US")
        '02138'
    """
    return _normalize("postal_code", text, country)


@overload
def linkedin_slug(text: str) -> str | None: ...
@overload
def linkedin_slug(text: Texts) -> Column: ...
def linkedin_slug(text: str | Texts) -> str | Column | None:
    """The slug of a LinkedIn page.

    Takes URLs of people and companies on any country's host, paths without a host, and bare slugs.
    None for everything else.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.linkedin_slug("https://uk.linkedin.com/in/Ada-Byron-1815/?trk=x")
        'ada-byron-1815'
    """
    return _normalize("linkedin_slug", text)
