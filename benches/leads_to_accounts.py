"""Leads and accounts of a realistic kind, with the truth known.

Accounts have names made of real words, a legal form, a domain made of the name, and a country.
Leads are accounts as people type them: another legal form or none, another case, `&` or `and`,
abbreviations, one or two typing errors in a quarter of the names, a dropped last word, rotated
words, a leading "The"; free mail for a third, no domain for a fifth, a `mail.` prefix here and
there; no country for a tenth. A fifth of the leads have no account.

    python benches/leads_to_accounts.py 100000 20000 1 /tmp/data
"""

import random
import sys
import unicodedata

import polars as pl

FIRST = """
Amber Arctic Atlas Aurora Autumn Azure Beacon Birch Blue Bright Bronze Canyon Cedar Central
Chestnut Clear Coastal Cobalt Copper Coral Crescent Crimson Crystal Delta Diamond Eagle East
Eastern Echo Elm Ember Emerald Evergreen Falcon First Forest Frontier Garnet Global Golden Granite
Great Green Grand Harbor Hazel Heritage Highland Horizon Hudson Indigo Iron Ivory Jade Juniper
Keystone Lake Lakeside Laurel Liberty Lincoln Lotus Lunar Magnolia Maple Marble Meridian Metro
Midland Modern Mountain National New Noble North Northern Nova Oak Ocean Olive Onyx Opal Orchid
Pacific Palm Paramount Pearl Pine Pinnacle Pioneer Plum Polar Premier Prime Quartz Quantum Rapid
Raven Red River Riverside Rocky Royal Ruby Saffron Sage Sapphire Scarlet Sequoia Sierra Silver Sky
Solar South Southern Spring Spruce Stellar Sterling Stone Summit Sun Sunrise Sunset Swift Tidal
Timber Titan Topaz Twin Union United Urban Valley Vanguard Velvet Vertex Vista Walnut West Western
White Wild Willow Winter Zenith Zephyr Apex Alpine Anchor Arrow Aspen Atlantic Baltic Bay Bear
Bell Bishop Black Bluestone Boulder Bridge Brook Canal Cardinal Castle Cavalier Century Citadel
Clover Comet Compass Condor Corner Cross Crown Cypress Dawn Desert Dover Dragon Dune
""".split()
SECOND = """
Peak Ridge Field Bay Point Gate Park Creek Wood Leaf Rock Hill Wave Star Light Stream Shore Cliff
Grove Path Tower Arch Spring Harbor Meadow Land Haven Crest Glen Cove Falls Pass Trail Branch Root
Seed Bloom Flame Spark Forge Mill Wheel Anchor Sail Mast Compass Lantern Bell Crown Shield Lance
Arrow Hawk Wolf Bear Fox Deer Heron Swan Otter Lynx Elk Trout Salmon Coral Pebble Boulder Summit
Valley Canyon Mesa Prairie Delta Island Lagoon Reef Tide Current Breeze Storm Thunder Cloud Rain
Snow Frost Ember Ash Cinder Clay Sand Flint Slate Chalk Bridge Junction Crossing Corner Square
Court Lane Avenue Plaza Station Depot Yard Dock Pier Wharf Quay Mark Line Edge Circle Loop Link
Chain Bond Union Alliance
""".split()
TRADE = """
Foods Logistics Software Analytics Consulting Partners Capital Holdings Media Energy Power Systems
Solutions Technologies Industries Manufacturing Pharma Biotech Health Medical Dental Insurance
Bank Finance Advisors Ventures Properties Realty Construction Builders Engineering Design
Architects Studios Marketing Advertising Communications Networks Telecom Wireless Security
Robotics Automation Motors Automotive Aviation Aerospace Marine Shipping Freight Transport Travel
Hotels Resorts Restaurants Catering Coffee Brewing Wines Bakery Farms Dairy Organics Fishing
Mining Metals Steel Plastics Chemicals Paper Packaging Printing Textiles Apparel Fashion Footwear
Jewelry Cosmetics Toys Games Sports Fitness Education Training Publishing Books Music Films Legal
Accounting Staffing Recruiting Cleaning Services Supply Trading Imports Exports Retail Stores
Markets Furniture Interiors Lighting Electric Electronics Semiconductors Instruments Optics Labs
Research Diagnostics Genomics Materials Water Environmental Recycling Waste Gas Oil Petroleum
Solar Wind Group
""".split()
SURNAME = """
Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Thomas Moore Martin Jackson
Thompson White Harris Clark Lewis Walker Hall Young King Wright Hill Green Adams Baker Nelson
Carter Mitchell Turner Phillips Campbell Parker Evans Edwards Collins Stewart Morris Murphy Cook
Rogers Morgan Cooper Peterson Reed Bailey Kelly Howard Ward Watson Brooks Bennett Gray Hughes
Price Myers Long Foster Sanders Ross Powell Sullivan Russell Fisher Henderson Barnes Jenkins Perry
Butler Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Hoffmann Schäfer Koch Bauer
Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Werner
Krause Lehmann Dubois Durand Leroy Moreau Laurent Lefebvre Girard Bonnet Fournier Lambert García
Fernández López Martínez González Rossi Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco
Bruno Jansen Visser Bakker Nielsen Hansen Larsen Olsen Lindberg Nyström Novák Kowalski Horváth
""".split()
FORMS = {
    "US": ["Inc.", "Inc", "LLC", "Corp.", "Corporation", "Co.", "Incorporated", "L.L.C."],
    "GB": ["Ltd", "Limited", "PLC", "Ltd.", "LLP"],
    "DE": ["GmbH", "AG", "GmbH & Co. KG", "KG", "UG"],
    "FR": ["SA", "SAS", "SARL", "S.A."],
    "ES": ["S.L.", "SL", "S.A."],
    "IT": ["S.p.A.", "S.r.l.", "SRL"],
    "NL": ["B.V.", "BV", "N.V."],
    "CA": ["Inc.", "Ltd.", "Corp."],
    "AU": ["Pty Ltd", "Pty. Ltd."],
    "SE": ["AB"],
    "DK": ["A/S", "ApS"],
    "PL": ["Sp. z o.o."],
}
COUNTRY = {
    "US": ["United States", "USA", "US"],
    "GB": ["United Kingdom", "UK", "GB"],
    "DE": ["Germany", "DE", "Deutschland"],
    "FR": ["France", "FR"],
    "ES": ["Spain", "ES"],
    "IT": ["Italy", "IT"],
    "NL": ["Netherlands", "NL"],
    "CA": ["Canada", "CA"],
    "AU": ["Australia", "AU"],
    "SE": ["Sweden", "SE"],
    "DK": ["Denmark", "DK"],
    "PL": ["Poland", "PL"],
}
TLD = {
    "US": "com",
    "GB": "co.uk",
    "DE": "de",
    "FR": "fr",
    "ES": "es",
    "IT": "it",
    "NL": "nl",
    "CA": "ca",
    "AU": "com.au",
    "SE": "se",
    "DK": "dk",
    "PL": "pl",
}
ABBR = {
    "Technologies": "Tech",
    "International": "Intl",
    "Manufacturing": "Mfg",
    "Services": "Svcs",
    "Systems": "Sys",
    "Solutions": "Soln",
    "Industries": "Ind",
    "Consulting": "Consult",
    "Engineering": "Eng",
    "Construction": "Constr",
    "Communications": "Comm",
    "Associates": "Assoc",
    "Properties": "Props",
    "Marketing": "Mktg",
    "Medical": "Med",
    "Pharma": "Pharmaceuticals",
    "Group": "Grp",
    "National": "Natl",
    "Partners": "Ptnrs",
    "Brothers": "Bros",
    "Logistics": "Log",
    "Insurance": "Ins",
    "Transport": "Transp",
}
FREE = [
    "gmail.com",
    "yahoo.com",
    "hotmail.com",
    "outlook.com",
    "gmx.de",
    "web.de",
    "icloud.com",
    "aol.com",
    "proton.me",
    "orange.fr",
]
WEIGHTS = [50, 10, 10, 6, 4, 4, 3, 5, 3, 2, 2, 1]


