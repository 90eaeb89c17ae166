"""Writes the keys that normalizers give for a list of texts, with the versions of their rules.

    python tests/python/matching/make_normalizer_keys.py

`test_versions.py` compares the file with what the normalizers give. A key that changes needs a new
version of its normalizer, and a line in `docs/versioning.md`; this script refuses to write the file
without the first.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from lantern import normalize

FILE = Path(__file__).parents[2] / "fixtures" / "normalizer_keys.json"

# Of what the rules say, not of what lists of domains and phone metadata say this month.
TEXTS = [
    *["", " ", "—", "&", "12", "a", "株式会社東京", "\u041e\u041e\u041e Ромашка", "😀"],
    # companies
    *[
        "The Acme Corporation, Inc.",
        "Müller & Söhne GmbH & Co. KG",
        "AT&T",
        "AT & T Inc",
        "S&T Bank",
    ],
    *[
        "Bliss Spa",
        "Bliss SpA",
        "Valley Ag",
        "Zap EV",
        "Next Gen",
        "Groupe PSA",
        "Magic Mike",
        "Reno NV",
    ],
    *[
        "Park Coop",
        "Blue Bus",
        "Shark Fin",
        "R R Foods",
        "Fund 3",
        "Fund IV",
        "Cafe Kai",
        "Studio Og",
    ],
    *[
        "Amer Sports",
        "Petrol d.d.",
        "Intl Mfg Svcs",
        "SC Dacia SRL",
        "Fox Sc",
        "Ristorante Sagl",
        "3M Company",
    ],
    *[
        "Acme, LLC",
        "PT Astra Tbk",
        "Novák a spol.",
        "Acme Sp. z o.o.",
        "Acme (주)",
        "ZAO Acme",
        "Oy Vey Deli",
    ],
    # people
    *[
        "Dr. Byron, Bob J. (Bobby) Jr.",
        "John Smith, Ph.D., MBA",
        "John Smith, P.Eng.",
        "John Smith, CAIA",
    ],
    *[
        "The Hon. John Smith",
        "JRR Tolkien",
        "J. R. R. Tolkien",
        "García López, María",
        "MARIA Garcia",
    ],
    *[
        "GARCIA Maria",
        "ИВАНОВ Иван",
        "Phil Collins",
        "Tan Wei Ling",
        "Sri Mulyani",
        "Gen. Lee",
        "Ana",
        "Ali",
    ],
    *[
        "Toni Morrison",
        "Sepp Maier",
        "Van der Berg, Jan",
        "O'Brien, Pat",
        "Smith-Jones",
        "de la Cruz",
        "王小明",
    ],
    # e-mail addresses
    *["Ada.Byron+x@GoogleMail.com", "(a@b.com)", "smtp:a@b.com", "{a@b.com}", "a [at] b [dot] com"],
    *[
        "a%40b.com",
        "\uff41\uff20\uff42\uff0ecom",
        "a\u200b@b.com",
        "a@xn--a.com",
        "u\u0308@müller.de",
        "a @ b.com",
        "a@b.com!",
    ],
    # domains
    *[
        "https://www.shop.acme.co.uk/x",
        "acme.onmicrosoft.com",
        "acme.zendesk.com",
        "acme.monday.com",
    ],
    *[
        "www.wordpress.com",
        "acme.wordpress.com",
        "127.0.0.1",
        "acme",
        "uk.linkedin.com/in/Ada-Byron/",
    ],
    # phones
    *[
        "+14155552671",
        "(415) 555-2671",
        "+49 (0) 30 901820",
        "+1 415 555 2671 (mobile)",
        "000-000-0000",
    ],
    *["tel:+1-415-555-2671;ext=5", "+39 06 6982 1234", "+80012345678"],
    # places
    *[
        "Deutschland",
        "USA",
        "Calif.",
        "Ontario",
        "2138.0",
        "2138.5",
        "1.067E+03",
        "SW1A1AA",
        "02138-1234",
    ],
    *[
        "Flat 3, 12 High St",
        "#400, 12 High St",
        "Apt. 3-B, 12 High St",
        "c/o Ada, 12 High St",
        "Hauptstr. 5, EG",
    ],
    *[
        "C/ Mayor 3, 2º izq",
        "Via Roma n. 7",
        "12 Flat Rock Rd",
        "PO Box 12",
        "123 N. Main St., Suite 4",
    ],
    # sounds
    *["why", "Wyatt", "hm", "Robert Smith", "Müller-Lüdenscheidt"],
]


def keys(name: str) -> dict[str, Any]:
    function = getattr(normalize, name)
    return {text: function(text) for text in TEXTS}


def recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def changed(name: str, record: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The texts whose keys are not the recorded ones, with both."""
    now, before = keys(name), record["keys"]
    return {
        text: (before[text], now[text])
        for text in before.keys() & now.keys()
        if before[text] != now[text]
    }


def main() -> None:
    versions = normalize.versions()
    if FILE.exists():
        for name, record in recorded().items():
            if versions.get(name) == record["version"] and (unlike := changed(name, record)):
                sys.exit(f"{name} is still version {versions[name]}; raise it first: {unlike}")
    out = {name: {"version": versions[name], "keys": keys(name)} for name in sorted(versions)}
    FILE.write_text(json.dumps(out, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
