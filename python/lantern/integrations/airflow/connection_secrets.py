"""Secrets in the extra of a connection. Airflow recognizes and hides them only by their names.

Everybody who may look at connections sees the rest of the extra, on pages and in answers of the
REST API. So a secret belongs under a name that Airflow hides, and is refused elsewhere.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from lantern.integrations.airflow.failure import Refused

# Airflow hides the value of a name that contains one of these words.
HIDDEN = (
    *("access_key", "access_token", "api_key", "apikey", "passphrase", "passwd", "password"),
    *("private_key", "secret", "service_account", "token"),
)
# Names of storage options whose value is a secret. The id, name or path of a key is not secret.
SECRET = re.compile(r"(key|sas|secret|token|passw|passphrase|credential|signature)")
NO_SECRET = re.compile(r"(_id|_name|_path|_file|_uri|_url|^skip_signature|^aws_skip_signature)$")


def ledger_url(name: str, url: str, password: str | None) -> str:
    """Return the place of a ledger, with the password that is kept beside it.

    Args:
        name: What messages call the connection.
        url: Path, or a URL without a password.
        password: The extra's `ledger_password`, if it has one.

    Raises:
        AirflowFailException: If the URL has a password of its own.
    """
    scheme, separator, rest = url.partition("://")
    # A password can contain a slash, so the address begins after the last "@".
    user, _, address = rest.rpartition("@")
    if (separator and ":" in user) or re.search(r"password\s*=", url, re.IGNORECASE):
        raise Refused(
            f"ledger in the extra of {name} has a password, which Airflow would show; move it to "
            "ledger_password there, which Airflow hides"
        )
    if not password or not separator:
        return url
    return f"{scheme}://{user}:{quote(password, safe='')}@{address}"


def storage_options(name: str, shown: object, hidden: object) -> dict[str, Any]:
    """Return the options of the result storage, of which some are kept under a name that is hidden.

    Args:
        name: What messages call the connection.
        shown: The extra's `storage_options`.
        hidden: The extra's `storage_secrets`.

    Raises:
        AirflowFailException: If a secret is where Airflow would show it.
    """
    # Airflow hides nothing in a text.
    is_text = isinstance(shown, str)
    options = mapping(name, "storage_options", shown or {})
    for option in options:
        lower = option.lower()
        is_secret = SECRET.search(lower) and not NO_SECRET.search(lower)
        if is_secret and (is_text or not any(part in lower for part in HIDDEN)):
            raise Refused(
                f"storage_options in the extra of {name} has {option!r}, which Airflow would show; "
                "move it to storage_secrets there, which Airflow hides"
            )
    return options | mapping(name, "storage_secrets", hidden or {})


def mapping(name: str, key: str, value: object) -> dict[str, Any]:
    """Return a mapping, which forms may give as JSON text.

    Raises:
        AirflowFailException: If the value is not one.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if not isinstance(value, dict):
        raise Refused(f"{key} in the extra of {name} is no JSON object; correct it")
    return value
