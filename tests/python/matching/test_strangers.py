"""Small tables as people bring them, in many languages, matched with nothing set.

Each has its truth, relatives or rivals of it, and columns whose headings no lexicon knows. What is
asked is the same everywhere: nearly all that can be told is found, and nearly nothing else.
"""

import random
import re

import polars as pl
import pytest

import lantern

FIRST = [
    "James",
    "Mary",
    "Robert",
    "Patricia",
    "John",
    "Jennifer",
    "Michael",
    "Linda",
    "David",
    "Elizabeth",
    "William",
    "Barbara",
    "Richard",
    "Susan",
    "Joseph",
    "Jessica",
    "Thomas",
    "Sarah",
    "Charles",
    "Karen",
    "Daniel",
    "Lisa",
    "Matthew",
    "Nancy",
]
LAST = [
    "Smith",
    "Johnson",
    "Williams",
    "Brown",
    "Jones",
    "Garcia",
    "Miller",
    "Davis",
    "Rodriguez",
    "Martinez",
    "Wilson",
    "Anderson",
    "Taylor",
    "Moore",
    "Jackson",
    "Martin",
    "Lee",
    "Perez",
    "Thompson",
    "White",
    "Okafor",
    "Lindqvist",
    "Petrov",
    "Yamashita",
]
CITIES = [
    "Springfield",
    "Franklin",
    "Greenville",
    "Bristol",
    "Clinton",
    "Fairview",
    "Salem",
    "Madison",
]


def table(names, rows):
    return pl.DataFrame({name: [row[at] for row in rows] for at, name in enumerate(names)})


def day(r, first=1940, last=2005):
    return r.randint(first, last), r.randint(1, 12), r.randint(1, 28)


def iso(when):
    return "{}-{:02}-{:02}".format(*when)


def russian_people(r):
    """A whole name against halves, days under two headings, one an abbreviation."""
    given = [
        "Александр",
        "Мария",
        "Дмитрий",
        "Анна",
        "Сергей",
        "Елена",
        "Иван",
        "Ольга",
        "Андрей",
        "Наталья",
    ]
    family = [
        "Иванов",
        "Смирнов",
        "Кузнецов",
        "Попов",
        "Васильев",
        "Петров",
        "Соколов",
        "Михайлов",
        "Новиков",
    ]
    cities = ["Москва", "Казань", "Самара", "Томск"]
    left, right, truth = [], [], set()
    for number in range(240):
        first, last, when = r.choice(given), r.choice(family), day(r)
        right.append((first, last, "{2:02}.{1:02}.{0}".format(*when), r.choice(cities)))
        if r.random() < 0.5:
            name = f"{last} {first}" if r.random() < 0.5 else f"{first} {last}"
            truth.add((len(left), number))
            left.append((name, iso(when), right[-1][3]))
        else:
            left.append((f"{r.choice(given)} {r.choice(family)}", iso(day(r)), right[-1][3]))
    names = ["ФИО", "Дата рождения", "Город"], ["Имя", "Фамилия", "ДР", "Город"]
    return table(names[0], left), table(names[1], right), truth


def chinese_people(r):
    """Names of two and three characters, mobile numbers with and without the country."""
    family = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢"
    given = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华"
    mobile = lambda: "1" + r.choice("3578") + f"{r.randint(0, 10**9 - 1):09}"  # noqa: E731
    left, right, truth = [], [], set()
    for number in range(240):
        name = r.choice(family) + "".join(r.sample(given, r.choice([1, 2, 2])))
        right.append((name, mobile()))
        if r.random() < 0.5:
            truth.add((len(left), number))
            left.append((name, r.choice(["", "+86 "]) + right[-1][1]))
        else:
            left.append((r.choice(family) + "".join(r.sample(given, 2)), mobile()))
    return table(["姓名", "手机"], left), table(["姓名", "电话"], right), truth


