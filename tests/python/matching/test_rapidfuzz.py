"""Values of composed texts (NFC) are rapidfuzz's, over 100 where it counts in percent."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, Indel, Jaro, JaroWinkler, LCSseq, Levenshtein, Prefix

from lantern import similarity

ALPHABETS = [
    "abc",
    "ab cd",
    "Acme Corporation & Sons Ltd. ",
    "éèüößñ aeuon",
    "株式会社東京大阪 ",
    "😀👩‍🚀🎉 a",
    "aé株😀 ",
]

PEERS: dict[str, Callable[[str, str], float]] = {
    "jaro": Jaro.normalized_similarity,
    "jaro_winkler": JaroWinkler.normalized_similarity,
    "levenshtein": Levenshtein.normalized_similarity,
    "osa": OSA.normalized_similarity,
    "indel": Indel.normalized_similarity,
    "lcs": LCSseq.normalized_similarity,
    "prefix": Prefix.normalized_similarity,
    "token_sort": lambda a, b: fuzz.token_sort_ratio(a, b) / 100,
    "token_set": lambda a, b: fuzz.token_set_ratio(a, b) / 100,
    "partial_ratio": lambda a, b: fuzz.partial_ratio(a, b) / 100,
    "partial_token_sort": lambda a, b: fuzz.partial_token_sort_ratio(a, b) / 100,
    "partial_token_set": lambda a, b: fuzz.partial_token_set_ratio(a, b) / 100,
    "wratio": lambda a, b: fuzz.WRatio(a, b) / 100,
    "levenshtein_distance": Levenshtein.distance,
    "osa_distance": OSA.distance,
}


def grams(text: str) -> Counter[str]:
    padded = f"\0\0{text}\0\0" if text else ""
    return Counter(padded[at : at + 3] for at in range(len(padded) - 2))


def jaccard(a: str, b: str) -> float:
    both = grams(a).keys() | grams(b).keys()
    return len(grams(a).keys() & grams(b).keys()) / len(both) if both else 1.0


def cosine(a: str, b: str) -> float:
    if a == b:
        return 1.0
    left, right = grams(a), grams(b)
    size = math.sqrt(sum(n * n for n in left.values()) * sum(n * n for n in right.values()))
    return sum(n * right[gram] for gram, n in left.items()) / size if size else 0.0


# rapidfuzz has no q-grams: these are their definitions.
PEERS |= {"qgram_jaccard": jaccard, "qgram_cosine": cosine}


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str]:
    alphabet = draw(st.sampled_from(ALPHABETS))
    # Up to a word of bits, around two of them, and a thousand characters.
    length = draw(st.sampled_from([0, 1, 3, 12, 40, 63, 64, 65, 130, 1000]))
    a = draw(st.text(alphabet, min_size=length if length >= 63 else 0, max_size=length))
    if draw(st.booleans()):
        return a, draw(st.text(draw(st.sampled_from(ALPHABETS)), max_size=40))
    # The same with a few edits.
    b = list(a)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(b)))
        match draw(st.integers(0, 2)):
            case 0:
                b.insert(at, draw(st.sampled_from(alphabet)))
            case 1:
                del b[at : at + 1]
            case _:
                b[at : at + 2] = b[at : at + 2][::-1]
    return a, "".join(b)


def test_every_function_has_a_peer() -> None:
    # `names` is a measure of our own, which has none.
    assert set(PEERS) == set(similarity.__all__) - {"names"}


@pytest.mark.parametrize("name", PEERS)
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(rows=st.lists(pairs(), min_size=1, max_size=8))
def test_values_equal_those_of_rapidfuzz(name: str, rows: list[tuple[str, str]]) -> None:
    compare, peer = getattr(similarity, name), PEERS[name]
    left, right = ([row[side] for row in rows] for side in (0, 1))
    expected = [peer(a, b) for a, b in rows]
    exact = pytest.approx(expected, rel=0, abs=1e-9)
    assert compare(pa.array(left), pa.array(right)).to_pylist() == exact
    assert compare(pa.array(left, pa.string_view()), pa.array(right)).to_pylist() == exact
    assert [compare(a, b) for a, b in rows] == exact
    one = pytest.approx([peer(a, right[0]) for a in left], rel=0, abs=1e-9)
    assert compare(pa.array(left), right[0]).to_pylist() == one


@pytest.mark.parametrize("name", PEERS)
def test_the_corners_equal_those_of_rapidfuzz(name: str) -> None:
    corners = ["", " ", "a", "a ", "ab", "ba", "é", "è", "株式", "😀", "a" * 1000, "ab" * 500]
    rows = [(a, b) for a in corners for b in corners]
    compare, peer = getattr(similarity, name), PEERS[name]
    made = compare(pa.array([a for a, _ in rows]), pa.array([b for _, b in rows])).to_pylist()
    assert made == pytest.approx([peer(a, b) for a, b in rows], rel=0, abs=1e-9)
