"""Progress in a notebook: one piece of HTML that is updated in place."""

from __future__ import annotations

import importlib
import sys
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
        """Show the state of a job."""
        text = (
            f"{state['key']}: {state['returned']} of {state['ids']} ids, "
            f"{state['spent']} of {state['max_credits']} credits"
        )
        self.say(html, text)

    def say(self, html: str, text: str) -> None:
        """Show HTML if the page supports it, otherwise a line of text."""
        if html == self._shown:
            return
        page: Any = importlib.import_module("IPython.display")
        data = {"text/html": html, "text/plain": text}
        if self._handle is None:
            self._handle = page.display(data, raw=True, display_id=True)
        else:
            page.update_display(data, raw=True, display_id=self._handle.display_id)
        self._shown = html
