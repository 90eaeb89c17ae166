"""Two keys on one server: what is one tenant's is nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

import lantern
from lantern import exceptions
from other_api import Reply, batch_api, serving


async def test_another_tenants_ids_are_not_found() -> None:
    with lantern.LocalServer(limits="off", size=200, tenants=["second-key"]) as server:
        first, second = server.client(), server.client(api_key="second-key")
        lead = server.crm("leads").column("id")[0].as_py()
        run = first.agents.email(["P0000001"], max_credits=1).run_id
        for call in (
            lambda: second.salesforce.convert(lead_sf_id=lead),
            lambda: second.routing.assign(object="lead", sf_id=lead, pool="default"),
            lambda: second.agents.status(run),
        ):
            with pytest.raises(exceptions.NotFoundError) as caught:
                call()
            assert caught.value.status == 404
        async with server.async_client(api_key="second-key") as awaited:
            with pytest.raises(exceptions.NotFoundError):
                await awaited.salesforce.convert(lead_sf_id=lead)
        assert first.salesforce.convert(lead_sf_id=lead).status == "converted"
        assert second.credits.usage("2026-01-01", "2100-01-01").credits_used == 0
        assert second.credits.remaining().tenant_id == 2


def test_a_tenant_reads_its_own_results() -> None:
    with lantern.LocalServer(limits="off", size=200, tenants=["second-key"]) as server:
        people = server.people().slice(0, 20)
        for tenant in (server.key, "second-key"):
            client = server.client(api_key=tenant)
            job = client.submit(people, "email", max_credits=20, key="both")
            job.wait(timeout=60)
            assert job.table().num_rows == 20
        assert server.runs().num_rows == 1


def test_tenants_need_keys_of_their_own() -> None:
    with pytest.raises(exceptions.ConfigError, match="a key of its own"):
        lantern.LocalServer(tenants=["a", "a"])


class Tenants:
    """An API whose answer about a key's tenant is `told`, and whose answers differ by order."""

    def __init__(self, told: Any) -> None:
        self.told = told
        self.runs = 0
        self.batches = batch_api(self.result)
        self.hosts = self.batches.hosts  # type: ignore[attr-defined]

    def result(self, ids: list[str]) -> str:
        self.runs += 1
        rows = "".join(f"{id},{id}@run{self.runs}.com,true\n" for id in ids)
        return f"id,email,email_found\n{rows}"

    def __call__(self, method: str, path: str, body: Any) -> Any:
        if path == "/v1/credits/remaining":
            return self.told
        return self.batches(method, path, body)


def emails(client: lantern.Client) -> list[str]:
    job = client.submit(pa.table({"id": ["a", "b"]}), "email", max_credits=2)
    job.wait(timeout=60)
    return job.table().column("email").to_pylist()


def of_tenant(name: Any) -> dict[str, Any]:
    return {"success": True, "tenant_id": name, "remaining_credits": 5}


@pytest.mark.parametrize(
    "told",
    [
        Reply({"success": False, "error": "no"}, 403),
        Reply({"success": False, "error": "no"}, 404),
        Reply({"success": False, "error": "no"}, 501),
        Reply(b"<html>", 200),
        {"success": True, "remaining_credits": 5},
        of_tenant(None),
        of_tenant({"a": 1}),
        of_tenant(" "),
        of_tenant(True),
    ],
    ids=["403", "404", "501", "no JSON", "no tenant", "null", "object", "blank", "boolean"],
)
def test_a_key_without_a_tenant_has_an_account_of_its_own_and_keeps_it(
    told: Any, client_of: Callable[..., lantern.Client]
) -> None:
    api = Tenants(told)
    with serving(api) as server:
        first = emails(client_of(server.url, "key-of-one"))
        assert emails(client_of(server.url, "key-of-another")) != first
        assert len(server.posts()) == 2
        api.told = of_tenant(7)
        assert emails(client_of(server.url, "key-of-one")) == first
        assert len(server.posts()) == 2


@pytest.mark.parametrize("status", [429, 500, 502, 503, 520])
def test_nothing_is_sent_while_it_is_unknown_who_pays(
    status: int, client_of: Callable[..., lantern.Client]
) -> None:
    failing = Reply({"success": False, "error": "later"}, status)
    api = Tenants(failing)
    with serving(api) as server:
        with pytest.raises(exceptions.APIError, match="which tenant owns the key") as caught:
            emails(client_of(server.url))
        assert caught.value.status == status
        assert server.posts() == []
        api.told = of_tenant(7)
        first = emails(client_of(server.url))
        # What was learnt holds while the API does not tell it.
        api.told = failing
        assert emails(client_of(server.url)) == first
        assert len(server.posts()) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("tenant-1", "tenant-2"), ("acme", "ACME"), (2**63, 2**63 + 1), ("1", "01")]
)
def test_tenants_are_told_apart_by_texts_and_large_numbers(
    one: Any, other: Any, client_of: Callable[..., lantern.Client]
) -> None:
    api = Tenants(of_tenant(one))
    with serving(api) as server:
        first = emails(client_of(server.url, "key-of-one"))
        assert emails(client_of(server.url, "a-renewed-key")) == first
        api.told = of_tenant(other)
        assert emails(client_of(server.url, "key-of-another")) != first
        assert len(server.posts()) == 2