def german_households(r):
    """Umlauts written in two ways, lost zeros; who is not known lives with somebody who is."""
    given = [
        "Jürgen",
        "Günter",
        "Käthe",
        "Björn",
        "Anna",
        "Lukas",
        "Stefan",
        "Ute",
        "Heinz",
        "Sabine",
    ]
    family = [
        "Müller",
        "Schäfer",
        "Weiß",
        "Groß",
        "Krüger",
        "Schröder",
        "Huber",
        "Böhm",
        "Jäger",
        "Wolf",
    ]
    streets = ["Haupt", "Bahnhof", "Garten", "Schul", "Kirch", "Berg", "Linden", "Wald", "Ring"]
    cities = ["Köln", "München", "Nürnberg", "Frankfurt", "Düsseldorf"]
    plain = str.maketrans({"ü": "ue", "ö": "oe", "ä": "ae", "ß": "ss"})
    left, right, truth = [], [], set()
    for number in range(240):
        first, last = r.choice(given), r.choice(family)
        street, city = f"{r.choice(streets)}straße {r.randint(1, 150)}", r.choice(cities)
        code = f"{r.randint(1001, 99998):05}"
        right.append((f"{first} {last}", street, code, city))
        if r.random() < 0.5:
            truth.add((len(left), number))
            road = street.replace("straße", r.choice(["str.", "strasse", " Str."]))
            place = city.translate(plain)
            left.append(
                (first.translate(plain), last.translate(plain), road, code.lstrip("0"), place)
            )
        else:
            other = r.choice([name for name in given if name != first])
            left.append((other, last, street, code, city))
    names = ["Vorname", "Nachname", "Strasse", "PLZ", "Ort"], ["Name", "Straße", "PLZ", "Stadt"]
    return table(names[0], left), table(names[1], right), truth


def publications(r):
    """Authors as full names here and with initials there; years are often missing."""
    words = [
        "adaptive",
        "neural",
        "query",
        "optimization",
        "distributed",
        "graph",
        "learning",
        "temporal",
        "database",
        "efficient",
        "indexing",
        "semantic",
        "retrieval",
        "streaming",
        "privacy",
        "clustering",
        "probabilistic",
        "inference",
        "ranking",
        "similarity",
        "joins",
        "transactions",
        "concurrency",
        "recovery",
        "mining",
        "patterns",
        "spatial",
    ]
    left, right, truth = [], [], set()
    for number in range(240):
        title = " ".join(r.sample(words, r.randint(4, 7))).capitalize()
        authors = [(r.choice(FIRST), r.choice(LAST)) for _ in range(r.randint(1, 4))]
        year = r.randint(1994, 2012)
        right.append((title, "; ".join(f"{first} {last}" for first, last in authors), year))
        written = ", ".join(f"{last} {first[0]}" for first, last in authors)
        if r.random() < 0.6:
            truth.add((len(left), number))
            left.append((title + r.choice(["", ".", " (abstract)"]), written, year))
        else:
            other = " ".join(r.sample(words, r.randint(4, 7))).capitalize()
            left.append((other, written, year))
    return (
        table(["Title", "Authors", "Y"], left),
        table(["paper", "author_list", "year"], right),
        truth,
    )


def events(r):
    """The same few titles again and again: it takes the day to tell them apart."""
    words = [
        "Jazz",
        "Summer",
        "Modern",
        "Open",
        "Winter",
        "City",
        "Kids",
        "Classic",
        "Street",
        "Night",
        "River",
        "Harbour",
    ]
    kinds = [
        "Concert",
        "Workshop",
        "Lecture",
        "Exhibition",
        "Market",
        "Tour",
        "Festival",
        "Screening",
    ]
    places = ["Town Hall", "City Library", "Old Brewery", "Main Theatre", "Park Stage"]
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    left, right, truth = [], [], set()
    for number in range(200):
        title = f"{r.choice(words)} {r.choice(words)} {r.choice(kinds)}"
        when = day(r, 2024, 2025)
        right.append((title, iso(when), r.choice(places)))
        if r.random() < 0.5:
            truth.add((len(left), number))
            left.append((title, f"{when[2]} {months[when[1] - 1]} {when[0]}", right[-1][2]))
        else:
            title = f"{r.choice(words)} {r.choice(words)} {r.choice(kinds)}"
            left.append((title, f"{r.randint(1, 28)} Mar 2025", right[-1][2]))
    names = ["event", "when", "where"], ["title", "date", "venue"]
    return table(names[0], left), table(names[1], right), truth