def plain(text):
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def make_name(r):
    k = r.random()
    if k < 0.72:
        return [r.choice(FIRST), r.choice(SECOND), r.choice(TRADE)]
    if k < 0.76:
        return [r.choice(FIRST), r.choice(TRADE)]
    if k < 0.77:
        return [r.choice(FIRST), r.choice(SECOND)]
    if k < 0.86:
        more = [r.choice(TRADE)] if r.random() < 0.85 else []
        return [r.choice(SURNAME), "&", r.choice(SURNAME), *more]
    if k < 0.88:
        of = r.choice(["Sons", "Partners", "Associates", "Brothers", "Company"])
        return [r.choice(SURNAME), "&", of] + ([r.choice(TRADE)] if r.random() < 0.5 else [])
    if k < 0.92:
        more = [r.choice(TRADE)] if r.random() < 0.8 else []
        return [r.choice(SURNAME), r.choice(TRADE), *more]
    last = r.choice(["International", "Group", "Services", "Holdings", "Europe", "America"])
    return [r.choice(FIRST), r.choice(SECOND), r.choice(TRADE), last]


def typo(r, text):
    at = r.choice([at for at, letter in enumerate(text) if letter.isalpha()] or [0])
    k, letter = r.random(), r.choice("abcdefghijklmnopqrstuvwxyz")
    if k < 0.3:
        return text[:at] + letter + text[at + 1 :]
    if k < 0.55:
        return text[:at] + text[at + 1 :]
    if k < 0.8:
        return text[:at] + letter + text[at:]
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def make_domain(r, words, country, taken):
    words = [plain(word) for word in words if word != "&"]
    k = r.random()
    if k < 0.5:
        label = "".join(words[:2])
    elif k < 0.7:
        label = "".join(words)
    elif k < 0.8:
        label = "-".join(words[:2])
    elif k < 0.9:
        label = words[0] + "".join(word[0] for word in words[1:])
    else:
        label = words[0] + r.choice(["group", "hq", "online", "corp", "web"])
    suffix = TLD[country] if r.random() < 0.6 else r.choice(["com", "com", "net", "io", "org"])
    domain = f"{label}.{suffix}"
    while domain in taken:
        domain = f"{label}{r.randrange(1, 9999)}.{suffix}"
    taken.add(domain)
    return domain


