"""An extension of griffe that prepares stubs and docstrings for the reference."""

from __future__ import annotations

import re
import textwrap

import griffe

EXAMPLE = re.compile(r"^Example:\n((?:(?: {4}.*)?\n?)+)", re.MULTILINE)


class AsDocumented(griffe.Extension):
    """Show the arguments of compiled classes, and examples as code."""

    def on_class(self, *, cls: griffe.Class, **_: object) -> None:
        """Show `__new__`, the constructor of compiled classes, as `__init__`."""
        made = cls.members.get("__new__")
        if isinstance(made, griffe.Function):
            made.name = "__init__"
            made.returns = None
            cls.set_member("__init__", made)
            cls.del_member("__new__")

    def on_object(self, *, obj: griffe.Object, **_: object) -> None:
        """Fence the code of an `Example:` section; griffe only knows the name `Examples:`."""
        if obj.docstring:
            obj.docstring.value = EXAMPLE.sub(self._fenced, obj.docstring.value)

    @staticmethod
    def _fenced(found: re.Match[str]) -> str:
        code = textwrap.dedent(found[1]).strip()
        language = "pycon" if code.startswith(">>>") else "python"
        return f"**Example**\n\n```{language}\n{code}\n```\n\n"