def phones_as_floats(r):
    """Phone numbers that a spreadsheet made floats of, against `x12` and `(cell)`."""
    left, right, truth = [], [], set()
    for number in range(200):
        name, phone = f"{r.choice(FIRST)} {r.choice(LAST)}", r.randint(2_012_000_000, 9_899_999_999)
        right.append((name, float(phone)))
        digits = str(phone)
        if r.random() < 0.5:
            truth.add((len(left), number))
            area, rest = digits[:3], f"{digits[3:6]}-{digits[6:]}"
            forms = [f"({area}) {rest}", f"{area}.{rest} x12", f"+1 {area} {rest} (cell)"]
            left.append((name, r.choice(forms)))
        else:
            left.append(
                (
                    f"{r.choice(FIRST)} {r.choice(LAST)}",
                    str(r.randint(2_012_000_000, 9_899_999_999)),
                )
            )
    return table(["contact", "phone number"], left), table(["name", "phone"], right), truth


def patients(r):
    """Whole names with the family name first, days in two orders; strangers are family members."""
    streets = ["Main", "Oak", "Pine", "Maple", "Cedar", "Elm", "Lake", "Hill"]
    left, right, truth = [], [], set()
    for number in range(300):
        first, last, when = r.choice(FIRST), r.choice(LAST), day(r)
        street, code = f"{r.randint(1, 999)} {r.choice(streets)} St", f"{r.randint(1000, 99950):05}"
        right.append((last.upper(), first.upper(), "{1:02}/{2:02}/{0}".format(*when), street, code))
        if r.random() < 0.5:
            truth.add((len(left), number))
            left.append((f"{last}, {first}", iso(when), street, str(float(code))))
        else:
            other = r.choice([name for name in FIRST if name != first])
            left.append((f"{last}, {other}", iso(day(r)), street, str(float(code))))
    names = (
        ["patient_name", "birth_date", "address", "zip"],
        ["LNAME", "FNAME", "DOB", "STREET", "ZIP"],
    )
    return table(names[0], left), table(names[1], right), truth


def japanese_companies(r):
    """A legal form before, behind or nowhere; others share one of the two words."""
    places = [
        "山田",
        "佐藤",
        "日本",
        "東京",
        "大阪",
        "中央",
        "富士",
        "三和",
        "東洋",
        "北海",
        "丸山",
        "高橋",
        "鈴木",
        "桜",
    ]
    trades = [
        "製作所",
        "商事",
        "電機",
        "工業",
        "建設",
        "運輸",
        "食品",
        "化学",
        "印刷",
        "不動産",
        "製薬",
    ]
    names = [place + trade for place in places for trade in trades]
    r.shuffle(names)
    left, right, truth = [], [], set()
    for number, name in enumerate(names[:120]):
        where = r.choice(["東京都", "大阪府", "愛知県"])
        right.append((r.choice(["株式会社" + name, name + "株式会社", "(株)" + name]), where))
        if r.random() < 0.5:
            truth.add((len(left), number))
            left.append((r.choice([name, name + "(株)", "株式会社 " + name]), where))
    left += [(name + "株式会社", "東京都") for name in names[120:]]
    return table(["会社名", "都道府県"], left), table(["取引先", "所在地"], right), truth


def products(r):
    """Other models of the same brand at the very same price."""
    brands = ["Sony", "Bosch", "Makita", "Philips", "Canon", "Nikon", "Samsung", "Dell"]
    kinds = ["Cordless Drill", "LED TV", "Soundbar", "Wireless Mouse", "Laser Printer", "Kettle"]
    letters = "ABCDEGHKMNPRSTX"

    def model():
        return f"{r.choice(letters)}{r.choice(letters)}{r.randint(100, 9999)}"

    left, right, truth = [], [], set()
    for number in range(240):
        brand, kind, own = r.choice(brands), r.choice(kinds), model()
        price = round(r.uniform(10, 900), 2)
        right.append((f"{brand} {own} {kind}", price))
        if r.random() < 0.5:
            truth.add((len(left), number))
            left.append((f"{brand} {kind} {own} (new)", f"${price * r.uniform(0.9, 1.1):.2f}"))
        else:
            left.append((f"{brand} {kind} {model()}", f"${price:.2f}"))
    return table(["title", "price"], left), table(["name", "list_price"], right), truth


