"""Normalizers: keys of names, addresses and numbers, equal for different spellings.

Each function takes a string or a column of text and returns the key of each value. The key is null
for null and for text without a key. A column is anything that exports Arrow (a Series of Polars or
pandas, an array of PyArrow or arro3). The result is an `arro3.core.Array`, or a `ChunkedArray` if
the input is chunked. Repeated values are computed once where that is faster.

Keys of the same version can be stored and compared; `versions()` returns the versions.

Example:
    >>> import lantern, polars as pl
    >>> names = pl.Series(["The Acme Corporation, Inc.", "ACME CORP.", None])
    >>> lantern.normalize.company_key(names).to_pylist()
    ['acme', 'acme', None]
"""

from lantern._lantern import _normalizers
from lantern.normalize._company import (
    acronym,
    company_key,
    legal_form,
    legal_form_country,
)
from lantern.normalize._mail import (
    company_domain_key,
    domain_key,
    email_domain,
    email_key,
    is_disposable_email,
    is_free_email,
    is_valid_email,
)
from lantern.normalize._person import (
    family_name_key,
    first_name_key,
    given_name_key,
    last_name_key,
    person_key,
)
from lantern.normalize._phone import is_valid_phone, phone_e164, phone_region
from lantern.normalize._place import (
    country_code,
    linkedin_slug,
    postal_code,
    street_key,
    us_state,
)
from lantern.normalize._sound import (
    cologne,
    double_metaphone,
    double_metaphone_alternate,
    metaphone,
    nysiis,
    soundex,
)

__all__ = [
    "acronym",
    "cologne",
    "company_domain_key",
    "company_key",
    "country_code",
    "domain_key",
    "double_metaphone",
    "double_metaphone_alternate",
    "email_domain",
    "email_key",
    "family_name_key",
    "first_name_key",
    "given_name_key",
    "is_disposable_email",
    "is_free_email",
    "is_valid_email",
    "is_valid_phone",
    "last_name_key",
    "legal_form",
    "legal_form_country",
    "linkedin_slug",
    "metaphone",
    "nysiis",
    "person_key",
    "phone_e164",
    "phone_region",
    "postal_code",
    "soundex",
    "street_key",
    "us_state",
    "versions",
]


def versions() -> dict[str, int]:
    """Return the version of every normalizer, by name.

    The version increases with every change of rules that changes the key of any text. Updates of
    data (public suffixes, phone metadata, mail domains) do not count.

    Example:
        >>> import lantern
        >>> lantern.normalize.versions()["company_key"]
        4
    """
    return {name: version for name, version in _normalizers()}  # noqa: C416
