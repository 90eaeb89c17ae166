"""What one language calls people, companies and places, and how often.

Names come from Faker, which knows frequencies for some languages, and from Mimesis, which knows
more names. Where no frequency is known, names follow Zipf's law in an order that is fixed for each
language: as in the world, a few names are very common and most are rare.
"""

from __future__ import annotations

import functools
import importlib
import importlib.resources
import itertools
import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

LANGUAGES = ("en", "de", "fr", "tr", "ar", "zh", "ja", "ko")


@dataclass(frozen=True)
class Pool:
    """Values and how often each occurs."""

    values: Sequence[str]
    cumulative: Sequence[float]

    def pick(self, r: random.Random) -> str:
        return r.choices(self.values, cum_weights=self.cumulative)[0]


def weighted(weights: dict[str, float]) -> Pool:
    return Pool(list(weights), list(itertools.accumulate(weights.values())))


def zipf(values: Iterable[str], seed: str, exponent: float = 0.8) -> Pool:
    """Values in an order that only the seed decides, the first the most common."""
    distinct = sorted({value.strip() for value in values if value.strip()})
    random.Random(seed).shuffle(distinct)
    return weighted({value: 1 / (rank + 5) ** exponent for rank, value in enumerate(distinct)})


def with_tail(head: dict[str, float], tail: Iterable[str], seed: str, share: float) -> Pool:
    """Known frequencies, and a share of the whole that rarer values have together."""
    rare = zipf(set(tail) - set(head), seed, 0.5)
    total = sum(head.values())
    weights = {name: weight / total * (1 - share) for name, weight in head.items()}
    before = 0.0
    for name, cumulative in zip(rare.values, rare.cumulative, strict=True):
        weights[name] = (cumulative - before) / rare.cumulative[-1] * share
        before = cumulative
    return weighted(weights)


@dataclass(frozen=True)
class Place:
    """How one country writes numbers, addresses and dates."""

    code: str
    names: tuple[str, ...]
    calling: str
    mobile: tuple[str, ...]
    landline: tuple[str, ...]
    subscriber: tuple[int, int]
    """Digits after the prefix of a mobile and of a landline number."""
    postal: str
    top_level: tuple[str, ...]
    trunk: str = "0"
    day_first: bool = True


@dataclass(frozen=True)
class Language:
    """What a language calls people, companies and places."""

    code: str
    place: Place
    first: Pool
    last: Pool
    cities: Pool
    streets: Pool
    occupations: Pool
    brands: Pool
    trades: Sequence[str]
    forms: Sequence[tuple[str, ...]]
    """Each legal form in the ways it is written."""
    form_first: bool = False
    family_first: bool = False
    spaced: bool = True
    """Whether words are separated by spaces."""
    known_companies: Sequence[str] = field(default_factory=tuple)


PLACES = {
    "en": Place("US", ("United States", "USA", "US"), "1",
                ("212", "415", "312", "617", "206", "303", "512", "404", "305", "702"),
                ("212", "415", "312", "617", "206", "303", "512", "404", "305", "702"),
                (7, 7), "#####", ("com", "com", "com", "net", "io", "org", "co"), "", False),
    "de": Place("DE", ("Germany", "Deutschland", "DE"), "49",
                ("151", "152", "160", "170", "171", "175", "176"),
                ("30", "40", "89", "69", "221", "211", "711"), (8, 7), "#####", ("de", "de", "com", "eu")),
    "fr": Place("FR", ("France", "FR"), "33", ("6", "7"), ("1", "2", "3", "4", "5"), (8, 8), "#####",
                ("fr", "fr", "com")),
    "tr": Place("TR", ("Turkey", "Türkiye", "TR"), "90", ("532", "533", "542", "555", "505"),
                ("212", "216", "312", "232"), (7, 7), "#####", ("com.tr", "com.tr", "com")),
    "ar": Place("EG", ("Egypt", "مصر", "EG"), "20", ("10", "11", "12", "15"), ("2", "3"), (8, 8), "#####",
                ("com", "com.eg", "net")),
    "zh": Place("CN", ("China", "中国", "CN"), "86", ("135", "136", "138", "139", "150", "186"),
                ("10", "21", "20", "755"), (8, 8), "######", ("com", "cn", "com.cn")),
    "ja": Place("JP", ("Japan", "日本", "JP"), "81", ("90", "80", "70"), ("3", "6", "52"), (8, 8), "###-####",
                ("co.jp", "co.jp", "jp", "com"), "0", False),
    "ko": Place("KR", ("South Korea", "대한민국", "KR"), "82", ("10",), ("2", "31", "51"), (8, 7), "#####",
                ("co.kr", "co.kr", "com"), "0", False),
}  # fmt: skip

