"""Try an installed package: a job, a match and, except on Windows, a forked child."""

import os

import arro3.core

import lantern

with lantern.LocalServer(limits="off", size=1_000) as server:
    client = server.client()
    job = client.submit(server.people().slice(0, 100), "phone-email", max_credits=300)
    assert job.wait(timeout=60, progress=False).state == "done"
    assert job.table().num_rows == 100
    if hasattr(os, "fork"):  # Windows has none
        if (child := os.fork()) == 0:
            os._exit(0 if client.credits.remaining().remaining_credits > 0 else 1)
        assert os.waitpid(child, 0)[1] == 0

names = arro3.core.Table.from_pydict(
    {"company": arro3.core.Array(["ACME Inc.", "Globex"], type=arro3.core.DataType.string())}
)
matches = lantern.match(names, names, ["company:fuzzy0.85"])
assert len(matches) == 2
print("installed and working:", lantern.__version__)
