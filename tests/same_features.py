"""Compare the features of crates that both the local wheel and the tests in Rust build.

Cargo builds a crate once more for each set of features. Where the sets are the same, `make test`
builds every dependency once. Run as `python tests/same_features.py`; it needs no build.
"""

import subprocess
import sys

PLATFORM = "x86_64-unknown-linux-gnu"


def features(*which: str) -> dict[str, set[str]]:
    """Return the features of each crate, by name and version."""
    command = ["cargo", "tree", "--locked", "--format", "{p}|{f}", "--prefix", "none"]
    tree = subprocess.run(
        [*command, "--target", PLATFORM, *which], capture_output=True, text=True, check=True
    ).stdout
    crates: dict[str, set[str]] = {}
    for line in filter(None, tree.splitlines()):
        crate, _, turned_on = line.removesuffix(" (*)").partition("|")
        # A crate that only runs on the building machine has features of its own.
        if "(proc-macro)" not in crate:
            crates.setdefault(crate, set()).add(turned_on)
    return crates


def main() -> int:
    """Print the crates whose features differ, and fail if there are any."""
    wheel = features("--edges", "normal,build", "--package", "lantern-python")
    tests = features("--edges", "normal,build,dev")
    different = {crate: wheel[crate] ^ tests[crate] for crate in wheel.keys() & tests.keys()}
    for crate, sets in sorted(different.items()):
        if sets:
            print(f"{crate}: wheel {wheel[crate]}, tests {tests[crate]}")
    if any(different.values()):
        print("Make these equal in tests/rust/Cargo.toml, so that nothing is built twice.")
        return 1
    print(f"{len(different)} crates have the same features in the wheel and in the tests")
    return 0


if __name__ == "__main__":
    sys.exit(main())
