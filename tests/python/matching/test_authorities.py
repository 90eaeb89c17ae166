"""Normalizers agree with the libraries that others trust, on generated values.

Each test names the differences that are meant. The packages are pinned in `pyproject.toml`, because
their tables decide what is generated.
"""

from __future__ import annotations

import phonenumbers
import pytest
import usaddress
from cleanco.termdata import terms_by_country, terms_by_type
from email_validator import EmailNotValidError, validate_email
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from nameparser import HumanName
from publicsuffixlist import PublicSuffixList

from lantern import normalize

MANY = settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)

# --- phones: Google's libphonenumber, as ported to Python

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
FORMATS = [
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.NATIONAL,
    phonenumbers.PhoneNumberFormat.RFC3966,
]
TYPES = [
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.TOLL_FREE,
    phonenumbers.PhoneNumberType.PREMIUM_RATE,
    phonenumbers.PhoneNumberType.VOIP,
    phonenumbers.PhoneNumberType.UAN,
]


def e164(text: str, region: str | None) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@st.composite
def numbers(draw: st.DrawFn) -> tuple[str, str | None]:
    region = draw(st.sampled_from(REGIONS))
    number = phonenumbers.example_number_for_type(region, draw(st.sampled_from(TYPES)))
    number = number or phonenumbers.example_number(region)
    text = phonenumbers.format_number(number, draw(st.sampled_from(FORMATS)))
    if draw(st.booleans()):
        at = draw(st.integers(0, len(text) - 1))
        if text[at].isdigit():
            text = text[:at] + draw(st.sampled_from("0123456789")) + text[at + 1 :]
    text += draw(st.sampled_from(["", "", " ext. 12", " x5", ";ext=7"]))
    return text, draw(st.sampled_from([region, region, None, "US", "GB", "DE"]))


@MANY
@given(numbers())
def test_phones_are_read_as_libphonenumber_reads_them(number: tuple[str, str | None]) -> None:
    text, region = number
    expected = e164(text, region)
    found = normalize.phone_e164(text, default_region=region)
    assert found == expected, (text, region)
    assert normalize.is_valid_phone(text, default_region=region) == (expected is not None)


# --- e-mail addresses: email-validator

LOCAL = ["a", "ada", "o'brien", "x+y", "a.b", "ä", "用户", "a_b", "1", "é", "e\u0301", "a-b", "/"]
ODD = [
    "",
    ".",
    "..",
    " ",
    "\u200b",
    "\u00ad",
    '"',
    ",",
    "@",
    "(",
    "\n",
    "\ufeff",
    "\u3164",
    "\u0301",
]
LABELS = ["acme", "b-c", "müller", "例子", "xn--mller-kva", "mu\u0308ller", "x1", "a"]
ODD_LABELS = ["-b", "b-", "", "b_c", "b c", "xn--a", "xn--", "b\u200b", "b\u00ad", "a" * 64]
TLDS = ["com", "de", "co.uk", "广告", "museum", "io"]


@st.composite
def addresses(draw: st.DrawFn) -> str:
    odd = draw(st.integers(0, 3)) == 0
    parts = st.sampled_from(LOCAL + ODD if odd else LOCAL)
    local = "".join(draw(st.lists(parts, min_size=1, max_size=4)))
    labels = st.sampled_from(LABELS + ODD_LABELS if draw(st.integers(0, 3)) == 0 else LABELS)
    domain = ".".join([*draw(st.lists(labels, max_size=2)), draw(st.sampled_from(TLDS))])
    return f"{local}@{domain}"


def is_valid(address: str) -> bool:
    try:
        validate_email(address, check_deliverability=False, allow_empty_local=False)
    except EmailNotValidError:
        return False
    return True


