"""The resource: the settings of a client, whose secrets are never shown."""

from typing import Annotated, Any

import dagster as dg
from pydantic import AfterValidator, ConfigDict, Field, PlainSerializer, PrivateAttr

import lantern


class _Unprinted(str):
    """Text that behaves like any other, but is printed as asterisks."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'**********'"

    def __str__(self) -> str:
        return "**********"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def _unprinted(text: str | None) -> str | None:
    # An EnvVar contains a name that Dagster will look up, and not the secret.
    if text is None or isinstance(text, dg.EnvVar):
        return text
    return _Unprinted(text)


def _unprinted_values(texts: dict[str, str]) -> dict[str, str]:
    return {name: _unprinted(text) or "" for name, text in texts.items()}


def _unprinted_password(text: str | None) -> str | None:
    # A path is worth showing; a URL or a connection string can hold a password.
    if text is None or isinstance(text, dg.EnvVar):
        return text
    return _Unprinted(text) if "@" in text or "password" in text.lower() else text


def _masked(value: Any) -> Any:
    """Return what leaves the process in place of a setting."""
    if isinstance(value, dict):
        return {name: _masked(text) for name, text in value.items()}
    return str(value) if isinstance(value, _Unprinted) else value


#: Dagster itself reads the settings from the fields.
_Masked = PlainSerializer(_masked)


def _plain(text: str | None) -> str | None:
    return None if text is None else str.__str__(text)


class LanternResource(dg.ConfigurableResource):  # type: ignore[misc]
    """The Lantern API as a Dagster resource.

    Every setting can be a `dagster.EnvVar`, such as `api_key=dg.EnvVar("LANTERN_API_KEY")`. Without
    `api_key`, `LANTERN_API_KEY` is read in the process of the run. Neither the key, a storage
    option nor a password in the ledger's URL is shown by `repr`, `vars`, `print`, `model_dump_json`
    or Dagster's pages.

    Example:
        >>> import dagster as dg
        >>> from lantern.integrations.dagster import LanternResource
        >>> lantern_api = LanternResource(api_key=server.key, base_url=server.url)
        >>> @dg.asset
        ... def credits_left(lantern_api: LanternResource) -> float:
        ...     return lantern_api.get_client().credits.remaining().remaining_credits
        >>> run = dg.materialize([credits_left], resources={"lantern_api": lantern_api})
        >>> run.output_for_node("credits_left")
        1000000.0
    """

    # An error about a setting would quote it.
    model_config = ConfigDict(hide_input_in_errors=True)

    api_key: Annotated[str | None, AfterValidator(_unprinted), _Masked] = Field(
        default=None,
        repr=False,
        description="The API key; by default LANTERN_API_KEY.",
        json_schema_extra={"dagster__is_secret": True},
    )
    base_url: Annotated[str | None, AfterValidator(_unprinted_password), _Masked] = Field(
        default=None,
        description="Where the API is; by default LANTERN_BASE_URL, else Lantern's own address.",
    )
    ledger: Annotated[str | None, AfterValidator(_unprinted_password), _Masked] = Field(
        default=None,
        description="The file or the postgresql:// URL that spends are written down in; by default "
        "LANTERN_LEDGER, else ~/.local/state/lantern/ledger.sqlite. Keep it where every run finds "
        "it.",
        # A URL can hold a password.
        json_schema_extra={"dagster__is_secret": True},
    )
    storage_options: Annotated[dict[str, str], AfterValidator(_unprinted_values), _Masked] = Field(
        default={},
        repr=False,
        description="Credentials and endpoint of the result storage, in the spelling of obstore.",
        json_schema_extra={"dagster__is_secret": True},
    )
    limits: dict[str, int] | None = Field(
        default=None,
        description="Requests a minute by class: sync, batches, credits, bursts; 0 is no limit.",
    )

    _client: lantern.Client | None = PrivateAttr(default=None)

    def get_client(self) -> lantern.Client:
        """Return the client, which is created once per process.

        Raises:
            ConfigError: If the API key is missing, or a setting is invalid.

        Example:
            >>> resource.get_client() is resource.get_client()
            True
        """
        if self._client is None:
            storage = {name: _plain(text) or "" for name, text in self.storage_options.items()}
            limits = None
            if self.limits is not None:
                limits = {name: count or None for name, count in self.limits.items()}
            self._client = lantern.Client(
                _plain(self.api_key),
                _plain(self.base_url),
                ledger=_plain(self.ledger),
                storage_options=storage or None,
                limits=limits,
                user_agent="lantern-dagster",
            )
        return self._client

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Close the connections at the end of a run."""
        if self._client is not None:
            self._client.close()
            self._client = None
