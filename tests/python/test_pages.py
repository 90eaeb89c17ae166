"""The pages `/` and `/docs` of the local server, opened in a real browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import lantern

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = Path(__file__).parents[2] / "target" / "pages"

# In CI a missing browser is a failure.
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"),
    reason="there is no Chromium; make chromium installs it",
)


def browse(tmp_path: Path, url: str, *more: str) -> str:
    """What the browser makes of a page; nothing but this machine can be reached."""
    command = [
        str(CHROMIUM),
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--window-size=1280,1600",
        *more,
        url,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_both_pages_show_what_happened_and_what_can_be_asked(tmp_path: Path) -> None:
    with lantern.LocalServer(limits="off", size=300, work_delay=0) as server:
        client = server.client()
        people = server.people().slice(0, 20)
        client.submit(people, "email", max_credits=20).wait(timeout=60)
        lead = server.crm("leads").column("id")[0].as_py()
        client.salesforce.convert(lead_sf_id=lead)
        client.workflows.trigger("default", record_data={"email": "<b>ada@acme.example</b>"})
        PICTURES.mkdir(parents=True, exist_ok=True)
        for page, shown in (
            ("", ["completed", "/v1/salesforce/convert", "default"]),
            ("docs", ["/v1/enrich/company", "/v1/match", "record_id"]),
        ):
            url = f"{server.url}/{page}"
            dom = browse(tmp_path, url, "--dump-dom")
            for text in shown:
                assert text in dom, f"{text} is not on {url}"
            # Nothing is fetched from elsewhere, so that it works offline.
            loaded = re.findall(r"""(?:src|href)=["'](https?:[^"']+)""", dom)
            assert [link for link in loaded if not link.startswith(server.url)] == []
            assert "<b>ada@" not in dom
            picture = PICTURES / f"{page or 'status'}.png"
            picture.unlink(missing_ok=True)
            browse(tmp_path, url, f"--screenshot={picture}")
            # A picture of nothing is much smaller.
            assert picture.stat().st_size > 20_000
