"""Polars gets its `.lantern` in whatever order things are imported, and nothing else changes."""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(script: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    "imports",
    [
        "import lantern; import polars",
        "import polars; import lantern",
        "import lantern; from polars import col; import polars",
        "import lantern.polars; import polars",
        "import lantern; import importlib.util; importlib.util.find_spec('polars'); import polars",
        "import lantern; import lantern.similarity; import polars",
    ],
)
def test_the_namespace_is_there_once_both_are_imported(imports: str) -> None:
    script = f"""
import sys
before = list(sys.meta_path)
{imports}
table = polars.DataFrame({{"a": ["Acme Inc."]}})
print(table.select(polars.col("a").lantern.company_key()).item())
print(table["a"].lantern.company_key().item())
print(sys.meta_path == before)
print(type(polars.__loader__).__name__, polars.__spec__.loader is polars.__loader__)
"""
    assert run(script) == ["acme", "acme", "True", "SourceFileLoader", "True"]


def test_lantern_alone_does_not_import_polars() -> None:
    assert run("import sys, lantern; print('polars' in sys.modules)") == ["False"]


def test_threads_that_import_polars_at_once_find_it() -> None:
    script = """
import threading
import lantern
keys = []
def work():
    import polars
    keys.append(polars.select(polars.lit("Acme Inc.").lantern.company_key()).item())
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(*keys)
"""
    assert run(script) == ["acme"] * 8


def test_without_polars_the_rest_works_and_the_module_says_what_to_install() -> None:
    script = """
import sys
sys.modules["polars"] = None
import lantern
print(lantern.normalize.company_key("Acme Inc."))
try:
    import lantern.polars
except ModuleNotFoundError as error:
    print("polars>=1.20" in str(error))
try:
    import polars
except ModuleNotFoundError:
    print("missing")
"""
    assert run(script) == ["acme", "True", "missing"]


def test_a_polars_that_is_too_old_is_an_error_that_says_what_to_do() -> None:
    script = """
import warnings
import lantern
import polars
import lantern.polars
polars.__version__ = "1.9.0"
try:
    lantern.polars._register()
except ImportError as error:
    print("1.20" in str(error), "1.9.0" in str(error))
"""
    assert run(script) == ["True", "True"]


@pytest.mark.parametrize("answer", ["fail", "'another'"])
def test_a_polars_that_does_not_run_plugins_is_an_error_that_says_which_do(answer: str) -> None:
    script = f"""
import lantern
import polars
import lantern.polars
def fail(): raise polars.exceptions.ComputeError("this engine doesn't support plugin version 0")
def plugin(*arguments):
    answer = {answer}
    if answer is fail:
        answer()
    return polars.lit(answer)
lantern.polars._plugin = plugin
try:
    polars.col("a").lantern.jaro("b")
except ImportError as error:
    print("1.20" in str(error) and "2.1" in str(error), polars.__version__ in str(error))
"""
    assert run(script) == ["True", "True"]