TRADES = {
    "en": "Software;Systems;Logistics;Capital;Partners;Consulting;Solutions;Foods;Energy;Medical;Media;Design;"
    "Construction;Insurance;Dental;Properties;Electric;Plumbing;Marketing;Technologies;Industries;Bank;Hotel;"
    "Bakery;Motors;Security;Staffing;Travel;Farms;Pharmacy;Financial Services;Real Estate;Health Care",
    "de": "Maschinenbau;Software;Logistik;Bau;Elektrotechnik;Versicherungen;Consulting;Systeme;Immobilien;Energie;"
    "Medizintechnik;Druckerei;Bäckerei;Autohaus;Spedition;Gebäudereinigung;Steuerberatung;Werkzeugbau;Metallbau;"
    "Gartenbau;Apotheke;Personalservice;Handel;Haustechnik;Verlag",
    "fr": "Conseil;Logiciels;Transports;Bâtiment;Assurances;Immobilier;Énergie;Boulangerie;Communication;Santé;"
    "Électricité;Plomberie;Menuiserie;Automobiles;Industrie;Services;Distribution;Finance;Hôtel;Pharmacie;"
    "Formation;Nettoyage;Textile;Viticole;Informatique",
    "tr": "İnşaat;Tekstil;Gıda;Otomotiv;Yazılım;Danışmanlık;Lojistik;Turizm;Enerji;Makina;Elektrik;Sigorta;Mobilya;"
    "Kimya;Tarım;Madencilik;Medikal;Reklamcılık;Nakliyat;Eğitim",
    "ar": "للبرمجيات;للمقاولات;للتجارة;للاستثمار;للنقل;للتأمين;للعقارات;للطاقة;للأدوية;للسياحة;للإعلام;للصناعة;"
    "للاستشارات;للأغذية;للهندسة;للخدمات الطبية;للاتصالات;للتسويق",
    "zh": "科技;网络;信息技术;贸易;物流;投资;建筑工程;食品;医药;教育咨询;传媒;电子;机械;房地产开发;能源;汽车销售;服饰;"
    "环保科技;餐饮管理;保险代理",
    "ja": "商事;工業;建設;運輸;システム;食品;電機;不動産;薬品;印刷;製作所;観光;保険サービス;ソフトウェア;物流;産業;自動車;"
    "化学工業;設計事務所;水産",
    "ko": "전자;건설;물산;소프트웨어;식품;제약;물류;화학;중공업;자동차;시스템;유통;에너지;보험;증권;개발;섬유;미디어;엔지니어링;"
    "테크",
}

FORMS = {
    "en": (("Inc", "Inc.", "Incorporated"), ("LLC", "L.L.C."), ("Corp", "Corp.", "Corporation"),
           ("Ltd", "Ltd.", "Limited"), ("Co", "Co.", "Company"), ("LP", "L.P.")),
    "de": (("GmbH", "Gesellschaft mbH", "GmbH"), ("GmbH & Co. KG", "GmbH & Co KG"), ("AG", "Aktiengesellschaft"),
           ("e.K.", "e. K."), ("KG",), ("UG (haftungsbeschränkt)", "UG")),
    "fr": (("SARL", "S.A.R.L."), ("SAS", "S.A.S."), ("SA", "S.A."), ("EURL",), ("SCI",)),
    "tr": (("A.Ş.", "AŞ", "Anonim Şirketi"), ("Ltd. Şti.", "Limited Şirketi", "Ltd Şti"), ("Holding",)),
    "ar": (("شركة",), ("مؤسسة",), ("مجموعة",)),
    "zh": (("有限公司",), ("股份有限公司",), ("有限责任公司",)),
    "ja": (("株式会社", "(株)", "㈱"), ("有限会社", "(有)"), ("合同会社",)),
    "ko": (("(주)", "주식회사", "㈜"), ("유한회사", "(유)")),
}  # fmt: skip

