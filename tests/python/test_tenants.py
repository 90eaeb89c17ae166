"""Two keys on one server: what is one tenant's is nobody else's."""

from __future__ import annotations

import pytest

import lantern
from lantern import exceptions


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
