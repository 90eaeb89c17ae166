"""Objects that say they export Arrow memory, and capsules that hold what no library would make."""

from __future__ import annotations

import contextlib
import ctypes
import struct
from collections.abc import Callable
from ctypes import c_char_p, c_int64, c_void_p
from typing import Any

import pyarrow
import pytest

import lantern
from lantern.exceptions import InputError
from lantern.normalize import company_key

Release = ctypes.CFUNCTYPE(None, c_void_p)


class Schema(ctypes.Structure):
    """A type, as in Arrow's C data interface."""


Schema._fields_ = [
    ("format", c_char_p),
    ("name", c_char_p),
    ("metadata", c_void_p),
    ("flags", c_int64),
    ("n_children", c_int64),
    ("children", c_void_p),
    ("dictionary", c_void_p),
    ("release", c_void_p),
    ("private", c_void_p),
]


class Array(ctypes.Structure):
    """An array, as in Arrow's C data interface."""


Array._fields_ = [
    ("length", c_int64),
    ("null_count", c_int64),
    ("offset", c_int64),
    ("n_buffers", c_int64),
    ("n_children", c_int64),
    ("buffers", c_void_p),
    ("children", c_void_p),
    ("dictionary", c_void_p),
    ("release", c_void_p),
    ("private", c_void_p),
]


@Release
def release_schema(pointer: int) -> None:
    Schema.from_address(pointer).release = None


@Release
def release_array(pointer: int) -> None:
    Array.from_address(pointer).release = None


new_capsule = ctypes.pythonapi.PyCapsule_New
new_capsule.restype = ctypes.py_object
new_capsule.argtypes = [c_void_p, c_char_p, c_void_p]


class Made:
    """An array made by hand, exported as a library would."""

    def __init__(
        self,
        format: bytes,
        length: int = 0,
        buffers: list[bytes | None] | None = None,
        *,
        children: list[Made] | None = None,
        dictionary: Made | None = None,
        metadata: bytes | None = None,
        nulls: int = 0,
        offset: int = 0,
    ) -> None:
        self.kept: list[Any] = [metadata, children, dictionary]
        own = [
            None if part is None else ctypes.create_string_buffer(part) for part in buffers or []
        ]
        places = (c_void_p * max(len(own), 1))(
            *[None if part is None else ctypes.addressof(part) for part in own]
        )
        schemas = (c_void_p * max(len(children or []), 1))(
            *[ctypes.addressof(child.schema) for child in children or []]
        )
        arrays = (c_void_p * max(len(children or []), 1))(
            *[ctypes.addressof(child.array) for child in children or []]
        )
        self.kept += [own, places, schemas, arrays, format]
        about = None
        if metadata is not None:
            held = ctypes.create_string_buffer(metadata)
            self.kept.append(held)
            about = ctypes.addressof(held)
        count = len(children or [])
        self.schema = Schema(
            format,
            b"made",
            about,
            2,
            count,
            ctypes.addressof(schemas) if count else None,
            ctypes.addressof(dictionary.schema) if dictionary else None,
            ctypes.cast(release_schema, c_void_p),
            None,
        )
        self.array = Array(
            length,
            nulls,
            offset,
            len(own),
            count,
            ctypes.addressof(places) if own else None,
            ctypes.addressof(arrays) if count else None,
            ctypes.addressof(dictionary.array) if dictionary else None,
            ctypes.cast(release_array, c_void_p),
            None,
        )

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[Any, Any]:
        return (
            new_capsule(ctypes.addressof(self.schema), b"arrow_schema", None),
            new_capsule(ctypes.addressof(self.array), b"arrow_array", None),
        )


def numbers(*values: int, kind: str = "i") -> bytes:
    return struct.pack(f"={len(values)}{kind}", *values)


def text(*values: str) -> Made:
    parts = [value.encode() for value in values]
    ends = [sum(map(len, parts[:place])) for place in range(len(parts) + 1)]
    return Made(b"u", len(parts), [None, numbers(*ends), b"".join(parts)])


def table(column: Made) -> Made:
    return Made(b"+s", column.array.length, [None], children=[column])


def test_a_column_made_by_hand_is_read() -> None:
    expected = company_key(pyarrow.array(["Acme", "Müller GmbH"])).to_pylist()
    assert company_key(text("Acme", "Müller GmbH")).to_pylist() == expected
    assert company_key(Made(b"u", 0, [None, None, None])).to_pylist() == []
    assert company_key(Made(b"vu", 0, [None, None, None])).to_pylist() == []
    assert lantern.dedupe(table(text("a", "b")), fields=["made"]) is not None