FAKER = {
    "en": ("en_US", ("en_GB", "en_IE", "en_NZ", "en_IN", "en_NG", "es_MX", "it_IT", "vi_VN")),
    "de": ("de_DE", ("de_AT", "de_CH", "tr_TR", "hr_HR")),
    "fr": ("fr_FR", ("fr_CH", "es_ES", "pt_PT")),
    "tr": ("tr_TR", ()),
    "ar": ("ar_AA", ("ar_DZ", "ar_PS", "ar_SA")),
    "zh": ("zh_CN", ()),
    "ja": ("ja_JP", ()),
    "ko": ("ko_KR", ()),
}  # fmt: skip
MIMESIS = {"ar": "ar-eg"}
ARABIC_MARKS = dict.fromkeys(range(0x064B, 0x0653))


def faker_names(locale: str, what: str) -> dict[str, float] | list[str]:
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    found = getattr(provider, what, ())
    return dict(found) if isinstance(found, dict) else list(found)


@functools.cache
def mimesis(locale: str, topic: str) -> Any:
    path = importlib.resources.files("mimesis") / "datasets" / locale / f"{topic}.json"
    return json.loads(path.read_text("utf-8"))


def names(code: str, what: str, of_mimesis: Iterable[str], share: float) -> Pool:
    """People's names: those whose frequency is known, and the rest."""
    main, others = FAKER[code]
    found = faker_names(main, what)
    tail = {name for locale in others for name in faker_names(locale, what)} | set(of_mimesis)
    seed = f"{code} {what}"
    known = isinstance(found, dict) and len(set(found.values())) > 1
    pool = (
        with_tail(found, tail, seed, share)
        if known and isinstance(found, dict)
        else zipf({*found, *tail}, seed)
    )
    if code == "ar":
        return Pool([value.translate(ARABIC_MARKS) for value in pool.values], pool.cumulative)
    return pool


@functools.cache
def language(code: str) -> Language:
    """The language with this code."""
    locale = MIMESIS.get(code, code)
    person, address, finance = (
        mimesis(locale, topic) for topic in ("person", "address", "finance")
    )
    given = [*person["names"]["male"], *person["names"]["female"]]
    surnames = person["surnames"]
    surnames = (
        list(surnames) if isinstance(surnames, list) else [*itertools.chain(*surnames.values())]
    )
    if code == "ar":
        surnames += [name for name in mimesis("ar", "person")["surnames"] if "  " not in name]
    if code == "tr":
        surnames += [f"{name}oğlu" for name in given[::5]]
    occupations = person["occupation"]
    if isinstance(occupations, dict):
        occupations = [*itertools.chain(*occupations.values())]
    streets = [name for name in address["street"]["name"] if len(name) > 1]
    known = [name for name in finance["company"]["name"] if not name.isascii() or len(name) > 3]
    words = {
        word for name in streets for word in name.split() if len(word) > (1 if code in CJK else 3)
    }
    if code in CJK:
        words |= {name[:2] for name in known if not name.isascii()}
        words |= {a + b for a, b in itertools.product(sorted(words)[::9], CJK[code]) if a != b}
    if code == "de":
        words = {word for word in words if not STREET.search(word)} | set(surnames)
    if code == "ar":
        words |= set(given)
    cities = zipf(address["city"], f"{code} city", 1.0)
    return Language(
        code=code,
        place=PLACES[code],
        first=names(code, "first_names", given, 0.25),
        last=names(code, "last_names", surnames, 0.45 if code not in CJK else 0.1),
        cities=cities,
        streets=zipf(streets, f"{code} street", 0.6),
        occupations=zipf(occupations, f"{code} occupation", 1.0),
        brands=zipf((word.strip("()，,.") for word in words if word.isalpha()), f"{code} brand", 0.3),
        trades=TRADES[code].split(";"),
        forms=FORMS[code],
        form_first=code == "ar",
        family_first=code in CJK,
        spaced=code not in CJK or code == "ko",
        known_companies=sorted(set(known)),
    )  # fmt: skip


STREET = re.compile(
    "(straße|weg|platz|gasse|ring|allee|steig|ufer|damm|brücke|pfad|hof|insel|siedlung)$"
)
CJK = {"zh": "华达通盛源泰瑞恒", "ja": "光和栄東大新", "ko": "한대세동성"}
