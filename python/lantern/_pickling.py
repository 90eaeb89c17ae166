"""How clients are unpickled: the API key comes from the environment, never from the pickle."""

from __future__ import annotations

from typing import Any, TypeVar

T = TypeVar("T")


def make_client(kind: type[T], settings: dict[str, Any]) -> T:
    """Make a client from the contents of a pickle and the API key in `LANTERN_API_KEY`."""
    return kind(**settings)