# Types that no library writes.
FORMATS = [
    b"",
    b"\xff",
    b"?",
    b"u:1",
    b"w:",
    b"w:-1",
    b"w:99999999999999999999",
    b"w:x",
    b"d:",
    b"d:0,0",
    b"d:99999,1",
    b"d:10,2,7",
    b"d:10,2,128,9",
    b"d:-1,-1",
    b"ts",
    b"tsn",
    b"tsx:UTC",
    b"tdZ",
    b"ttq",
    b"tiX",
    b"+",
    b"+q",
    b"+w:",
    b"+w:-3",
    b"+w:99999999999",
    b"+ud:",
    b"+us:x",
    b"+us:1,2",
    b"+us:-1",
    b"+us:200",
    b"+v",
    b"+vq",
    b"+r",
    b"+m",
    b"v",
    b"vx",
    b"\n" * 3000,
    b"a" * 5_000_000,
]


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: repr(format[:20]))
def test_a_type_that_is_none_is_refused(format: bytes) -> None:
    for children in ([], [text("a")], [text("a"), text("b")]):
        for make in (
            lambda format, children: Made(format, 1, [None, b"\0" * 64], children=children),
            lambda format, children: table(Made(format, 1, [None, b"\0" * 64], children=children)),
            lambda format, children: Made(
                b"i", 1, [None, b"\0" * 64], dictionary=Made(format, 1, [None], children=children)
            ),
        ):
            for call in (company_key, lambda given: lantern.dedupe(given, fields=["made"])):
                with pytest.raises((InputError, TypeError)) as raised:
                    call(make(format, children))
                assert len(str(raised.value)) < 3_000


@pytest.mark.parametrize("zone", [b"Z" * 5_000_000, b"\x1b[31m\r\n"])
def test_a_type_of_any_length_and_letters_is_named_in_a_sentence(zone: bytes) -> None:
    def times() -> Made:
        return Made(b"tsn:" + zone, 1, [None, numbers(1, kind="q")])

    for given, call in (
        (times(), company_key),
        (table(times()), company_key),
        (times(), lambda given: lantern.dedupe(given, fields=["made"])),
    ):
        with pytest.raises(TypeError) as raised:
            call(given)
        said = str(raised.value)
        assert len(said) < 3_000
        assert not any(ord(letter) < 32 for letter in said), said


@pytest.mark.parametrize(
    "metadata",
    [
        numbers(-1),
        numbers(1, -1) + b"a" * 64,
        numbers(1, 1) + b"a" + numbers(-5) + b"a" * 64,
    ],
    ids=["negative pairs", "a negative key", "a negative value"],
)
def test_metadata_of_negative_lengths_is_refused_or_left_out(metadata: bytes) -> None:
    column = Made(b"u", 1, [None, numbers(0, 1), b"a"], metadata=metadata + b"\0" * 64)
    for given, call in (
        (column, company_key),
        (table(column), lambda given: lantern.dedupe(given, fields=["made"])),
    ):
        with contextlib.suppress(InputError):
            call(given)


