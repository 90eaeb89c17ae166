"""Lets days go by in a ledger in SQLite: everything in it happened so much earlier.

Runs as a program of its own, while nobody has the ledger open: `python clock.py LEDGER DAYS`.
"""

from __future__ import annotations

import sqlite3
import struct
import sys

DAY = 86_400
TIMES = {
    "lantern_jobs": ["created_at"],
    "lantern_units": ["sent_at", "accepted_at", "finished_at", "loaded_at"],
    "lantern_asked": ["answered_at"],
}
#: What the memory holds for a record, and where the seconds since 1970 are in it.
ENTRY, AT = 27, 12


def earlier(entries: bytes, seconds: int) -> bytes:
    changed = bytearray(entries)
    for entry in range(0, len(changed), ENTRY):
        (at,) = struct.unpack_from("<I", changed, entry + AT)
        struct.pack_into("<I", changed, entry + AT, at - seconds)
    return bytes(changed)


def let_go_by(ledger: str, days: int) -> None:
    with sqlite3.connect(ledger) as database:
        for table, columns in TIMES.items():
            for column in columns:
                database.execute(
                    f"UPDATE {table} SET {column} = {column} - ?", [days * DAY * 1_000_000]
                )
        # The rows with this bit are filters, which hold no times.
        entries = f"SELECT place, entries FROM lantern_buckets WHERE place & {1 << 23} = 0"
        buckets = database.execute(entries).fetchall()
        database.executemany(
            "UPDATE lantern_buckets SET entries = ? WHERE place = ?",
            [(earlier(entries, days * DAY), place) for place, entries in buckets],
        )
        database.execute("UPDATE lantern_budget_days SET day = day - ?", [days])


if __name__ == "__main__":
    let_go_by(sys.argv[1], int(sys.argv[2]))
