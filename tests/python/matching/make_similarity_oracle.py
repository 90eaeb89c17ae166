"""Writes random pairs of strings and what Python's rapidfuzz says of them.

The checked-in fixture, which `tests/similarity_oracle.rs` compares to 1e-9:

    pip install rapidfuzz zstandard
    python tests/python/matching/make_similarity_oracle.py tests/fixtures/similarity.jsonl.zst

More pairs, for a single run:

    python tests/python/matching/make_similarity_oracle.py /tmp/oracle.jsonl.zst --pairs 200000 --seed 7
    LANTERN_SIMILARITY_ORACLE=/tmp/oracle.jsonl.zst cargo test --release --test similarity_oracle -- --nocapture

Each line is `[a, b, [values]]`, the values in the order of `MEASURES`, the last two of them counts.
"""

import argparse
import json
import random

import rapidfuzz
import zstandard
from rapidfuzz import distance, fuzz

MEASURES = {
    "jaro": distance.Jaro.normalized_similarity,
    "jaro_winkler": distance.JaroWinkler.normalized_similarity,
    "levenshtein": distance.Levenshtein.normalized_similarity,
    "osa": distance.OSA.normalized_similarity,
    "indel": lambda a, b: fuzz.ratio(a, b) / 100,
    "lcs": distance.LCSseq.normalized_similarity,
    "token_sort": lambda a, b: fuzz.token_sort_ratio(a, b) / 100,
    "token_set": lambda a, b: fuzz.token_set_ratio(a, b) / 100,
    "partial_ratio": lambda a, b: fuzz.partial_ratio(a, b) / 100,
    "partial_token_sort": lambda a, b: fuzz.partial_token_sort_ratio(a, b) / 100,
    "partial_token_set": lambda a, b: fuzz.partial_token_set_ratio(a, b) / 100,
    "wratio": lambda a, b: fuzz.WRatio(a, b) / 100,
    "prefix": distance.Prefix.normalized_similarity,
    "levenshtein_distance": distance.Levenshtein.distance,
    "osa_distance": distance.OSA.distance,
}

WORDS = (
    "Acme Aerospace Allianz Alpha Amber Apex Atlas Bauer Blue Capital Consulting Corp Data Deutsche "
    "Dynamics Energy First Fund General Global GmbH Green Group Holding Inc International Kabushiki "
    "Limited Logistics Ltd Müller Nordic Österreich Partners Société São Schröder Services Systems "
    "Technologies The Trading United and & of 3 4 株式会社 東京 有限公司 Газпром ООО Ωmega 🚀 👩‍🚀"
).split()
ALPHABETS = [
    "ab",
    "abc ",
    "abcdefghijklmnopqrstuvwxyz ",
    "aäáàåbcçdeéèêfghiíïlmnñoóöøuúüßÿ ",
    "日本語東京株式会社有限公司 ",
    "🚀🎉👩👨👍🏽 ",
    "a1é日🚀\u00a0\u0085\u2003\u3000\t\n\x1c ",
]


def words(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(1, 5)))


def changed(rng: random.Random, text: str) -> str:
    """The text with a few typing errors and, at times, its words in another order."""
    if rng.random() < 0.3:
        parts = text.split(" ")
        rng.shuffle(parts)
        text = " ".join(parts[: rng.randint(1, len(parts))] if rng.random() < 0.5 else parts)
    letters = list(text)
    for _ in range(rng.choice([0, 1, 1, 2, 3, 8])):
        at = rng.randint(0, len(letters))
        match rng.randint(0, 3):
            case 0:
                letters.insert(at, rng.choice("abcdeé日 "))
            case 1:
                del letters[at : at + 1]
            case 2:
                letters[at : at + 1] = rng.choice("abcdeé日 ")
            case 3:
                letters[at : at + 2] = letters[at : at + 2][::-1]
    return "".join(letters)


def text(rng: random.Random, longest: int) -> str:
    length = rng.randint(0, min(rng.choice([3, 12, 30, 33, 64, 66, 130, longest]), longest))
    if rng.random() < 0.02:
        # More different characters than a byte can number.
        return "".join(chr(rng.randint(0x4E00, 0x9FFF)) for _ in range(longest))
    return "".join(rng.choices(rng.choice(ALPHABETS), k=length))


def pair(rng: random.Random, long_share: float) -> tuple[str, str]:
    if rng.random() < 0.5:
        a = words(rng)
        return a, changed(rng, a) if rng.random() < 0.6 else words(rng)
    longest = 1000 if rng.random() < long_share else 40
    a = text(rng, longest)
    return a, changed(rng, a) if rng.random() < 0.5 else text(rng, longest)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--pairs", type=int, default=4000)
    parser.add_argument(
        "--long-share", type=float, default=0.05, help="pairs of up to 1,000 characters"
    )
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    edges = [
        "",
        " ",
        "a",
        "b",
        "ab",
        "ba",
        "a b",
        "b a",
        "é",
        "日",
        "\u00a0",
        "a\u00a0b",
        "日\u00a0b",
    ]
    pairs = [(a, b) for a in edges for b in edges]
    pairs += [pair(rng, arguments.long_share) for _ in range(arguments.pairs - len(pairs))]
    with (
        open(arguments.out, "wb") as file,
        zstandard.ZstdCompressor(level=19).stream_writer(file) as out,
    ):
        head = {
            "rapidfuzz": rapidfuzz.__version__,
            "seed": arguments.seed,
            "measures": list(MEASURES),
        }
        out.write((json.dumps(head) + "\n").encode())
        for a, b in pairs:
            values = [round(measure(a, b), 11) for measure in MEASURES.values()]
            line = json.dumps([a, b, values], ensure_ascii=False, separators=(",", ":"))
            out.write((line + "\n").encode())


if __name__ == "__main__":
    main()
