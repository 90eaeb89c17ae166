"""Companies with families: groups, branches and funds that share all but a few words."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from anyascii import anyascii

from .languages import Language

STARTS = (
    "Nova Opti Meta Syn Verti Alti Omni Quanta Lumi Terra Vero Axi Cora Data Eco Fin Geo Helio Inno Kine Lexi "
    "Medi Neo Ori Pro Recti Sola Tri Uni Vita Xeno Zeni Arca Bio Cel Delta Evo Flexi Gala Hydro"
).split()
ENDS = (
    "tek soft gen ix ora via lytics corp scape wise max line works point labs sys dyne net pharm form tron bridge "
    "care link path spire plex core nova mark vance logic mind"
).split()
MAIL_PATTERNS = (
    "first.last",
    "flast",
    "first",
    "last",
    "firstlast",
    "first_last",
    "last.first",
    "f.last",
)
MAIL_WEIGHTS = (45, 22, 8, 3, 8, 4, 5, 5)


@dataclass(frozen=True)
class Company:
    """A company as it calls itself; what a table shows of it is made from this."""

    number: int
    family: int
    """Companies of one family share words, sometimes a domain, and are different companies."""
    language: Language
    core: str
    trade: str
    industry: str
    form: str
    domain: str
    phone: str
    street: str
    house: str
    city: str
    postal: str
    mail_pattern: str
    employees: int
    founded: int

    @property
    def name(self) -> str:
        return named(self.language, self.core, self.trade, self.form)


def named(language: Language, core: str, trade: str, form: str) -> str:
    """A name of its parts, as the language puts them."""
    space = " " if language.spaced else ""
    body = f"{core}{space}{trade}".strip()
    if not form:
        return body
    if language.form_first:
        return f"{form} {body}"
    if language.code == "ja":
        return f"{form}{body}" if len(core) % 2 else f"{body}{form}"
    if language.code == "ko":
        return f"{form} {body}" if len(core) % 2 else f"{form}{body}"
    return f"{body}{space}{form}"


def latin(text: str) -> str:
    """Letters and digits that an address may have."""
    return re.sub("[^a-z0-9]", "", anyascii(text.replace("ü", "ue").replace("ö", "oe")).lower())


def digits(r: random.Random, count: int) -> str:
    return str(r.randrange(2, 10)) + "".join(r.choice("0123456789") for _ in range(count - 1))


class Companies:
    """Makes companies that are all different, one after the other."""

    def __init__(
        self,
        r: random.Random,
        language: Language,
        families: float = 0.25,
        shared_domains: float = 0.4,
    ) -> None:
        self.r = r
        self.language = language
        self.families = families
        self.shared_domains = shared_domains
        self.made: list[Company] = []
        self.names: set[str] = set()
        self.domains: set[str] = set()
        self.known = list(language.known_companies)
        r.shuffle(self.known)

    def apart(self) -> Companies:
        """Makes other companies, which never have the name or the domain of one of these."""
        other = Companies(self.r, self.language, self.families, self.shared_domains)
        other.names, other.domains, other.known = self.names, self.domains, self.known
        return other

    def more(self, count: int) -> list[Company]:
        return [self.one() for _ in range(count)]

    def one(self) -> Company:
        if self.made and self.r.random() < self.families:
            return self.sibling(self.r.choice(self.made[-50:]))
        language, r = self.language, self.r
        core, trade = self.distinct(self.fresh)
        form = r.choice(r.choice(language.forms)) if r.random() < 0.85 else ""
        return self.keep(self.placed(core, trade, form, len(self.made), None))

    def sibling(self, of: Company) -> Company:
        """Another company of the same family."""
        r, language = self.r, self.language

        def related() -> tuple[str, str]:
            kind = r.random()
            if kind < 0.55:
                return of.core, r.choice(language.trades)
            space = " " if language.spaced else ""
            if kind < 0.8:
                return f"{of.core}{space}{language.cities.pick(r)}", of.trade
            return (
                of.core,
                f"{of.trade}{space}{r.choice(('II', 'III', 'IV', '2', '3', '4'))}".strip(),
            )

        core, trade = self.distinct(related)
        domain = of.domain if r.random() < self.shared_domains else None
        return self.keep(self.placed(core, trade, of.form, of.family, domain))

    def fresh(self) -> tuple[str, str]:
        r, language = self.r, self.language
        space = " " if language.spaced else ""
        kind = r.random()
        trade = r.choice(language.trades)
        if kind < 0.12 and self.known:
            return self.known.pop(), ""
        if kind < 0.25 and language.code in ("en", "de", "fr", "tr"):
            return r.choice(STARTS) + r.choice(ENDS), trade if r.random() < 0.6 else ""
        if kind < 0.45:
            return language.brands.pick(r), trade
        if kind < 0.55:
            return f"{language.brands.pick(r)}{space}{language.brands.pick(r)}", ""
        if kind < 0.65:
            return language.brands.pick(r), ""
        if kind < 0.75:
            return f"{language.last.pick(r)}{space}{trade}", ""
        if kind < 0.83:
            return language.cities.pick(r), trade
        if kind < 0.93 and language.spaced:
            joiner = {"de": "&", "fr": "et", "tr": "ve"}.get(language.code, "&")
            return f"{language.last.pick(r)} {joiner} {language.last.pick(r)}", trade
        if language.code in ("en", "de", "fr", "tr"):
            return "".join(
                r.choice("ABCDEFGHIKLMNOPRSTVW") for _ in range(r.choice((2, 3, 3, 4)))
            ), trade
        return f"{language.brands.pick(r)}{space}{language.brands.pick(r)}", trade

    def distinct(self, make: Callable[[], tuple[str, str]]) -> tuple[str, str]:
        """A core and a trade that no company has yet."""
        space = " " if self.language.spaced else ""
        for _ in range(20):
            core, trade = make()
            if f"{core} {trade}".casefold() not in self.names:
                break
        else:
            core = f"{core}{space}{self.language.brands.pick(self.r)}"
        self.names.add(f"{core} {trade}".casefold())
        return core, trade

    def placed(self, core: str, trade: str, form: str, family: int, domain: str | None) -> Company:
        r, language = self.r, self.language
        city = language.cities.pick(r)
        return Company(
            number=len(self.made), family=family, language=language, core=core, trade=trade,
            industry=trade if trade in language.trades else r.choice(language.trades), form=form,
            domain=domain or self.domain(core, trade),
            phone=r.choice(language.place.landline) + digits(r, language.place.subscriber[1]),
            street=street(r, language), house=house(r), city=city, postal=postal(r, language, city),
            mail_pattern=r.choices(MAIL_PATTERNS, MAIL_WEIGHTS)[0],
            employees=max(1, int(math.exp(r.gauss(3.5, 1.8)))), founded=2024 - int(r.expovariate(1 / 25)) % 180,
        )  # fmt: skip

    def domain(self, core: str, trade: str) -> str:
        r = self.r
        words = [latin(word) for word in f"{core} {trade}".split()]
        words = [word for word in words if word] or ["company"]
        kind = r.random()
        label = words[0] if kind < 0.3 and len(words[0]) > 3 else "".join(words)
        if kind > 0.75 and len(words) > 1:
            label = "-".join(words[:2])
        if kind > 0.92 and len(words) > 1:
            label = words[0] + "".join(word[0] for word in words[1:])
        label = label[:40]
        top = r.choice(self.language.place.top_level)
        domain = f"{label}.{top}"
        while domain in self.domains:
            label += r.choice(
                ("group", "hq", "online", "-" + top.split(".")[-1], str(r.randrange(1, 99)))
            )
            domain = f"{label}.{top}"
        self.domains.add(domain)
        return domain

    def keep(self, company: Company) -> Company:
        self.made.append(company)
        return company


def street(r: random.Random, language: Language) -> str:
    name = language.streets.pick(r)
    match language.code:
        case "en":
            return f"{name} {r.choices(('Street', 'Avenue', 'Road', 'Drive', 'Lane', 'Boulevard'), (6, 4, 4, 3, 2, 1))[0]}"
        case "fr":
            return f"{r.choices(('rue', 'avenue', 'boulevard', 'chemin', 'place'), (6, 3, 2, 1, 1))[0]} {name}"
        case "tr":
            return f"{name} {r.choice(('Caddesi', 'Sokağı', 'Sokağı'))}"
        case "ar":
            return f"شارع {name}"
        case "zh":
            return f"{name}{r.choice(('路', '街', '大道', '路'))}"
        case "ja":
            return f"{name}{r.randrange(1, 6)}丁目"
        case "ko":
            return f"{name}{r.choice(('로', '길', '대로'))}"
    return name


def house(r: random.Random) -> str:
    number = int(r.paretovariate(0.9) * r.randrange(1, 12)) % 9000 + 1
    return f"{number}{r.choice('abc')}" if r.random() < 0.05 else str(number)


def postal(r: random.Random, language: Language, city: str) -> str:
    """A postal code whose first digits belong to the city."""
    pattern = language.place.postal
    own = random.Random(f"{language.code} {city}")
    count = pattern.count("#")
    figures = iter(
        [str(own.randrange(10)) for _ in range(count - 2)]
        + [str(r.randrange(10)) for _ in range(2)]
    )
    return "".join(next(figures) if letter == "#" else letter for letter in pattern)


def branch(r: random.Random, of: Company, number: int) -> Company:
    """Another place of the same company: own address and phone, same name and domain."""
    language = of.language
    city = language.cities.pick(r)
    return replace(
        of, number=number, city=city, street=street(r, language), house=house(r),
        postal=postal(r, language, city),
        phone=r.choice(language.place.landline) + digits(r, language.place.subscriber[1]),
    )  # fmt: skip
