"""What happens to values on their way into a table: errors of people, forms and scanners."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable

from anyascii import anyascii
from nicknames import NickNamer

from .languages import Language
from .people import FREE_MAIL
from .records import Record

LEVELS = ("none", "usual", "heavy")
CHANCE = {"none": 0.0, "usual": 0.12, "heavy": 0.4}
"""How likely an attribute is damaged."""

KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
NEIGHBOURS = {
    letter: row[max(0, at - 1) : at] + row[at + 1 : at + 2]
    for row in KEYBOARD
    for at, letter in enumerate(row)
}
SCANNED = (
    ("rn", "m"),
    ("0", "O"),
    ("1", "l"),
    ("5", "S"),
    ("8", "B"),
    ("cl", "d"),
    ("ü", "ii"),
    ("li", "h"),
    ("日", "目"),
    ("末", "未"),
)
ABBREVIATIONS = {
    "en": {"Street": "St.", "Avenue": "Ave", "Road": "Rd", "Drive": "Dr", "Boulevard": "Blvd", "Lane": "Ln",
           "International": "Intl", "Technologies": "Tech", "Manufacturing": "Mfg", "Services": "Svcs",
           "Construction": "Constr.", "Consulting": "Cons.", "Associates": "Assoc.", "Properties": "Props"},
    "de": {"straße": "str.", "Straße": "Str.", "Maschinenbau": "Masch.bau", "Versicherungen": "Vers.",
           "Elektrotechnik": "Elektro"},
    "fr": {"avenue": "av.", "boulevard": "bd", "Saint": "St", "Assurances": "Ass.", "Transports": "Transp."},
    "tr": {"Caddesi": "Cad.", "Sokağı": "Sok.", "Sanayi": "San.", "Ticaret": "Tic."},
}  # fmt: skip


@functools.cache
def nicknames(name: str) -> tuple[str, ...]:
    namer = _namer()
    return tuple(sorted(namer.nicknames_of(name) | namer.canonicals_of(name)))


@functools.cache
def _namer() -> NickNamer:
    return NickNamer()


def typing_error(r: random.Random, text: str) -> str:
    """One letter left out, doubled, exchanged with its neighbour, or another in its place."""
    if len(text) < 2:
        return text
    at = r.randrange(len(text))
    kind = r.random()
    if not text.isascii() and len(text) <= 4:
        # A short word of syllables or ideographs loses a character, or gets a space.
        return (
            text[:at] + text[at + 1 :] if kind < 0.5 and len(text) > 2 else f"{text[:1]} {text[1:]}"
        )
    if kind < 0.3:
        return text[:at] + text[at + 1 :]
    if kind < 0.5:
        return text[:at] + text[at] + text[at:]
    if kind < 0.75:
        return text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]
    near = NEIGHBOURS.get(text[at].lower(), "e")
    return text[:at] + r.choice(near) + text[at + 1 :]


def wrong_digit(r: random.Random, text: str) -> str:
    places = [at for at, letter in enumerate(text) if letter.isdigit()]
    if not places:
        return text
    at = r.choice(places)
    return (
        text[:at]
        + r.choice([digit for digit in "0123456789" if digit != text[at]])
        + text[at + 1 :]
    )


def scanned(r: random.Random, text: str) -> str:
    swaps = [(a, b) for pair in SCANNED for a, b in (pair, pair[::-1]) if a in text]
    return text.replace(*r.choice(swaps), 1) if swaps else typing_error(r, text)


def accents_lost(_: random.Random, text: str) -> str:
    return anyascii(text) if all(ord(letter) < 0x250 for letter in text) else text


def other_case(r: random.Random, text: str) -> str:
    return r.choice((text.upper(), text.lower(), text.title()))


def full_width(_: random.Random, text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def cut(r: random.Random, text: str) -> str:
    return text[: max(3, int(len(text) * r.uniform(0.5, 0.9)))]


def mark(r: random.Random, text: str) -> str:
    return r.choice((f" {text}", f"{text} ", f"{text}.", text.replace(" ", "  "), f"{text}\u00a0"))


def any_error(r: random.Random, text: str, language: Language) -> str:
    kinds: list[Callable[[random.Random, str], str]] = [typing_error] * 4 + [
        other_case, other_case, accents_lost, accents_lost, scanned, mark,
    ]  # fmt: skip
    if not language.spaced or language.code == "ko":
        kinds = [typing_error, full_width, mark, scanned]
    return r.choice(kinds)(r, text)


def abbreviated(text: str, language: Language) -> str:
    for word, short in ABBREVIATIONS.get(language.code, {}).items():
        if word in text:
            return text.replace(word, short)
    return text


def first_name(r: random.Random, value: str, language: Language) -> str | None:
    kind = r.random()
    if kind < 0.25 and language.code == "en" and (near := nicknames(value.lower())):
        return r.choice(near).title()
    if kind < 0.35 and language.spaced and language.code != "ko":
        return f"{value[0]}."
    if kind < 0.42 and language.spaced and language.code != "ko":
        return f"{value} {language.first.pick(r)[0]}."
    return any_error(r, value, language)


def email(r: random.Random, value: str, language: Language) -> str | None:
    kind = r.random()
    local, _, domain = value.partition("@")
    if kind < 0.3:
        return f"{typing_error(r, local)}@{domain}"
    if kind < 0.5:
        return r.choice(
            (value.upper(), value.title(), f"mailto:{value}", f"<{value}>", f" {value}")
        )
    if kind < 0.65:
        return f"{local}@{r.choice(FREE_MAIL[language.code])}"
    if kind < 0.75:
        return f"{local}@{typing_error(r, domain.split('.')[0])}.{domain.partition('.')[2]}"
    return None


def company_name(r: random.Random, record: Record, language: Language) -> None:
    kind = r.random()
    if kind < 0.3:
        record["form"] = r.choice(("", "", r.choice(r.choice(language.forms))))
    elif kind < 0.4 and record.get("trade"):
        record["trade"] = abbreviated(record["trade"] or "", language)
    elif kind < 0.5 and record.get("trade"):
        record["trade"] = ""
    elif kind < 0.55 and language.code == "en":
        record["core"] = f"The {record['core']}"
    elif core := record.get("core"):
        record["core"] = any_error(r, core, language)


def number(r: random.Random, value: str, _: Language) -> str | None:
    return wrong_digit(r, value) if r.random() < 0.6 else None


def street_name(r: random.Random, value: str, language: Language) -> str | None:
    short = abbreviated(value, language)
    return short if short != value and r.random() < 0.6 else any_error(r, value, language)


def domain_name(r: random.Random, value: str, language: Language) -> str | None:
    kind = r.random()
    if kind < 0.4:
        return f"{r.choice(('www', 'mail', 'shop', 'en'))}.{value}"
    if kind < 0.7:
        return f"{value.split('.')[0]}.{r.choice(language.place.top_level)}"
    return typing_error(r, value.split(".")[0]) + "." + value.partition(".")[2]


def birth_date(r: random.Random, value: str, _: Language) -> str | None:
    year, month, day = value.split("-")
    kind = r.random()
    if kind < 0.3 and int(day) <= 12:
        return f"{year}-{day}-{month}"
    if kind < 0.5:
        return f"{year}-01-01"
    if kind < 0.8:
        return f"{int(year) + r.choice((-10, -1, 1, 10))}-{month}-{min(int(day), 28):02}"
    return f"{year}-{month}-{int(day) % 28 + 1:02}"


def text(r: random.Random, value: str, language: Language) -> str | None:
    return any_error(r, value, language)


def amount(r: random.Random, value: str, _: Language) -> str | None:
    return str(max(1, round(int(value) * r.uniform(0.7, 1.4))))


DAMAGE: dict[str, Callable[[random.Random, str, Language], str | None]] = {
    "first": first_name, "last": text, "email": email, "mobile": number, "phone": number, "title": text,
    "domain": domain_name, "street": street_name, "home_street": street_name, "house": number,
    "home_house": number, "city": text, "home_city": text, "postal": number, "home_postal": number,
    "born": birth_date, "profile": lambda r, value, _: typing_error(r, value), "employees": amount,
    "revenue": amount,
}  # fmt: skip


def damage(r: random.Random, record: Record, language: Language, level: str) -> Record:
    """A copy of the record as another source might have it."""
    chance = CHANCE[level]
    record = dict(record)
    if not chance:
        return record
    if record.get("core") and r.random() < 2.5 * chance:
        company_name(r, record, language)
    for key, how in DAMAGE.items():
        value = record.get(key)
        if value and r.random() < chance:
            record[key] = how(r, value, language)
            if level == "heavy" and record[key] and r.random() < 0.3:
                record[key] = (
                    cut(r, record[key] or "") if key in ("title", "street") else record[key]
                )
    if "first" in record and r.random() < chance / 6:
        record["first"], record["last"] = record["last"], record["first"]
    if "first" in record and r.random() < chance / 15:
        record["title"], record["last"] = record["last"], record.get("title")
    return record