def make_account(r, taken, always_form=False):
    country = r.choices(list(FORMS), WEIGHTS)[0]
    words = make_name(r)
    form = r.choice(FORMS[country]) if always_form or r.random() < 0.9 else ""
    return words, form, country, make_domain(r, words, country, taken)


def as_typed(r, words, form, country):
    if r.random() < 0.08 and len(words) > 2 and words[-2] != "&":
        words = words[:-1]
    if r.random() < 0.15:
        words = [ABBR.get(word, word) for word in words]
    if r.random() < 0.04:
        words = words[1:] + words[:1]
    k = r.random()
    if k < 0.45:
        form = ""
    elif k < 0.65:
        form = r.choice(FORMS[country])
    if r.random() < 0.3:
        words = ["and" if word == "&" else word for word in words]
    text = " ".join(words)
    if form:
        text += (", " if r.random() < 0.15 else " ") + form
    if r.random() < 0.05:
        text = "The " + text
    if r.random() < 0.25:
        for _ in range(r.choice([1, 1, 2])):
            text = typo(r, text)
    k = r.random()
    if k < 0.12:
        text = text.upper()
    elif k < 0.27:
        text = text.lower()
    return text.replace(".", "").replace(",", "") if r.random() < 0.08 else text


def generate(accounts, leads, seed):
    """Accounts, leads, and for each lead the row of its account or None."""
    r = random.Random(seed)
    taken = set()
    made = [make_account(r, taken) for _ in range(accounts)]
    rows, truth = [], []
    for _ in range(leads):
        at = None if r.random() < 0.2 else r.randrange(accounts)
        words, form, country, domain = (
            make_account(r, taken, always_form=True) if at is None else made[at]
        )
        k = r.random()
        if k < 1 / 3:
            mail = r.choice(FREE)
        elif k < 1 / 3 + 0.2:
            mail = None
        else:
            mail = ("mail." if r.random() < 0.1 else "") + domain
        where = None if r.random() < 0.1 else r.choice(COUNTRY[country])
        rows.append((as_typed(r, words, form, country), mail, where))
        truth.append(at)
    account_table = pl.DataFrame(
        {
            "account_id": [f"A{at}" for at in range(accounts)],
            "name": [" ".join([*words, form]).strip() for words, form, _, _ in made],
            "domain": [domain for _, _, _, domain in made],
            "country": [r.choice(COUNTRY[country]) for _, _, country, _ in made],
        }
    )
    lead_table = pl.DataFrame(
        {
            "lead_id": [f"L{at}" for at in range(leads)],
            "company": [row[0] for row in rows],
            "email_domain": [row[1] for row in rows],
            "country": [row[2] for row in rows],
        }
    )
    return account_table, lead_table, truth


if __name__ == "__main__":
    accounts, leads, seed, folder = *map(int, sys.argv[1:4]), sys.argv[4]
    account_table, lead_table, truth = generate(accounts, leads, seed)
    account_table.write_parquet(f"{folder}/accounts.parquet")
    lead_table.write_parquet(f"{folder}/leads.parquet")
    pl.DataFrame({"account": truth}).write_parquet(f"{folder}/truth.parquet")