@MANY
@given(addresses())
def test_addresses_are_valid_as_for_email_validator(address: str) -> None:
    # Meant: email-validator cuts soft hyphens and zero-width spaces out of domains, which we
    # refuse, and takes the filler of Hangul, which nobody sees, and an accent without a letter.
    assume(not any(sign in address.rpartition("@")[2] for sign in "\u200b\u00ad"))
    assume(".\u0301" not in address and "\u3164" not in address)
    assert normalize.is_valid_email(address) == is_valid(address), address


@MANY
@given(addresses())
def test_the_key_of_a_valid_address_has_its_domain(address: str) -> None:
    assume(is_valid(address) and not any(sign in address for sign in "\u200b\u00ad\u3164"))
    # Meant: a mailbox without a letter or a digit has no key.
    assume(any(sign.isalnum() for sign in address.rpartition("@")[0]))
    validated = validate_email(address, check_deliverability=False)
    assert normalize.email_domain(address) == validated.ascii_domain
    key = normalize.email_key(address)
    assert key is not None
    assert normalize.email_key(key) == key


# --- domains: the public suffix list

SUFFIXES = PublicSuffixList()
RULES = sorted(
    rule for rule in SUFFIXES._publicsuffix if rule.isascii() and not rule.startswith(("*", "!"))
)


@MANY
@given(
    st.lists(st.sampled_from(["acme", "shop", "a1", "b-c", "eu"]), max_size=3),
    st.sampled_from(RULES),
    st.sampled_from(["", "https://", "//", "http://user@", "ada@"]),
)
def test_domains_are_those_of_the_public_suffix_list(
    labels: list[str], suffix: str, before: str
) -> None:
    host = ".".join([*labels, suffix])
    assume("." in host)
    expected = SUFFIXES.privatesuffix(host)
    found = normalize.domain_key(before + host)
    if expected is None:
        # Meant: a provider's own site is its domain, although it is a suffix for its customers.
        assert found is None or found == host.removeprefix("www.") or host.endswith(found)
    elif found != expected:
        # Meant: customers of providers that are not in the list are known by their subdomain.
        assert found is not None
        assert found.endswith("." + expected), (host, found, expected)


# --- people: nameparser

FIRST = [
    "Ada",
    "Grace",
    "Anna",
    "Peter",
    "Carlos",
    "Ingrid",
    "Giovanni",
    "Mehmet",
    "Wei",
    "Akiko",
    "Fatima",
    "Ivan",
    "Olga",
]
LAST = [
    "Byron",
    "Hopper",
    "Garcia",
    "Rossi",
    "Yilmaz",
    "Tanaka",
    "Haddad",
    "Petrov",
    "Novak",
    "Jensen",
    "Dubois",
    "Silva",
]
TITLES = ["", "Dr.", "Mr.", "Mrs.", "Prof.", "Sir", "Rev.", "Capt.", "Prof. Dr."]
SUFFIXED = ["", ", PhD", " Jr.", ", Jr.", " III", ", M.D.", ", MBA", " Esq.", ", CPA, MBA"]


@st.composite
def people(draw: st.DrawFn) -> str:
    first, last = draw(st.sampled_from(FIRST)), draw(st.sampled_from(LAST))
    middle = draw(st.sampled_from(["", "", "J.", "M", "Lee"]))
    particle = draw(st.sampled_from(["", "", "", "van der", "de la", "von", "di"]))
    last = f"{particle} {last}".strip()
    suffix = draw(st.sampled_from(SUFFIXED))
    title = draw(st.sampled_from(TITLES))
    if draw(st.booleans()):
        parts = [title, first, middle, last]
        return " ".join(part for part in parts if part) + suffix
    return f"{last}, {' '.join(part for part in [title, first, middle] if part)}"


@MANY
@given(people())
def test_names_have_the_parts_that_nameparser_finds(name: str) -> None:
    parsed = HumanName(name)
    assert normalize.given_name_key(name) == normalize.first_name_key(parsed.first), name
    assert normalize.family_name_key(name) == normalize.last_name_key(parsed.last), name


# --- companies: cleanco

