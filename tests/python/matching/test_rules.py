"""Field rules, written and read."""

from __future__ import annotations

import pytest

import lantern
from lantern import rules
from lantern.exceptions import InputError


def test_rules_are_written_as_the_contract_spells_them() -> None:
    written = [rules.exact("email"), rules.eq("email"), rules.contains("domain")]
    assert written == ["email:exact", "email:eq", "domain:contains"]
    assert rules.fuzzy("company") == "company:fuzzy0.85"
    assert rules.fuzzy("name_company", 1) == "name_company:fuzzy1"


@pytest.mark.parametrize("text", ["email:exact", "email:eq", "d:contains", "company:fuzzy0.85"])
def test_a_rule_that_is_read_is_written_the_same(text: str) -> None:
    assert str(rules.parse(text)) == text
    assert rules.parse(f" {text} ") == rules.parse(text)


@pytest.mark.parametrize("similarity", [0, -0.5, 1.2, float("nan"), float("inf")])
def test_a_similarity_beyond_its_bounds_is_refused(similarity: float) -> None:
    with pytest.raises(InputError, match="fuzzy"):
        rules.fuzzy("company", similarity)


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(InputError, match=r"rule .*no field before the colon"):
        rules.eq("")


@pytest.mark.parametrize(
    "text",
    ["email", "email:", "email:equal", "email:fuzzy", "company:fuzzy1.2", '"a:eq', "a\nb:eq"],
)
def test_what_is_no_rule_says_what_to_write(text: str) -> None:
    with pytest.raises(InputError, match=r"rule .+: .+"):
        rules.parse(text)


def test_rules_go_where_rules_go(lantern_server: lantern.LocalServer) -> None:
    columns = ["id", "first_name", "last_name", "email", "company"]
    contacts = lantern_server.crm("contacts").to_polars().drop_nulls("email")
    contacts = contacts.select(columns).head(50)
    both = [rules.eq("email"), rules.fuzzy("last_name", 0.9)]
    found = lantern.match(contacts, contacts, both).table().to_pylist()
    assert {(row["left"], row["right"]) for row in found} >= {(row, row) for row in range(50)}
    answer = lantern_server.client().match(
        object="contact", candidates=contacts.head(1).to_dicts(), rules=both
    )
    assert contacts["id"][0] in [match.sf_id for match in answer.results[0].matches]
