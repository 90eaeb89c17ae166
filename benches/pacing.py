"""30 batches under a limit of 60 a minute: how far from the theoretical 29 s, and how many 429.

python benches/pacing.py [times, 5 if left out]
"""

from __future__ import annotations

import logging
import statistics
import sys

import lantern

BATCHES, PER_MINUTE = 30, 60


class Answers(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def run() -> tuple[float, int]:
    answers = Answers()
    logger = logging.getLogger("lantern")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(answers)
    with lantern.LocalServer(limits={"batches": PER_MINUTE, "sync": 6000}) as server:
        # The client starts with the API's own limit, 1 a minute, and learns the real one.
        client = server.client(limits={"batches": 1, "sync": 6000})
        people = server.people().slice(0, BATCHES * 10)
        job = client.submit(people, "email", max_credits=BATCHES * 10, batch_size=10)
        job.wait()
        received = server.runs().to_polars()["received_at"]
    logger.removeHandler(answers)
    assert len(received) == BATCHES
    seconds = (received.max() - received.min()).total_seconds()
    return seconds, sum("status=429" in text for text in answers.texts)


def main() -> None:
    theory = (BATCHES - 1) * 60 / PER_MINUTE
    runs = [run() for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 5)]
    median = statistics.median(seconds for seconds, _ in runs)
    print(
        f"{BATCHES} batches in {median:.2f} s (median of {len(runs)}), theory {theory:.2f} s: "
        f"{median / theory * 100 - 100:+.2f} %, worst {max(runs)[0] / theory * 100 - 100:+.2f} %, "
        f"answers 429: {sum(refused for _, refused in runs)}"
    )


if __name__ == "__main__":
    main()
