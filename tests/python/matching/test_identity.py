"""Who somebody is where names say little: personal numbers and birthdays, and those of families."""

from __future__ import annotations

import random

import polars as pl
import pytest

import lantern

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def words(rng: random.Random, count: int) -> list[str]:
    return ["".join(rng.choices(LETTERS, k=rng.randint(5, 8))).title() for _ in range(count)]


def person(rng: random.Random, given: list[str], family: list[str]) -> dict[str, str]:
    month_and_day = f"{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    return {
        "given_name": rng.choice(given),
        "surname": rng.choice(family),
        "date_of_birth": f"{rng.randint(1930, 2005)}-{month_and_day}",
        "address": f"{rng.randint(1, 180)} {rng.choice(family)} Road",
        "tax_id": str(rng.randint(1_000_000, 99_999_999)),
    }


@pytest.fixture(name="people")
def made(rng: random.Random) -> list[dict[str, str]]:
    given, family = words(rng, 60), words(rng, 150)
    return [person(rng, given, family) for _ in range(600)]


@pytest.fixture(name="rng")
def seeded() -> random.Random:
    return random.Random(11)


def renamed(rng: random.Random, of: dict[str, str], people: list[dict[str, str]]) -> dict[str, str]:
    """The same person under two other names."""
    first, last = rng.sample(people, 2)
    return of | {"given_name": first["given_name"], "surname": last["surname"]}


def relative(
    rng: random.Random, of: dict[str, str], people: list[dict[str, str]], *columns: str
) -> dict[str, str]:
    """Somebody else of the family, with the same surname, address, and `columns`."""
    other = rng.choice([one for one in people if one["given_name"] != of["given_name"]])
    return other | {column: of[column] for column in ("surname", "address", *columns)}


@pytest.mark.parametrize("left_out", [[], ["tax_id"], ["date_of_birth"]])
def test_a_person_under_another_name_is_known_by_number_or_birthday(
    rng: random.Random, people: list[dict[str, str]], left_out: list[str]
) -> None:
    known = [renamed(rng, of, people) if at % 10 == 0 else of for at, of in enumerate(people[:300])]
    left = pl.DataFrame(known).drop(left_out)
    found = lantern.match(left, pl.DataFrame(people).drop(left_out)).table().to_polars()
    true = found.filter(pl.col("left") == pl.col("right"))
    assert true.height >= 297
    assert found.height - true.height <= 3


@pytest.mark.parametrize("columns", [[], ["tax_id"]])
def test_relatives_are_not_one_person_whatever_number_they_share(
    rng: random.Random, people: list[dict[str, str]], columns: list[str]
) -> None:
    strangers = [relative(rng, of, people, *columns) for of in people[300:450]]
    left = pl.DataFrame(people[:150] + strangers)
    found = lantern.match(left, pl.DataFrame(people[:450])).table().to_polars()
    assert found.filter((pl.col("left") < 150) & (pl.col("left") == pl.col("right"))).height >= 148
    at_home = (pl.col("left") >= 150) & (pl.col("right") == pl.col("left") + 150)
    assert found.filter(at_home).height <= 2
