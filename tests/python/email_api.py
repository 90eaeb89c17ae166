"""An API that finds e-mail addresses, and tables of people to ask it about."""

from __future__ import annotations

import threading
from typing import Any

import polars as pl

from lantern import Client
from other_api import OtherApi, Reply

PERSON = {
    "record_id": "id",
    "first_name": "first",
    "last_name": "last",
    "company": "company",
}


class EmailApi:
    """An e-mail API that finds everybody whose first name is not `Nobody`, for one credit each."""

    def __init__(self) -> None:
        # How many calls are refused before the others are answered.
        self.refusals = 0
        self.wait = threading.Event()
        self.wait.set()

    def __call__(self, method: str, path: str, body: Any) -> Any:
        if method != "POST":
            return Reply({"success": False, "error": "no such call"}, 404)
        refused, self.refusals = self.refusals > 0, self.refusals - 1
        self.wait.wait(60)
        if refused:
            return Reply({"success": False, "error": "refused"}, 404)
        if path.startswith("/v1/match"):
            matched = [
                {"candidate_index": at, "matches": [{"sf_id": f"of {one['email']}"}]}
                for at, one in enumerate(body["candidates"])
            ]
            return {"success": True, "results": matched, "credits_consumed": len(matched)}
        found = body.get("first_name") != "Nobody"
        return {
            "success": True,
            "record_id": body.get("record_id"),
            "email": f"{body.get('first_name')}@x.example" if found else None,
            "response": body.get("query"),
            "company": {"name": body.get("domain")},
            "credits_consumed": int(found),
        }


def client_of(server: OtherApi, ledger: str) -> Client:
    limits = dict.fromkeys(["sync", "batches", "credits", "bursts"])
    return Client("key", server.url, ledger=ledger, limits=limits)


def people(names: list[str], first: int = 0) -> pl.DataFrame:
    rows = enumerate(names, first)
    return pl.DataFrame(
        [{"id": str(at), "first": name, "last": "Byron", "company": "Acme"} for at, name in rows]
    )


def emails(client: Client, table: pl.DataFrame, **options: Any) -> pl.DataFrame:
    options = {"max_credits": 1_000} | options
    return client.map(table, "enrich.email", columns=PERSON, **options).to_polars()
