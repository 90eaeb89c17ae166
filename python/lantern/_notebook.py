"""Progress in a notebook: one piece of HTML that is updated in place."""

from __future__ import annotations

import importlib
import sys
import time
from typing import Any


def inside() -> bool:
    """Return whether the code runs in a Jupyter kernel."""
    shell = sys.modules.get("IPython")
    if shell is None:
        return False
    return type(shell.get_ipython()).__name__ == "ZMQInteractiveShell"


class Display:
    """A place on the page that shows the latest state."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._shown: str | None = None

    def update(self, html: str, state: dict[str, object]) -> None:
        """Show a state: as HTML if the page supports it, otherwise as a line of text."""
        if html == self._shown:
            return
        page: Any = importlib.import_module("IPython.display")
        text = (
            f"{state['key']}: {state['returned']} of {state['ids']} ids, "
            f"{state['spent']} of {state['max_credits']} credits"
        )
        data = {"text/html": html, "text/plain": text}
        if self._handle is None:
            self._handle = page.display(data, raw=True, display_id=True)
        else:
            page.update_display(data, raw=True, display_id=self._handle.display_id)
        self._shown = html


class Steps:
    """A progress bar for work with a known number of parts.

    Nothing is shown during the first second, or if the output is not a terminal or a notebook.
    """

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._handle: Any = None
        self._shown = ""
        self._terminal = sys.stderr is not None and sys.stderr.isatty()

    def show(self, done: int, of: int) -> None:
        """Show that `done` of `of` parts are done."""
        seconds = time.monotonic() - self._begun
        if seconds < 1 or of <= 1:
            return
        filled = round(30 * done / of)
        text = (
            f"matching {'█' * filled}{'░' * (30 - filled)} {done:,} of {of:,} rows {seconds:.0f} s"
        )
        if text == self._shown:
            return
        self._shown = text
        if inside():
            page: Any = importlib.import_module("IPython.display")
            data = {"text/plain": text}
            if self._handle is None:
                self._handle = page.display(data, raw=True, display_id=True)
            else:
                page.update_display(data, raw=True, display_id=self._handle.display_id)
        elif self._terminal:
            print(f"\r{text}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the bar as it is and end its line."""
        if self._shown and self._terminal and not inside():
            print(file=sys.stderr)
