"""The `lantern` command, which is the compiled one."""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Runs the command line and answers its exit code."""
    from lantern._lantern import _main

    # The command has its own way of stopping at Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _main(sys.argv)
