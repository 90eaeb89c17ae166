"""Letters, not bytes: names in every script are compared as English ones are."""

from __future__ import annotations

import random

import polars as pl
import pytest

import lantern
from lantern import similarity

FAMILY = {
    "Chinese": "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭",
    "Korean": "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구",
    "Japanese": "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 山口 松本",
    "English": "Smith Jones Brown Taylor Wilson Davies Evans Thomas Johnson Roberts Walker Wright",
}
GIVEN = {
    "Chinese": "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华建国玉梅红文志海波宇鹏",
    "Korean": "민서지우현준영수진하은도윤예린성호재경태희정훈동원상미나래소연아름다솔빛",
    "Japanese": "翔太 大輝 拓海 健太 直樹 大輔 美咲 結衣 陽菜 裕子 久美子 恵子 由美 千尋",
    "English": "Oliver George Arthur Emily Sophie Grace Harry Alice Edward Martha Frank Hannah",
}


def names(language: str, count: int) -> list[str]:
    rng = random.Random(language)
    spaced = language in ("Japanese", "English")
    family = FAMILY[language].split() if spaced else list(FAMILY[language])
    given = GIVEN[language].split() if spaced else list(GIVEN[language])
    found: dict[str, None] = {}
    while len(found) < count:
        first = rng.choice(given) if spaced else "".join(rng.choices(given, k=2))
        last = rng.choice(family)
        found[f"{last} {first}" if language == "Japanese" else last + first] = None
        if language == "English":
            found.popitem()
            found[f"{first} {last}"] = None
    return list(found)


@pytest.mark.parametrize("language", ["Chinese", "Korean"])
def test_people_of_two_lists_are_found_and_others_are_not(language: str) -> None:
    people = names(language, 750)
    right, left = people[:600], people[:150] + people[600:]
    found = lantern.match(pl.DataFrame({"name": left}), pl.DataFrame({"name": right}))
    pairs = found.table().to_polars().select("left", "right").rows()
    assert sum(a == b and a < 150 for a, b in pairs) >= 143
    assert sum(a != b or a >= 150 for a, b in pairs) <= 5


def test_japanese_names_are_found_as_english_ones_with_as_many_combinations() -> None:
    counts = {}
    for language in ("Japanese", "English"):
        people = names(language, 120)
        right, left = people[:90], people[:45] + people[90:]
        found = lantern.match(pl.DataFrame({"name": left}), pl.DataFrame({"name": right}))
        pairs = found.table().to_polars().select("left", "right").rows()
        assert sum(a != b or a >= 45 for a, b in pairs) <= 2
        counts[language] = len(pairs)
    assert counts["Japanese"] >= counts["English"] - 2, counts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("王小明", "李小明"),
        ("김민수", "이민수"),
        ("삼성 전자", "현대 전자"),
        ("שלום כהן", "שלום לוי"),
        ("محمد علي", "محمد عمر"),
        ("Иван Петров", "Иван Павлов"),
    ],
)
def test_names_that_differ_in_a_letter_of_few_are_not_alike(one: str, other: str) -> None:
    assert similarity.names(one, other) < 0.75


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mu\u0308ller", "Müller"),
        ("\u1112\u1161\u11ab국", "한국"),
        ("か\u3099", "が"),
        ("Å", "\u212b"),
    ],
)
def test_a_letter_is_one_however_it_is_written(one: str, other: str) -> None:
    for name in ("jaro", "levenshtein", "token_set", "wratio", "prefix", "qgram_cosine"):
        function = getattr(similarity, name)
        assert function(one, other) == 1
        for kind in (pl.Series([one]), pl.Series([one], dtype=pl.Categorical)):
            assert function(kind, pl.Series([other])).to_pylist() == [1]
    assert similarity.levenshtein_distance(one, other) == 0
    column = pl.select(pl.lit(one).lantern.levenshtein(pl.lit(other))).to_series()
    assert column.to_list() == [1]


def test_marks_of_vowels_and_of_stretching_say_nothing() -> None:
    for one, other in [("קָפֶה", "קפה"), ("مُحَمَّد", "محمد"), ("محـــمد", "محمد"), ("ｱｲﾁ", "アイチ")]:
        assert similarity.names(one, other) == 1
