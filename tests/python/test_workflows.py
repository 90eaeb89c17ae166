"""The workflows name targets, files and actions that exist, and no lane is left out."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
FILES = sorted([*GITHUB.glob("workflows/*.yml"), *GITHUB.glob("actions/*/action.yml")])
NAMES = [str(path.relative_to(GITHUB)) for path in FILES]
PINNED = re.compile(r"uses: ([\w.-]+/[\w./-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)$")
# A path below one of the folders of the repository.
BELOW = re.compile(r"(?<![\w/.-])((?:[\w.-]+/)*[\w.*-]+)")


def text_of(value: Any) -> Iterator[str]:
    """Every text in a parsed file."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from text_of(part)
    elif isinstance(value, list):
        for part in value:
            yield from text_of(part)


def jobs_of(path: Path) -> dict[str, dict[str, Any]]:
    return yaml.safe_load(path.read_text()).get("jobs", {})


def targets_named(text: str) -> set[str]:
    """The targets of each `make` in a script, without its variables."""
    calls = re.findall(r"^\s*make ([^\n#]+)", text, re.MULTILINE)
    return {word for call in calls for word in call.split() if re.fullmatch(r"[a-z][a-z-]*", word)}


def targets_of(path: Path) -> set[str]:
    """The targets that a workflow makes, in its scripts or by the `make:` of a matrix."""
    found = set()
    for text in text_of(yaml.safe_load(path.read_text())):
        found |= targets_named(text)
    for job in jobs_of(path).values():
        for lane in job.get("strategy", {}).get("matrix", {}).get("include", []):
            found |= set(lane.get("make", "").split())
    return found


def paths_named(text: str) -> set[str]:
    """The words that are paths below a folder of the repository, unless builds make the folder."""
    tracked = {path.name for path in ROOT.iterdir() if path.is_dir()}
    made = {"dist", "target", "target-wheel", "site", ".git"} | {
        name for name in tracked if name.startswith(".venv")
    }
    return {
        word.rstrip(".")
        for word in BELOW.findall(text)
        if "/" in word and word.split("/")[0] in tracked - made
    }


@pytest.fixture(scope="module")
def makefile() -> set[str]:
    """The targets that the Makefile has."""
    lines = re.findall(r"^([a-z][\w -]*):(?![=:])", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return {target for line in lines for target in line.split()}


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_every_make_target_exists(path: Path, makefile: set[str]) -> None:
    assert targets_of(path) <= makefile


def test_the_lanes_make_what_the_readme_promises(makefile: set[str]) -> None:
    made = targets_of(GITHUB / "workflows" / "ci.yml")
    integrations = {target for target in makefile if target.startswith("test-")}
    # These are made of others, of tests that the others run as well, or run at night.
    assert integrations - made <= {
        "test-integrations",
        "test-python",
        "test-end-to-end",
        "test-week",
        "test-faults",
        "test-kills",
    }
    assert {"docs", "demo"} <= made


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_every_path_exists(path: Path) -> None:
    texts = text_of(yaml.safe_load(path.read_text()))
    missing = {
        name for text in texts for name in paths_named(text) if not any(ROOT.glob(name.strip("/")))
    }
    assert not missing


def test_paths_and_targets_are_found_in_a_script() -> None:
    script = "python tests/check_wheel.py dist/x.whl --ignore=tests/python/none.py\nmake lint W=1"
    assert paths_named(script) == {"tests/check_wheel.py", "tests/python/none.py"}
    assert targets_named(script) == {"lint"}


def test_every_action_is_pinned_by_commit_and_everywhere_to_the_same() -> None:
    pins: dict[str, set[tuple[str, str]]] = {}
    for path in FILES:
        for line in path.read_text().splitlines():
            if "uses:" not in line.partition("#")[0]:
                continue
            if local := re.search(r"uses: \./(\S+)$", line):
                assert (ROOT / local[1]).exists(), line
                continue
            pin = PINNED.search(line)
            assert pin, f"{path.name}: {line.strip()}"
            pins.setdefault(pin[1], set()).add((pin[2], pin[3]))
    assert len(pins) >= 5
    assert {action: found for action, found in pins.items() if len(found) > 1} == {}


@pytest.mark.parametrize("path", sorted(GITHUB.glob("workflows/*.yml")), ids=lambda path: path.name)
def test_a_workflow_may_only_read_and_a_job_says_what_more_it_needs(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        more = {what for what, how in job.get("permissions", {}).items() if how == "write"}
        assert not more or path.name == "release.yml", name


def test_the_verdict_waits_for_every_lane() -> None:
    jobs = jobs_of(GITHUB / "workflows" / "ci.yml")
    assert set(jobs["passed"]["needs"]) == set(jobs) - {"passed"}


@pytest.mark.skipif(sys.platform == "win32", reason="the verdict is given on Linux")
@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ("success", 0),
        ("success success success", 0),
        ("success skipped success", 1),
        ("success cancelled", 1),
        ("failure", 1),
        ("", 1),
    ],
)
def test_the_verdict_is_good_only_if_every_lane_succeeded(results: str, verdict: int) -> None:
    [step] = jobs_of(GITHUB / "workflows" / "ci.yml")["passed"]["steps"]
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step["run"]], env={"RESULTS": results}, check=False
    )
    assert done.returncode == verdict


def test_every_python_that_is_promised_is_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    promised = [
        classifier.rpartition(" ")[2]
        for classifier in project["classifiers"]
        if re.search(r"Python :: 3\.\d+$", classifier)
    ]
    matrix = jobs_of(GITHUB / "workflows" / "ci.yml")["python"]["strategy"]["matrix"]
    assert matrix["python"] == promised
    assert project["requires-python"] == f">={promised[0]}"


def test_the_release_is_built_with_the_rust_that_is_promised() -> None:
    manifest = tomllib.loads((ROOT / "Cargo.toml").read_text())
    wheels = jobs_of(GITHUB / "workflows" / "release.yml")["wheels"]["steps"]
    [build] = [step for step in wheels if "maturin-action" in step.get("uses", "")]
    assert build["with"]["rust-toolchain"] == manifest["workspace"]["package"]["rust-version"]


def test_the_release_restores_no_cache() -> None:
    text = (GITHUB / "workflows" / "release.yml").read_text()
    assert "rust-cache" not in text
    assert "actions/rust" not in text


def test_dependabot_looks_where_manifests_are() -> None:
    manifests = {"cargo": "Cargo.toml", "pip": "pyproject.toml", "github-actions": "*.yml"}
    updates = yaml.safe_load((GITHUB / "dependabot.yml").read_text())["updates"]
    assert {update["package-ecosystem"] for update in updates} == set(manifests)
    for update in updates:
        for folder in update.get("directories") or [update["directory"]]:
            if update["package-ecosystem"] == "github-actions" and folder == "/":
                folder = "/.github/workflows"
            assert any(
                ROOT.glob(f"{folder[1:]}/{manifests[update['package-ecosystem']]}".strip("/"))
            )


def test_pre_commit_calls_what_the_makefile_and_the_environment_have(makefile: set[str]) -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    hooks = [hook for repository in config["repos"] for hook in repository["hooks"]]
    assert {repository["repo"] for repository in config["repos"]} == {"local"}
    named = set().union(*(targets_named(hook["entry"]) for hook in hooks))
    assert named
    assert named <= makefile
