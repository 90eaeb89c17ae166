"""What other tools reach on the same tables, each at the threshold that is best for it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence

from .columns import HEADERS
from .tables import Tables

INCIDENTAL = {header for name in ("owner", "created", "source") for header in HEADERS[name]}


def rows_as_text(tables: Tables) -> tuple[list[str], list[str]]:
    def joined(frame) -> list[str]:
        kept = [name for name in frame.columns if name not in INCIDENTAL]
        return [" ".join(value for value in row if value) for row in frame.select(kept).iter_rows()]

    assert tables.right is not None
    return joined(tables.left), joined(tables.right)


def best(tables: Tables, scored: Sequence[tuple[float, int, int]]) -> float:
    """The best F1 over all thresholds, of the best candidate of each left row."""
    right = set(tables.right_entities)
    possible = sum(entity in right for entity in tables.left_entities)
    true = 0
    result = 0.0
    for found, (_, a, b) in enumerate(sorted(scored, reverse=True), 1):
        true += tables.left_entities[a] == tables.right_entities[b]
        result = max(result, 2 * true / (found + possible))
    return result


def wratio(tables: Tables) -> float:
    from rapidfuzz import fuzz, process, utils

    left, right = rows_as_text(tables)
    scored = []
    for at, text in enumerate(left):
        found = process.extractOne(text, right, scorer=fuzz.WRatio, processor=utils.default_process)
        if found:
            scored.append((found[1], at, found[2]))
    return best(tables, scored)


def tf_idf(tables: Tables) -> float:
    from sklearn.feature_extraction.text import TfidfVectorizer

    left, right = rows_as_text(tables)
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3))
    theirs = vectorizer.fit_transform(right)
    scores = vectorizer.transform(left) @ theirs.T
    nearest = (
        scores.argmax(axis=1).A1
        if hasattr(scores.argmax(axis=1), "A1")
        else scores.argmax(axis=1).ravel()
    )
    return best(tables, [(float(scores[at, int(b)]), at, int(b)) for at, b in enumerate(nearest)])


PEERS: dict[str, Callable[[Tables], float]] = {
    name: peer
    for name, package, peer in (("wratio", "rapidfuzz", wratio), ("tf-idf", "sklearn", tf_idf))
    if importlib.util.find_spec(package)
}
