"""Registers `.lantern` in Polars as soon as both packages are imported, in any order.

`import lantern` must not import Polars. If Polars is not imported yet, a finder on `sys.meta_path`
waits for it: it lets the usual finders import Polars, registers the namespace afterwards, and
removes itself.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class _Waiting:
    """A finder on `sys.meta_path` that waits for `polars`."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "polars":
            return None
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find else None
            if spec is not None:
                self._follow(spec)
                return spec
        return None

    def _follow(self, spec: ModuleSpec) -> None:
        loader = spec.loader
        if loader is None:
            return
        run = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            if self in sys.meta_path:
                sys.meta_path.remove(self)
                register()

        # On this loader alone, which stays of its class: inspect and importlib.resources see
        # nothing new. One that takes no attributes is left alone; `import lantern.polars` remains.
        try:
            loader.exec_module = exec_module  # type: ignore[method-assign]
        except AttributeError:
            return


def register() -> None:
    """Register the namespace. If that fails, Polars is imported all the same."""
    try:
        import lantern.polars  # noqa: F401
    except Exception as error:
        import warnings

        warnings.warn(f"pl.Expr.lantern is not there: {error}", RuntimeWarning, stacklevel=2)


def watch() -> None:
    """Register the namespace now if Polars is imported, otherwise when it is."""
    if hasattr(sys.modules.get("polars"), "Expr"):
        register()
    elif "polars" not in sys.modules:
        sys.meta_path.insert(0, _Waiting())
