"""The hook, which makes clients from an Airflow connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException

import lantern
from lantern.integrations.airflow.connection_secrets import (
    ledger_url,
    mapping,
    storage_options,
)
from lantern.integrations.airflow.failure import Refused, in_airflow_terms

if TYPE_CHECKING:
    from airflow.sdk import Connection

# Names in the connection's extra that are arguments of `Client`.
SETTINGS = (
    "ledger",
    "storage_options",
    "limits",
    "timeout",
    "connect_timeout",
    "read_timeout",
    "retries",
    "ca_bundle",
    "proxy",
    "allow_http",
)
# Other names in the extra.
BESIDE = ("ledger_password", "storage_secrets", "run_url")


class LanternHook(BaseHook):
    """Make clients from a connection of type `lantern`.

    The password of the connection is the API key, and its host is the base URL. Its extra contains
    arguments of `lantern.Client` (`ledger`, `storage_options`, `limits`, ...), `ledger_password`,
    `storage_secrets` and `run_url`. The hook does not store the key.

    Args:
        lantern_conn_id: Id of the connection.
        kwargs: Arguments of Airflow's `BaseHook`.

    Example:
        from airflow.sdk import DAG, task

        from lantern.integrations.airflow import LanternHook


        @task
        def credits_left() -> float:
            with LanternHook("lantern_default").get_conn() as client:
                return client.credits.remaining().remaining_credits


        with DAG("watch_credits"):
            credits_left()
    """

    conn_name_attr = "lantern_conn_id"
    default_conn_name = "lantern_default"
    conn_type = "lantern"
    hook_name = "Lantern"

    def __init__(self, lantern_conn_id: str = default_conn_name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lantern_conn_id = lantern_conn_id

    def get_conn(self) -> lantern.Client:
        """Return a client.

        Raises:
            AirflowFailException: If the connection does not exist, has no API key, or has an
                invalid setting.

        Example:
            >>> with LanternHook("lantern_default").get_conn() as client:
            ...     client.credits.remaining().remaining_credits
            1000000.0
            >>> LanternHook("lantern_other").get_conn()
            Traceback (most recent call last):
                ...
            lantern.integrations.airflow.failure.Refused: there is no connection 'lantern_other';
            add one of type Lantern with the API key as its password: ...
        """
        connection = self._connection()
        settings = client_settings(connection, connection.extra_dejson)
        with in_airflow_terms():
            return lantern.Client(**settings)

    async def get_async_conn(self) -> lantern.AsyncClient:
        """Return an awaitable client, for triggers. It does not block their event loop.

        Raises:
            AirflowFailException: As for `get_conn`.

        Example:
            >>> import asyncio
            >>> async def left() -> float:
            ...     async with await LanternHook().get_async_conn() as client:
            ...         return (await client.credits.remaining()).remaining_credits
            >>> asyncio.run(left())
            1000000.0
        """
        try:
            connection = await self.aget_connection(self.lantern_conn_id)
        except AirflowNotFoundException as error:
            raise self._not_there() from error
        settings = client_settings(connection, await connection.aextra_dejson())
        with in_airflow_terms():
            return lantern.AsyncClient(**settings)

    def run_url(self, run_id: str, base_url: str) -> str:
        """Return the URL of a run: the connection's `run_url`, or the API's own address.

        Args:
            run_id: Id of the run, a UUID.
            base_url: URL of the API, for connections without a `run_url`.

        Raises:
            AirflowFailException: If the connection does not exist.

        Example:
            >>> LanternHook().run_url("0be8b036", "https://api.example.com")
            'https://api.example.com/v1/agents/runs/0be8b036/status'
        """
        template = self._connection().extra_dejson.get("run_url")
        if template:
            return str(template).replace("{run_id}", run_id)
        return f"{base_url.rstrip('/')}/v1/agents/runs/{run_id}/status"

    def test_connection(self) -> tuple[bool, str]:
        """Ask the API how many credits are left. The web page's "Test" button calls this.

        Returns:
            Whether the connection works, and a sentence with the credits or the reason.

        Example:
            >>> LanternHook().test_connection()
            (True, 'The key is good, and 1,000,000 credits are left.')
        """
        try:
            with in_airflow_terms(), self.get_conn() as client:
                left = client.credits.remaining().remaining_credits
        except AirflowException as error:
            return False, str(error)
        return True, f"The key is good, and {left:,.0f} credits are left."

    def _connection(self) -> Connection:
        try:
            return self.get_connection(self.lantern_conn_id)
        except AirflowNotFoundException as error:
            raise self._not_there() from error

    def _not_there(self) -> Refused:
        return Refused(
            f"there is no connection {self.lantern_conn_id!r}; add one of type Lantern with the "
            f"API key as its password: airflow connections add {self.lantern_conn_id} "
            "--conn-type lantern --conn-password KEY"
        )


def client_settings(connection: Connection, extra: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of `Client` that a connection describes.

    Raises:
        AirflowFailException: If the type is another one, the API key is missing, or the extra is
            invalid.
    """
    name = f"connection {connection.conn_id!r}"
    if connection.conn_type != LanternHook.conn_type:
        raise Refused(f"{name} is of type {connection.conn_type!r}; choose one of type Lantern")
    if not connection.password:
        raise Refused(f"{name} has no API key; enter it as the connection's password")
    if not extra and (connection.extra or "").strip() not in ("", "{}", "null"):
        raise Refused(f"the extra of {name} is no JSON object; correct it")
    settings: dict[str, Any] = {"api_key": connection.password, "base_url": _base_url(connection)}
    for key, value in extra.items():
        if value is None or value == "" or key in BESIDE:
            continue
        if key not in SETTINGS:
            raise Refused(
                f"the extra of {name} has {key!r}, which is no setting; there are "
                f"{', '.join([*SETTINGS, *BESIDE[:-1]])} and {BESIDE[-1]}"
            )
        settings[key] = mapping(name, key, value) if key == "limits" else value
    if "ledger" in settings:
        password = extra.get("ledger_password")
        settings["ledger"] = ledger_url(name, str(settings["ledger"]), password)
    if extra.get("storage_options") or extra.get("storage_secrets"):
        settings["storage_options"] = storage_options(
            name, extra.get("storage_options"), extra.get("storage_secrets")
        )
    return settings


def _base_url(connection: Connection) -> str | None:
    if not connection.host:
        return None
    if "@" in connection.host:
        raise Refused(
            f"the host of connection {connection.conn_id!r} has a user or a password, which "
            "Airflow would show; the API takes the key alone, which is the connection's password"
        )
    host = connection.host if "://" in connection.host else f"https://{connection.host}"
    return f"{host}:{connection.port}" if connection.port else host
