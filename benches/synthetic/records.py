"""What a table could show of a person or a company, in the style of its source."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass

from .companies import Company, named
from .languages import Language, Place
from .people import Person, full_name

Record = dict[str, str | None]


@dataclass(frozen=True)
class Style:
    """How one source writes what can be written in several ways."""

    phone: str = "international"
    date: str = "%Y-%m-%d"
    country: int = 0
    website: str = "https://www.{}"
    upper: bool = False


PLAIN = Style()


def style(r: random.Random, place: Place) -> Style:
    date = (
        ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y")
        if place.day_first
        else ("%Y-%m-%d", "%m/%d/%Y", "%Y/%m/%d")
    )
    return Style(
        phone=r.choice(("international", "national", "grouped", "bare", "mixed")),
        date=r.choice(date),
        country=r.randrange(len(place.names)),
        website=r.choice(("https://www.{}", "http://{}/", "www.{}", "{}", "https://{}/index.html")),
        upper=r.random() < 0.1,
    )


def phone(place: Place, number: str, how: str, r: random.Random) -> str:
    """A national number without its trunk prefix, as one source writes it."""
    if how == "mixed":
        how = r.choice(("international", "national", "grouped", "bare"))
    if place.code == "US":
        a, b, c = number[:3], number[3:6], number[6:]
        return {
            "international": f"+1{number}", "national": f"({a}) {b}-{c}", "grouped": f"+1 {a}-{b}-{c}",
            "bare": r.choice((number, f"{a}.{b}.{c}", f"{a}-{b}-{c}")),
        }[how]  # fmt: skip
    prefix = next((p for p in (*place.mobile, *place.landline) if number.startswith(p)), number[:2])
    rest = number[len(prefix) :]
    pairs = " ".join(rest[at : at + 2] for at in range(0, len(rest), 2))
    return {
        "international": f"+{place.calling}{number}",
        "national": f"{place.trunk}{prefix} {rest}",
        "grouped": f"+{place.calling} {prefix} {pairs}",
        "bare": r.choice(
            (
                f"{place.trunk}{number}",
                f"{place.trunk}{prefix}/{rest}",
                f"00{place.calling}{number}",
            )
        ),
    }[how]


def of_company(company: Company) -> Record:
    """Attributes of a company, before a source writes them in its style."""
    return {
        "core": company.core, "trade": company.trade, "form": company.form, "domain": company.domain,
        "phone": company.phone, "industry": company.industry, "street": company.street, "house": company.house, "city": company.city,
        "postal": company.postal, "employees": str(company.employees), "founded": str(company.founded),
        "revenue": str(company.employees * 117_000), "country": company.language.place.code,
    }  # fmt: skip


def of_person(person: Person) -> Record:
    """Attributes of a person; those of the employer with theirs."""
    return of_company(person.company) | {
        "first": person.first, "last": person.last, "email": person.email, "mobile": person.mobile,
        "title": person.title, "born": person.born.isoformat(), "profile": person.profile,
        "home_street": person.street, "home_house": person.house, "home_city": person.city,
        "home_postal": person.postal,
    }  # fmt: skip


def joined_street(language: Language, street: str | None, number: str | None) -> str | None:
    if not street:
        return None
    if not number:
        return street
    match language.code:
        case "en" | "fr":
            return f"{number} {street}"
        case "tr":
            return f"{street} No: {number}"
        case "zh":
            return f"{street}{number}号"
        case "ja":
            return f"{street}{number}番"
    return f"{street} {number}"


def written(record: Record, language: Language, how: Style, r: random.Random) -> Record:
    """Everything that a column may show, from attributes that may be damaged or missing."""
    place = language.place
    get = record.get
    shown: Record = {key: value or None for key, value in record.items()}
    core = get("core")
    shown["company"] = (
        named(language, core, get("trade") or "", get("form") or "") if core else None
    )
    shown["name"] = full_name(language, get("first"), get("last"))
    for key in ("phone", "mobile"):
        number = get(key)
        shown[key] = phone(place, number, how.phone, r) if number else None
    shown["country"] = place.names[how.country % len(place.names)] if get("country") else None
    domain = get("domain")
    shown["website"] = how.website.format(domain) if domain else None
    shown["linkedin"] = f"https://www.linkedin.com/in/{get('profile')}" if get("profile") else None
    born = get("born")
    shown["born"] = datetime.date.fromisoformat(born).strftime(how.date) if born else None
    for prefix in ("", "home_"):
        street = joined_street(language, get(prefix + "street"), get(prefix + "house"))
        shown[prefix + "street"] = street
        city = " ".join(part for part in (get(prefix + "postal"), get(prefix + "city")) if part)
        shown[prefix + "address"] = ", ".join(part for part in (street, city) if part) or None
    if how.upper:
        for key in ("company", "name", "first", "last", "street", "city"):
            value = shown.get(key)
            shown[key] = value.upper() if value else None
    return shown
