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
    """The key of an e-mail address, by which spellings of one mailbox are equal.

    Case, plus tags, and dots where the provider ignores them. Takes `Ada <ada@acme.com>` and
    `mailto:` as well. None if there is no address.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

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
    """The domain of an e-mail address, whole and in lower-case ASCII.

    None if there is no address.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

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
    """Whether an address or a domain is of a provider that gives mailboxes to anyone.

    False for text that is neither.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of booleans, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

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
    """Whether an address or a domain is of a provider of throw-away mailboxes.

    False for text that is neither.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of booleans, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

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
    """Whether text is an e-mail address as it stands.

    Nothing is sent or looked up.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of booleans, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

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
    """The registrable domain of a URL, an e-mail address or a host name.

    By the public suffix list, in lower-case ASCII. None for an IP address, a public suffix, and
    text that is no domain.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

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
    """The registrable domain, where it is a company's own.

    None for providers of mail, and for pages on a website that many have pages on.

    Args:
        text: A string, or a column of text: an Arrow array, a Series of Polars or pandas, ...

    Returns:
        For a column an arro3 array of strings, in chunks if the input is. Null gives null.

    Raises:
        TypeError: The column is not text; the message names its type and the cast to write.

    Example:
        >>> import lantern
        >>> lantern.normalize.company_domain_key("ada@mail.acme.com")
        'acme.com'
    """
    return _normalize("company_domain_key", text)