# Arrays whose numbers do not agree.
ARRAYS: dict[str, Callable[[], Made]] = {
    "nulls without their bits": lambda: Made(b"u", 2, [None, numbers(0, 1, 2), b"ab"], nulls=1),
    "a text without offsets": lambda: Made(b"u", 2, [None, None, b"ab"]),
    "a text without values": lambda: Made(b"u", 2, [None, numbers(0, 1, 2), None]),
    "a large text without offsets": lambda: Made(b"U", 2, [None, None, b"ab"]),
    "views without buffers": lambda: Made(b"vu", 1, [None, numbers(20, 0, 0, 0)]),
    "views of a negative buffer": lambda: Made(
        b"vu", 1, [None, numbers(20, 0, 0, 0), b"a" * 20, numbers(-20, kind="q")]
    ),
    "a dictionary without values": lambda: Made(b"i", 1, [None, numbers(0)], dictionary=text()),
    "a dictionary of a dictionary": lambda: Made(
        b"i",
        1,
        [None, numbers(0)],
        dictionary=Made(b"i", 1, [None, numbers(7)], dictionary=text("a")),
    ),
    "runs that are too few": lambda: Made(
        b"+r", 9, [], children=[Made(b"i", 1, [None, numbers(3)]), text("a")]
    ),
    "runs without values": lambda: Made(
        b"+r", 3, [], children=[Made(b"i", 1, [None, numbers(3)]), text()]
    ),
    "runs that are null": lambda: Made(
        b"+r", 3, [], children=[Made(b"i", 1, [b"\0", numbers(3)], nulls=1), text("a")]
    ),
    "runs of texts": lambda: Made(b"+r", 3, [], children=[text("3"), text("a")]),
    "a list past its items": lambda: Made(b"+l", 1, [None, numbers(0, 9)], children=[text("a")]),
    "a list view before its items": lambda: Made(
        b"+vl", 1, [None, numbers(-1), numbers(1)], children=[text("a")]
    ),
    "a list view of many": lambda: Made(
        b"+vL",
        1,
        [None, numbers((1 << 63) - 1, kind="q"), numbers((1 << 63) - 1, kind="q")],
        children=[text("a")],
    ),
    "a fixed list that is short": lambda: Made(b"+w:3", 2, [None], children=[text("a")]),
    "a struct that is short": lambda: Made(b"+s", 3, [None], children=[text("a")]),
    "a map of one part": lambda: Made(
        b"+m",
        1,
        [None, numbers(0, 1)],
        children=[Made(b"+s", 1, [None], children=[text("a")])],
    ),
    "a union of an unknown type": lambda: Made(b"+us:3", 1, [b"\x04"], children=[text("a")]),
    "a dense union past its values": lambda: Made(
        b"+ud:0", 1, [b"\0", numbers(5)], children=[text("a")]
    ),
    "a dense union before its values": lambda: Made(
        b"+ud:0", 1, [b"\0", numbers(-1)], children=[text("a")]
    ),
    "a sparse union that is short": lambda: Made(b"+us:0", 2, [b"\0\0"], children=[text("a")]),
    "an offset past everything": lambda: Made(
        b"u", 1, [None, numbers(0, 1), b"a"], offset=(1 << 62)
    ),
}


@pytest.mark.parametrize("make", ARRAYS.values(), ids=ARRAYS)
def test_an_array_whose_numbers_do_not_agree_is_refused(make: Callable[[], Made]) -> None:
    for call in (company_key, lambda given: lantern.dedupe(table(given), fields=["made"])):
        with pytest.raises((InputError, TypeError)):
            call(make())


class Exports:
    """Says that it exports memory, and gives something else."""

    def __init__(self, given: object) -> None:
        self.given = given

    def __arrow_c_array__(self, requested_schema: object = None) -> Any:
        return self.given() if callable(self.given) else self.given


class Streams(Exports):
    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        return self.given() if callable(self.given) else self.given

    __arrow_c_array__ = property()  # type: ignore[assignment]


def raises() -> Any:
    raise ValueError("no memory today")


def capsule(name: bytes | None) -> Any:
    held = ctypes.create_string_buffer(256)
    made = new_capsule(ctypes.addressof(held), name, None)
    LIVING.append(held)
    return made


LIVING: list[Any] = []
ODD: list[Any] = [
    None,
    (),
    (1, 2),
    "arrow",
    raises,
    lambda: text("a").__arrow_c_array__()[0],
    lambda: text("a").__arrow_c_array__()[::-1],
    lambda: (capsule(b"arrow_schema"), capsule(b"other")),
    lambda: (capsule(b"arrow_schema"), capsule(None)),
    # Capsules of zeros: what was in them has been taken.
    lambda: (capsule(b"arrow_schema"), capsule(b"arrow_array")),
    lambda: capsule(b"arrow_array_stream"),
    lambda: capsule(None),
]


@pytest.mark.parametrize("kind", [Exports, Streams])
@pytest.mark.parametrize("given", ODD, ids=range(len(ODD)))
def test_what_exports_no_memory_is_refused(kind: type[Exports], given: object) -> None:
    for call in (company_key, lambda given: lantern.dedupe(given, fields=["made"])):
        with pytest.raises((InputError, TypeError)):
            call(kind(given))


def test_memory_that_was_taken_is_refused_the_second_time() -> None:
    made = text("Acme")
    assert len(company_key(made).to_pylist()) == 1
    with pytest.raises(InputError, match="released"):
        company_key(made)
