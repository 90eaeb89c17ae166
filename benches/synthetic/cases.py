"""Situations that a random table rarely contains, each with what must be true of it.

Strangers who share a group's values: colleagues, branches, households and funds. Copies: of one
column, of one row, of a whole table. Columns that are made of others.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from .columns import HEADERS
from .companies import Companies, Company, branch
from .languages import Language, language
from .measures import DEFAULT, cluster_pairs, pairs_of
from .noise import damage
from .people import People, Person
from .records import PLAIN, Record, of_company, of_person, written


@dataclass(frozen=True)
class Figure:
    """A number that a case gives, and the bound that it must keep."""

    case: str
    what: str
    value: float
    at_most: float | None = None
    at_least: float | None = None

    @property
    def holds(self) -> bool:
        return not (
            (self.at_most is not None and not self.value <= self.at_most)
            or (self.at_least is not None and not self.value >= self.at_least)
        )

    def __str__(self) -> str:
        bound = f"<= {self.at_most}" if self.at_most is not None else f">= {self.at_least}"
        mark = "ok  " if self.holds else "FAIL"
        return f"{mark} {self.case:<46} {self.what:<26} {self.value:7.3f} {bound}"


Made = Person | Company


def shown(
    r: random.Random, entity: Made, attributes: tuple[str, ...], noise: str = "none"
) -> list[str | None]:
    words = entity.language
    record: Record = of_person(entity) if isinstance(entity, Person) else of_company(entity)
    full = written(damage(r, record, words, noise), words, PLAIN, r)
    return [full.get(attribute) for attribute in attributes]


def table(rows: list[list[str | None]], attributes: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            pl.Series(HEADERS[name][2], [row[at] for row in rows], dtype=pl.String)
            for at, name in enumerate(attributes)
        ]
    )


def strangers(
    module: Any,
    case: str,
    r: random.Random,
    known: list[Made],
    unknown: list[Made],
    attributes: tuple[str, ...],
) -> Iterator[Figure]:
    """Relatives of all rows of the right, then the right's own rows for half of the left.

    `unknown[i]` is a relative of `known[i]`. Nobody may match a relative, and with half of the rows
    known, the known ones are found; nor may errors in the known rows make relatives match.
    """
    label = f"{case}: {' '.join(attributes)}"
    right = table([shown(r, entity, attributes) for entity in known], attributes)
    left = table([shown(r, entity, attributes) for entity in unknown], attributes)
    found = pairs_of(module.match(left, right, progress=False))
    yield Figure(
        label,
        "matched relatives",
        sum(sure >= DEFAULT for *_, sure in found) / len(unknown),
        at_most=0.01,
    )
    half = len(known) // 2
    for noise, least in (("none", 0.95), ("usual", None)):
        rows = [shown(r, entity, attributes, noise) for entity in known[:half]]
        rows += [shown(r, entity, attributes) for entity in unknown[half:]]
        every = pairs_of(module.match(table(rows, attributes), right, progress=False))
        found = [pair for pair in every if pair[2] >= DEFAULT]
        suffix = "" if noise == "none" else ", errors"
        if least is not None:
            true = sum(a == b < half for a, b, _ in found) / half
            yield Figure(label, "known half found" + suffix, true, at_least=least)
        wrong = sum(a != b or a >= half for a, b, _ in found)
        yield Figure(label, "wrong, half known" + suffix, wrong / len(known), at_most=0.01)


DESCRIBED = (
    "name company", "name domain", "name website", "name phone", "name street city",
    "email company", "last company", "first last phone",
)  # fmt: skip


def colleagues(module: Any, r: random.Random, words: Language, count: int) -> Iterator[Figure]:
    """Contacts, one a company, and other people of these companies."""
    companies = Companies(r, words).more(count)
    people = People(r, words)
    known: list[Made] = [people.one(company) for company in companies]
    unknown: list[Made] = [people.one(company) for company in companies]
    for attributes in DESCRIBED:
        yield from strangers(module, "colleagues", r, known, unknown, tuple(attributes.split()))


def branches(module: Any, r: random.Random, words: Language, count: int) -> Iterator[Figure]:
    """Places of companies, and other places of the same companies."""
    companies = Companies(r, words).more(count)
    others: list[Made] = [branch(r, company, number) for number, company in enumerate(companies)]
    for attributes in (
        "company street city",
        "company address",
        "company phone",
        "company domain phone city",
    ):
        yield from strangers(
            module, "branches", r, list(companies), others, tuple(attributes.split())
        )


def households(module: Any, r: random.Random, words: Language, count: int) -> Iterator[Figure]:
    """People, and others of the same surname at the same address with the same telephone."""
    companies = Companies(r, words).more(count)
    people = People(r, words)
    known = [people.one(company) for company in companies]
    unknown: list[Made] = []
    for person in known:
        other = people.one(person.company, last=person.last)
        if other.first == person.first:
            other = replace(other, first=words.first.pick(r))
        unknown.append(
            replace(
                other,
                street=person.street,
                house=person.house,
                city=person.city,
                postal=person.postal,
            )
        )
    for attributes in (
        "name home_address",
        "first last home_street home_city",
        "name phone",
        "first last phone",
    ):
        yield from strangers(
            module, "households", r, list(known), unknown, tuple(attributes.split())
        )


def funds(module: Any, r: random.Random, words: Language, count: int) -> Iterator[Figure]:
    """Funds of a family, which only a number tells apart."""
    companies = Companies(r, words, families=0.0).more(count)
    roman = ("I", "II", "III", "IV", "V", "VI", "VII")

    def fund(company: Company, number: int, latin: bool) -> Company:
        return replace(
            company,
            trade=f"{company.trade} Fund {roman[number] if latin else number + 1}".strip(),
            form="LP",
        )

    numbers = [(r.sample(range(len(roman)), 2), r.random() < 0.5) for _ in companies]
    known: list[Made] = [
        fund(c, of[0], latin) for c, (of, latin) in zip(companies, numbers, strict=True)
    ]
    unknown: list[Made] = [
        fund(c, of[1], latin) for c, (of, latin) in zip(companies, numbers, strict=True)
    ]
    for attributes in ("company", "company domain", "company city"):
        yield from strangers(module, "funds", r, known, unknown, tuple(attributes.split()))


def found_copies(module: Any, frame: pl.DataFrame, entities: list[int]) -> tuple[float, float]:
    """Recall and precision of the pairs of clusters."""
    clusters = pl.DataFrame(module.dedupe(frame, progress=False).table())["cluster"].to_list()
    matches, true, possible = cluster_pairs(clusters, entities)
    return true / max(possible, 1), true / matches if matches else 1.0


def copied_columns(module: Any, r: random.Random, words: Language, count: int) -> Iterator[Figure]:
    """One column with a few exact copies, or many; no two entities have the same value."""
    companies = Companies(r, words).more(count)
    people = People(r, words)
    persons = [people.one(company) for company in companies]
    for attribute in (
        "email",
        "mobile",
        "domain",
        "company",
        "name",
        "email company",
        "name domain",
    ):
        attributes = tuple(attribute.split())
        of_people = bool({"email", "mobile", "name"} & set(attributes))
        rows, seen = [], set()
        for entity in persons if of_people else companies:
            row = shown(r, entity, attributes)
            if row[0] not in seen:
                seen.add(row[0])
                rows.append(row)
        for share in (0.001, 0.02, 0.5):
            copies = max(2, round(len(rows) * share))
            numbered = [*enumerate(rows), *r.sample(list(enumerate(rows)), copies)]
            r.shuffle(numbered)
            frame = table([row for _, row in numbered], attributes)
            recall, precision = found_copies(module, frame, [number for number, _ in numbered])
            yield Figure(f"copies: {attribute}, {share:.1%}", "found", recall, at_least=0.95)
            yield Figure(
                f"copies: {attribute}, {share:.1%}", "true of those given", precision, at_least=0.85
            )


def copied_tables(module: Any, r: random.Random, words: Language, count: int) -> Iterator[Figure]:
    """A table with itself below, one row many times, and accounts twice on the right."""
    companies = Companies(r, words).more(count)
    attributes = ("company", "domain", "city")
    rows = [shown(r, company, attributes) for company in companies]
    twice = table(rows + rows, attributes)
    recall, precision = found_copies(module, twice, [*range(count), *range(count)])
    yield Figure("copies: a table concatenated with itself", "found", recall, at_least=0.95)
    yield Figure(
        "copies: a table concatenated with itself", "true of those given", precision, at_least=0.85
    )
    for times in (2, 20, 200):
        several = table(rows + [rows[0]] * (times - 1), attributes)
        recall, precision = found_copies(module, several, [*range(count), *[0] * (times - 1)])
        yield Figure(f"copies: {times} of one row", "found", recall, at_least=0.95)
        yield Figure(f"copies: {times} of one row", "true of those given", precision, at_least=0.85)
    found = pairs_of(module.match(table(rows, attributes), twice, progress=False))
    true = {a for a, b, sure in found if sure >= DEFAULT and b % count == a}
    yield Figure(
        "copies: accounts twice on the right", "leads found", len(true) / count, at_least=0.95
    )
    cores = [company.core for company in Companies(r, words, families=0.0).more(count * 3)]
    words_alone = list(dict.fromkeys(core for core in cores if " " not in core))
    half = len(words_alone) // 2
    for share in (0.1, 0.7):
        shared = round(half * share)
        left = pl.DataFrame({"company": words_alone[:half]})
        right = pl.DataFrame({"company": words_alone[half - shared : 2 * half - shared]})
        found = pairs_of(module.match(left, right, progress=False))
        same = sum(
            left["company"][a] == right["company"][b] for a, b, sure in found if sure >= DEFAULT
        )
        label = f"copies: one-word company names, {share:.0%} shared"
        yield Figure(label, "found", same / shared, at_least=0.95)
        yield Figure(
            label, "true of those given", same / len(found) if found else 1.0, at_least=0.85
        )


DERIVED = (
    ("first last company", "first last company name"),
    ("first last home_postal", "first last home_postal name"),
    ("name email", "name email domain"), ("company street city", "company street city address"),
    ("company address", "company address city"),
    ("first last email company", "first last email company domain website"),
)  # fmt: skip


def derived(module: Any, r: random.Random, words: Language, count: int) -> Iterator[Figure]:
    """Columns that are made of others count once: the same rows with and without them."""
    companies = Companies(r, words).more(count * 2)
    people = People(r, words)
    persons = [people.one(r.choice(companies)) for _ in range(count * 2)]
    for without, with_derived in DERIVED:
        entities: list[Any] = persons if {"first", "name"} & set(without.split()) else companies
        state = r.getrandbits(64)
        scores = []
        for attributes in (tuple(without.split()), tuple(with_derived.split())):
            # The same random numbers, so that both tables have the same errors.
            again = random.Random(state)
            left = table(
                [shown(again, entity, attributes, "usual") for entity in entities[:count]],
                attributes,
            )
            right = table(
                [
                    shown(again, entity, attributes)
                    for entity in entities[count // 2 : count * 3 // 2]
                ],
                attributes,
            )
            found = pairs_of(module.match(left, right, progress=False))
            true = sum(a - b == count // 2 for a, b, sure in found if sure >= DEFAULT)
            scores.append(2 * true / max(len(found) + count - count // 2, 1))
        label = f"derived: {with_derived}"
        yield Figure(label, "F1 less than without", scores[0] - scores[1], at_most=0.005)


CASES: dict[str, Callable[[Any, random.Random, Language, int], Iterator[Figure]]] = {
    "colleagues": colleagues, "branches": branches, "households": households, "funds": funds,
    "copied_columns": copied_columns, "copied_tables": copied_tables, "derived": derived,
}  # fmt: skip
ROWS = {"colleagues": 1_000, "copied_columns": 5_000, "copied_tables": 1_000, "derived": 2_000}


def figures(
    module: Any, name: str, seed: int, code: str = "en", rows: int | None = None
) -> Iterator[Figure]:
    """The figures of one case. An error is a figure that does not hold."""
    r = random.Random(f"{seed} {name} {code}")
    try:
        yield from CASES[name](module, r, language(code), rows or ROWS.get(name, 1_000))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # what fails, by a panic even, is a result as well
        yield Figure(
            f"{name} {code}", f"{type(error).__name__}: {error}"[:60], float("nan"), at_least=0.0
        )
