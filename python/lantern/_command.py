"""The `lantern` command, which runs the compiled command line."""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Run the command line and return its exit code."""
    from lantern._lantern import _main

    # The command has its own way of stopping at Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _main(sys.argv)
