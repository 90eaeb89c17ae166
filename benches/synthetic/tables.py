"""Two tables, or one with duplicates, as a cell of the matrix asks for them, and their truth."""

from __future__ import annotations

import random
from dataclasses import dataclass

import polars as pl

from .columns import BY_NAME, Columns, header
from .companies import Companies, Company
from .languages import Language, language
from .noise import damage
from .people import People, Person
from .records import PLAIN, Record, Style, of_company, of_person, style, written


@dataclass(frozen=True)
class Cell:
    """One combination of the matrix."""

    call: str
    columns: str
    share: float
    """Share of rows of the left (of `dedupe`: of all rows) that have a match."""
    rows: int
    left_copies: int
    right_copies: int
    noise: str
    language: str
    nulls: float
    others: str
    """Whether rows without a match are unrelated, or relatives: colleagues, sister companies."""

    def label(self) -> str:
        return (
            f"{self.call} {self.columns} share={self.share} rows={self.rows} "
            f"copies={self.left_copies}x{self.right_copies} noise={self.noise} {self.language} "
            f"nulls={self.nulls} {self.others}"
        )


@dataclass(frozen=True)
class Tables:
    """What is matched, and which entity each row is; one table where duplicates are sought."""

    left: pl.DataFrame
    right: pl.DataFrame | None
    left_entities: list[int]
    right_entities: list[int]


def entities(
    r: random.Random, words: Language, columns: Columns, known: int, unknown: int, others: str
) -> tuple[list[Person] | list[Company], list[Person] | list[Company]]:
    """`known` entities of the right, and `unknown` ones that only the left has.

    Of related others, half are relatives and half are not: a list of leads has both colleagues of
    known contacts and people whom nobody knows.
    """
    # Sister companies may share a domain, but not where nothing but the domain says who they are.
    shared = "company" in columns.attributes or columns.of == "person"
    companies = Companies(r, words, shared_domains=0.4 if shared else 0.0)
    # Families begin anew, and share words with those of the right by chance alone.
    strange = companies.apart()
    relatives = unknown // 2 if others == "related" else 0
    strangers = unknown - relatives
    if columns.of == "company":
        own = companies.more(known)
        related = [companies.sibling(r.choice(own)) for _ in range(relatives)]
        return own, related + strange.more(strangers)
    people = People(r, words)
    employers = companies.more(max(1, known // 3))
    own_people = [people.one(r.choice(employers)) for _ in range(known)]
    colleagues = [people.one(r.choice(employers)) for _ in range(relatives)]
    elsewhere = strange.more(max(1, strangers // 3))
    return own_people, colleagues + [people.one(r.choice(elsewhere)) for _ in range(strangers)]


def row(
    r: random.Random, record: Record, columns: Columns, how: Style, nulls: float, words: Language
) -> list[str | None]:
    shown = written(record, words, how, r)
    shown |= {
        "owner": r.choice(("Sam Carter", "Alex Kim", "Jo Meyer")),
        "created": f"2026-{r.randrange(1, 12):02}-{r.randrange(1, 28):02}",
        "source": r.choice(("Web", "Trade Show", "Referral", "Partner")),
    }
    # Two attributes of a table have the same gaps no more often than chance.
    return [None if nulls and r.random() < nulls else shown.get(key) for key in columns.attributes]


def make(cell: Cell, seed: int) -> Tables:
    """The tables of a cell. The same seed gives the same tables."""
    r = random.Random(f"{seed} {cell}")
    columns, words = BY_NAME[cell.columns], language(cell.language)
    headers = [r.randrange(4)] * 2
    if r.random() < 0.4:
        headers[1] = r.randrange(4)
    styles = (
        [style(r, words.place), style(r, words.place)] if cell.noise != "none" else [PLAIN, PLAIN]
    )
    if cell.call == "dedupe":
        return duplicates(r, cell, columns, words, headers[0], styles[0])
    per_right = max(1, cell.rows // cell.right_copies)
    per_left = max(1, cell.rows // cell.left_copies)
    matched = min(round(per_left * cell.share), per_right)
    own, others = entities(r, words, columns, per_right, per_left - matched, cell.others)
    chosen = r.sample(range(len(own)), matched)
    left_of = [(at, own[at]) for at in chosen]
    left_of += [(len(own) + at, other) for at, other in enumerate(others)]
    staff = People(r, words)

    def of_left(entity: Person | Company) -> Record:
        if isinstance(entity, Person):
            return of_person(entity)
        # A lead names its company, and is somebody.
        return of_person(staff.one(entity)) if columns.accounts else of_company(entity)

    def of_right(entity: Person | Company) -> Record:
        return of_person(entity) if isinstance(entity, Person) else of_company(entity)

    left = [
        (
            who,
            row(
                r,
                damage(r, of_left(entity), words, cell.noise),
                columns,
                styles[0],
                cell.nulls,
                words,
            ),
        )
        for who, entity in left_of
        for _ in range(cell.left_copies)
    ]
    # The right is damaged a little where the left is: no source is without errors.
    level = {"none": "none", "usual": "none", "heavy": "usual"}[cell.noise]
    right = [
        (
            who,
            row(
                r, damage(r, of_right(entity), words, level), columns, styles[1], cell.nulls, words
            ),
        )
        for who, entity in enumerate(own)
        for _ in range(cell.right_copies)
    ]
    r.shuffle(left)
    r.shuffle(right)
    return Tables(
        frame(left, columns, headers[0]), frame(right, columns, headers[1]),
        [who for who, _ in left], [who for who, _ in right],
    )  # fmt: skip


def duplicates(
    r: random.Random, cell: Cell, columns: Columns, words: Language, headers: int, how: Style
) -> Tables:
    """One table, of whose rows a share have copies."""
    copies = 1 + max(cell.left_copies, cell.right_copies)
    several = round(cell.rows * cell.share / copies)
    single = max(1 if not several else 0, cell.rows - several * copies)
    own, others = entities(r, words, columns, several, single, cell.others) if several else (
        [], entities(r, words, columns, 1, single, "unrelated")[1]
    )  # fmt: skip
    rows = []
    for who, entity in enumerate([*own, *others]):
        record = of_person(entity) if isinstance(entity, Person) else of_company(entity)
        for copy in range(copies if who < len(own) else 1):
            # The first copy is as it should be, as in a table that was merged into.
            level = cell.noise if copy else "none"
            rows.append(
                (who, row(r, damage(r, record, words, level), columns, how, cell.nulls, words))
            )
    r.shuffle(rows)
    whose = [who for who, _ in rows]
    return Tables(frame(rows, columns, headers), None, whose, whose)


def frame(rows: list[tuple[int, list[str | None]]], columns: Columns, style: int) -> pl.DataFrame:
    names = [header(attribute, style, columns.of) for attribute in columns.attributes]
    values = [[values[at] for _, values in rows] for at in range(len(names))]
    return pl.DataFrame(
        [pl.Series(name, value, dtype=pl.String) for name, value in zip(names, values, strict=True)]
    )
