"""The methods of the asynchronous clients as coroutine functions.

The compiled methods begin to work when they are called, and answer a future. A coroutine function
begins when it is awaited: what is never awaited sends nothing, costs nothing, and makes Python
warn. Coroutines of the interpreter's own kind are known to everything that takes coroutines:
`asyncio.run`, tasks, task groups, other event loops, `inspect`, `unittest.mock`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from types import MethodDescriptorType

# Methods with a leading underscore that are awaited, too.
CONTEXT = ("__aenter__", "__aexit__")


def awaited(kind: type) -> None:
    """Turn the methods of a compiled class into coroutine functions."""
    for name, method in list(vars(kind).items()):
        if name.startswith("_") and name not in CONTEXT:
            continue
        if isinstance(method, staticmethod):
            setattr(kind, name, staticmethod(_coroutine_function(kind, method.__func__)))
        elif isinstance(method, MethodDescriptorType):
            setattr(kind, name, _coroutine_function(kind, method))


def _coroutine_function(
    kind: type, method: Callable[..., Awaitable[object]]
) -> Callable[..., Awaitable[object]]:
    @wraps(method)
    async def call(*args: object, **kwargs: object) -> object:
        return await method(*args, **kwargs)

    call.__module__ = kind.__module__
    return call
