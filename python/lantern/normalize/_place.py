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
    """Return the ISO 3166-1 alpha-2 code of a country.

    Recognizes its name in some thirty languages, common variants, and ISO codes of two or three
    letters or three digits. The result is `None` if the country is unknown.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

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
    """Return the code of a state or territory of the United States.

    Recognizes its name, abbreviations and the code itself. The result is `None` if it is unknown.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

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
    """Return the key of a street address line.

    Ignores case and accents, and writes abbreviations in full. Suites, flats and floors are left
    out; numbers are kept. The key is `None` if there is no letter or digit.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

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
    """Return a postal code in the form that its country uses.

    Letters of the country before the code are removed, and a leading zero that a spreadsheet
    dropped is restored. The result is `None` if the text is not a code of the country.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...
        country: Country of the codes, as a code or a name; `None` (default) recognizes US, British,
            Canadian and Dutch codes by their form.

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.
        InputError: If `country` is not a country.

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
    """Return the slug of a LinkedIn page.

    Reads URLs of people and companies on the host of any country, paths without a host, and plain
    slugs. The result is `None` for anything else.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.linkedin_slug("https://uk.linkedin.com/in/Ada-Byron-1815/?trk=x")
        'ada-byron-1815'
    """
    return _normalize("linkedin_slug", text)