CASES = [
    products,
    russian_people,
    chinese_people,
    german_households,
    pytest.param(
        publications,
        # Titles of random words, of which few are known: words in common and a year are taken for a
        # match, while the authors differ.
        marks=pytest.mark.xfail(reason="does not hold yet", strict=True),
    ),
    events,
    phones_as_floats,
    patients,
    japanese_companies,
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: getattr(case, "__name__", None))
def test_what_can_be_told_is_found_and_little_else(case):
    left, right, truth = case(random.Random(case.__name__))
    found = pl.DataFrame(lantern.match(left, right, progress=False).table())
    pairs = set(zip(found["left"], found["right"], strict=True))
    assert len(pairs & truth) >= 0.85 * len(truth), lantern.describe(left, right)
    assert len(pairs - truth) <= 0.03 * len(left)
    sure = found.filter(pl.col("confidence") >= 0.9)
    surely_wrong = set(zip(sure["left"], sure["right"], strict=True)) - truth
    assert len(surely_wrong) <= 0.01 * len(left)


@pytest.mark.xfail(reason="does not hold yet on titles of random words", strict=True)
@pytest.mark.parametrize("top", [3, None])
def test_asking_for_more_matches_gives_copies_and_no_near_misses(top):
    r = random.Random(8)
    left, right, truth = publications(r)
    one = lantern.match(left, right, progress=False)
    more = pl.DataFrame(lantern.match(left, right, top=top, progress=False).table())
    wrong = set(zip(more["left"], more["right"], strict=True)) - truth
    assert len(wrong) <= 0.03 * left.height
    assert len(more) >= 0.98 * len(one)
    # Every record of the right twice: both copies are given.
    twice = pl.concat([right, right])
    more = pl.DataFrame(lantern.match(left, twice, top=top, progress=False).table())
    pairs = set(zip(more["left"], more["right"], strict=True))
    copies = {(row, other + right.height) for row, other in truth}
    assert len(pairs & (truth | copies)) >= 0.9 * 2 * len(truth)


def test_two_three_row_tables():
    left = pl.DataFrame(
        {
            "name": ["Ada Lovelace", "Grace Hopper", "Alan Turing"],
            "email": ["ada@analytical.org", "grace@navy.mil", "alan@bletchley.uk"],
        }
    )
    right = pl.DataFrame(
        {
            "name": ["Turing, Alan", "A. Lovelace", "Charles Babbage"],
            "email": ["turing@bletchley.uk", "ada@analytical.org", "charles@engine.org"],
        }
    )
    found = lantern.match(left, right, progress=False).table().to_pylist()
    assert {(row["left"], row["right"]) for row in found} == {(0, 1), (2, 0)}
    strangers = pl.DataFrame(
        {"name": ["John Smith", "Jane Roe"], "email": ["john@navy.mil", "jane@analytical.org"]}
    )
    assert len(lantern.match(left, strangers, progress=False)) == 0


def test_days_and_amounts_of_two_things_are_not_compared():
    r = random.Random(3)
    names = [f"{r.choice(FIRST)} {r.choice(LAST)} {number}" for number in range(60)]
    left = pl.DataFrame({"company": names, "founded": [iso(day(r)) for _ in names]})
    right = pl.DataFrame({"company": names, "birth date": [iso(day(r)) for _ in names]})
    described = pl.DataFrame(lantern.describe(left, right))
    compared = described.filter(pl.col("compared_with").list.len() > 0)["column"].to_list()
    assert compared == ["company", "company"]
    assert not any(re.search("found|birth", name) for name in compared)


def test_a_product_in_another_colour_is_another_product():
    shoes = ["Nike Air Zoom", "Adidas Ultra", "Puma Suede", "Asics Gel", "Reebok Classic"]
    colours = ["Black", "White", "Red"]
    rows = [
        (f"{shoe} {size} {colour}", 59.0 + size)
        for shoe in shoes
        for size in range(1, 9)
        for colour in colours
    ]
    copies = [(name.upper(), price) for name, price in rows[:60:6]]
    found = lantern.dedupe(table(["product", "price"], rows + copies), progress=False)
    pairs = {(row["left"], row["right"]) for row in found.pairs.table().to_pylist()}
    expected = {(len(rows) + at, 6 * at) for at in range(len(copies))}
    assert {(max(pair), min(pair)) for pair in pairs} == expected
