"""People, with an employer or without."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass

from .companies import Company, digits, house, latin, postal, street
from .languages import Language

FREE_MAIL = {
    "en": "gmail.com gmail.com yahoo.com hotmail.com outlook.com icloud.com aol.com".split(),
    "de": "gmx.de web.de gmail.com t-online.de hotmail.de freenet.de".split(),
    "fr": "gmail.com orange.fr free.fr wanadoo.fr hotmail.fr laposte.net".split(),
    "tr": "gmail.com hotmail.com yandex.com mynet.com".split(),
    "ar": "gmail.com yahoo.com hotmail.com outlook.com".split(),
    "zh": "qq.com 163.com 126.com sina.com gmail.com".split(),
    "ja": "gmail.com yahoo.co.jp docomo.ne.jp ezweb.ne.jp".split(),
    "ko": "naver.com hanmail.net gmail.com daum.net".split(),
}


@dataclass(frozen=True)
class Person:
    """A person; what a table shows is made from this."""

    number: int
    language: Language
    first: str
    last: str
    company: Company
    email: str
    mobile: str
    title: str
    born: datetime.date
    profile: str
    street: str
    house: str
    city: str
    postal: str


def local_part(pattern: str, first: str, last: str) -> str:
    a, b = latin(first) or "info", latin(last) or "contact"
    return {
        "first.last": f"{a}.{b}", "flast": f"{a[0]}{b}", "first": a, "last": b,
        "firstlast": f"{a}{b}", "first_last": f"{a}_{b}", "last.first": f"{b}.{a}",
        "f.last": f"{a[0]}.{b}",
    }[pattern]  # fmt: skip


class People:
    """Makes people; e-mail addresses, mobile numbers and profiles are their own, names are not."""

    def __init__(self, r: random.Random, language: Language) -> None:
        self.r = r
        self.language = language
        self.made: list[Person] = []
        self.addresses: set[str] = set()

    def one(self, company: Company, last: str | None = None) -> Person:
        r, language = self.r, self.language
        first, last = language.first.pick(r), last or language.last.pick(r)
        city = language.cities.pick(r)
        person = Person(
            number=len(self.made), language=language, first=first, last=last, company=company,
            email=self.address(first, last, company),
            mobile=r.choice(language.place.mobile) + digits(r, language.place.subscriber[0]),
            title=language.occupations.pick(r),
            born=datetime.date(1945, 1, 1) + datetime.timedelta(days=r.randrange(365 * 58)),
            profile=f"{latin(first)}-{latin(last)}-{r.randrange(16**8):08x}"[-60:].strip("-"),
            street=street(r, language), house=house(r), city=city, postal=postal(r, language, city),
        )  # fmt: skip
        self.made.append(person)
        return person

    def address(self, first: str, last: str, company: Company) -> str:
        r = self.r
        if r.random() < 0.15:
            local = local_part(r.choice(("first.last", "firstlast", "flast")), first, last)
            local += str(r.randrange(1, 100)) if r.random() < 0.6 else ""
            domain = r.choice(FREE_MAIL[self.language.code])
        else:
            local, domain = local_part(company.mail_pattern, first, last), company.domain
        address, number = f"{local[:50]}@{domain}", 1
        while address in self.addresses:
            number += 1
            address = f"{local[:50]}{number}@{domain}"
        self.addresses.add(address)
        return address


def full_name(language: Language, first: str | None, last: str | None) -> str | None:
    """First and last name as the language joins them."""
    parts = [part for part in ((last, first) if language.family_first else (first, last)) if part]
    return ("" if language.code in ("zh", "ko") else " ").join(parts) or None
