"""What `import lantern` costs beyond Python's own start, as medians over fresh processes.

python benches/import_time.py [--runs 21]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time


def seconds(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=21)
    runs = parser.parse_args().runs
    bare, ours = [], []
    for _ in range(runs):
        bare.append(seconds("pass"))
        ours.append(seconds("import lantern"))
    difference = statistics.median(b - a for a, b in zip(bare, ours, strict=True))
    print(
        f"python {statistics.median(bare) * 1e3:.1f} ms, with lantern "
        f"{statistics.median(ours) * 1e3:.1f} ms, difference {difference * 1e3:.1f} ms"
    )


if __name__ == "__main__":
    main()
