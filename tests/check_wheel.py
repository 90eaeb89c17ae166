"""Checks what goes into a wheel: its size, its licence and the list of the crates in it.

python tests/check_wheel.py dist
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

LIMIT = 12_000_000  # bytes


def faults(wheel: Path) -> list[str]:
    """Returns what is wrong with a wheel, one sentence each."""
    found = []
    size = wheel.stat().st_size
    if size > LIMIT:
        found.append(f"{wheel.name} has {size:,} bytes; {LIMIT:,} are the limit.")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        if not any(name.endswith(".dist-info/licenses/LICENSE") for name in names):
            found.append(f"{wheel.name} has no LICENSE.")
        crates = set()
        for name in names:
            if name.endswith(".cyclonedx.json"):
                listed = json.loads(archive.read(name))
                crates.add(listed["metadata"]["component"]["name"])
                crates |= {component["name"] for component in listed.get("components", [])}
    # One of our own and one of others: an empty or partial list is as bad as none.
    if missing := {"lantern", "tokio"} - crates:
        found.append(f"{wheel.name} lists {len(crates)} crates, without {sorted(missing)}.")
    return found


def main() -> int:
    """Checks every wheel in a folder."""
    wheels = sorted(Path(sys.argv[1]).glob("*.whl"))
    found = [fault for wheel in wheels for fault in faults(wheel)]
    if not wheels:
        found = [f"There is no wheel in {sys.argv[1]}."]
    for fault in found:
        print(fault, file=sys.stderr)
    if not found:
        print("checked:", *(f"{wheel.name} ({wheel.stat().st_size:,} bytes)" for wheel in wheels))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
