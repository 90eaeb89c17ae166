"""E-mail addresses and domains."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from lantern._lantern import _normalize

if TYPE_CHECKING:
    from lantern._columns import Column, Texts


@overload
def email_key(text: str) -> str | None: ...
@overload
def email_key(text: Texts) -> Column: ...
def email_key(text: str | Texts) -> str | Column | None:
    """Return the key of an e-mail address, equal for all spellings of the same mailbox.

    Ignores case, plus tags, and dots for providers that ignore them. Also reads `Ada
    <ada@acme.com>` and `mailto:` links. The key is `None` if there is no address.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.email_key("Ada.Byron+news@GoogleMail.com")
        'adabyron@gmail.com'
    """
    return _normalize("email_key", text)


@overload
def email_domain(text: str) -> str | None: ...
@overload
def email_domain(text: Texts) -> Column: ...
def email_domain(text: str | Texts) -> str | Column | None:
    """Return the domain of an e-mail address, in full and in lower-case ASCII.

    The result is `None` if there is no address.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.email_domain("Ada@Mail.Acme.com")
        'mail.acme.com'
    """
    return _normalize("email_domain", text)


@overload
def is_free_email(text: str) -> bool: ...
@overload
def is_free_email(text: Texts) -> Column: ...
def is_free_email(text: str | Texts) -> bool | Column:
    """Return whether an address or a domain belongs to a public mail provider.

    A public provider gives mailboxes to anyone. `False` for text that is neither an address nor a
    domain.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A boolean; for a column, an arro3 array of booleans, chunked if the input is. Null gives
        null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.is_free_email("ada@gmail.com")
        True
    """
    return _normalize("is_free_email", text)


@overload
def is_disposable_email(text: str) -> bool: ...
@overload
def is_disposable_email(text: Texts) -> Column: ...
def is_disposable_email(text: str | Texts) -> bool | Column:
    """Return whether an address or a domain belongs to a provider of disposable mailboxes.

    `False` for text that is neither an address nor a domain.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A boolean; for a column, an arro3 array of booleans, chunked if the input is. Null gives
        null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.is_disposable_email("ada@mailinator.com")
        True
    """
    return _normalize("is_disposable_email", text)


@overload
def is_valid_email(text: str) -> bool: ...
@overload
def is_valid_email(text: Texts) -> Column: ...
def is_valid_email(text: str | Texts) -> bool | Column:
    """Return whether a text is a valid e-mail address as it stands.

    Only the syntax is checked; nothing is sent or looked up.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A boolean; for a column, an arro3 array of booleans, chunked if the input is. Null gives
        null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.is_valid_email("ada@acme")
        False
    """
    return _normalize("is_valid_email", text)


@overload
def domain_key(text: str) -> str | None: ...
@overload
def domain_key(text: Texts) -> Column: ...
def domain_key(text: str | Texts) -> str | Column | None:
    """Return the registrable domain of a URL, an e-mail address or a host name.

    The domain follows the public suffix list and is in lower-case ASCII. The result is `None` for
    an IP address, a public suffix, and text that is not a domain.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.domain_key("https://www.shop.acme.co.uk/x")
        'acme.co.uk'
    """
    return _normalize("domain_key", text)


@overload
def company_domain_key(text: str) -> str | None: ...
@overload
def company_domain_key(text: Texts) -> Column: ...
def company_domain_key(text: str | Texts) -> str | Column | None:
    """Return the registrable domain, if it is a company's own.

    The result is `None` for mail providers, and for pages on a website that hosts pages of many.

    Args:
        text: String, or column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        A string or `None`; for a column, an arro3 array of strings, chunked if the input is. Null
        gives null.

    Raises:
        TypeError: If the column is not text. The message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.company_domain_key("ada@mail.acme.com")
        'acme.com'
    """
    return _normalize("company_domain_key", text)