FORMS = sorted(
    {
        form
        for forms in [*terms_by_type.values(), *terms_by_country.values()]
        for form in forms
        if form.isascii() and form.strip()
    }
)
# Meant: these are words, names, states or initials as well, and count only with dots or in capitals
# beside small letters ("Bliss Spa", "Valley Ag", "Reno NV").
IN_CAPITALS = (
    "ae; ag; ans; as; as oy; as.oy; asa; ay; bt.; cic; crl; ead; ee; epe; fie; gie; ky; "
    "mepe; nuf; oe; rt.; sae; sca; scs; sia; tmi; tov; zao"
)
# Meant: these count not even so, being rare as forms and common as words, or have only two letters.
NOT_AT_ALL = (
    "3ao; 3at; aat; ad; aj; amba; aps; at; ba; bl; bm; cio; coop.; cpt; cxa; da; dat; "
    "e.c.; ec; ei; ent.; ep; esv; etat; ev; fa; fcp; fkf; fop; g/s; gp; ij; ik; k.d.a.; "
    "k.v.; kd; kda; kf; koop.; ks; kt; kv.; mb; nl; o.d.; o.n.g.; o.v.e.e.; oaj; ok; "
    "ovee; p.p.; peec; pp; private; ps; pse; psu; pt; qk; qmj; rhf; s.c.e i.; s.cra; "
    "s.cra.; s.f.; sal; sd; sem; sep; ses.; sf; sgr; sm pte ltd.; soc.col.; sogepa; sp; "
    "stg; suc. de descendants; tapui; tdv; teo; ud; uk; unlimited; vat; xk; xt; xxk; "
    "yoaj; zat"
)


@pytest.mark.parametrize("form", FORMS)
def test_legal_forms_that_cleanco_knows_are_left_out(form: str) -> None:
    in_capitals = normalize.company_key(f"Acme Widgets {form.upper()}")
    as_it_stands = normalize.company_key(f"Acme Widgets {form}")
    never = form in NOT_AT_ALL.split("; ")
    assert (in_capitals != "acme widgets") == never
    assert (as_it_stands != "acme widgets") == (never or form in IN_CAPITALS.split("; "))


# --- streets: usaddress

STREETS = [
    "Main",
    "Oak",
    "Maple",
    "Washington",
    "Lakeview",
    "Sunset",
    "Elm",
    "Pine",
    "Jefferson",
    "Franklin",
]
KINDS = ["St", "Street", "Ave", "Avenue", "Rd", "Blvd", "Dr", "Ln", "Ct", "Way", "Pl", "Pkwy"]
UNITS = ["", "Apt 3B", "Suite 400", "Ste 12", "Unit 7", "#5", "Apt. 12", "Fl 2", "Room 9", "Lot 4"]


@st.composite
def lines(draw: st.DrawFn) -> str:
    number = str(draw(st.integers(1, 19_999)))
    direction = draw(st.sampled_from(["", "", "N", "S.", "West", "NE"]))
    street, kind = draw(st.sampled_from(STREETS)), draw(st.sampled_from(KINDS))
    after = draw(st.sampled_from(["", "", "NW", "E"]))
    unit = draw(st.sampled_from(UNITS))
    joint = draw(st.sampled_from([", ", " "])) if unit else ""
    line = " ".join(part for part in [number, direction, street, kind, after] if part)
    if unit and draw(st.integers(0, 3)) == 0:
        return f"{unit}, {line}"
    return line + joint + unit


@MANY
@given(lines())
def test_streets_without_what_usaddress_takes_for_a_unit(line: str) -> None:
    tokens = usaddress.parse(line)
    # In "Unit 7, 1 NE Main St" it takes both numbers for the unit's.
    assume(any(label == "AddressNumber" for _, label in tokens))
    kept = [
        text for text, label in tokens if "Occupancy" not in label and "Subaddress" not in label
    ]
    assert normalize.street_key(line) == normalize.street_key(" ".join(kept).strip(", ")), tokens
