# Two commands do all the set-up: `make build` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: build test lint lock clean bench bench-clean bench-speed bench-text bench-metadata bench-anchor bench-decode bench-duplicates bench-audit bench-models bench-scale

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Corpus needs Python 3.11 or newer; found " + sys.version.split()[0] + ". Set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)

build: $(READY)
	$(BIN)/corpus build .

test: $(READY)
	$(BIN)/python -m pytest

# Benchmarks run beside their peers, which are pinned apart, on the pages and annotations in SHARED.
BENCH := .venv-bench
BENCH_READY := $(BENCH)/.ready
SHARED ?= ../shared
ONE_CORE := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BENCH)/bin/python

$(BENCH_READY): requirements-bench.lock pyproject.toml
	$(PYTHON) -m venv --clear $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement requirements-bench.lock
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $(BENCH_READY)

bench: bench-clean bench-speed bench-text bench-metadata bench-anchor bench-decode bench-duplicates bench-audit bench-models bench-scale

bench-clean: $(BENCH_READY)
	$(ONE_CORE) benchmarks/clean.py --folds build/folds

bench-speed: $(BENCH_READY)
	$(ONE_CORE) benchmarks/speed.py

bench-text: $(BENCH_READY)
	$(ONE_CORE) benchmarks/clean_text.py --folds 4

bench-metadata: $(BENCH_READY)
	$(ONE_CORE) benchmarks/metadata.py
	$(ONE_CORE) benchmarks/language.py

bench-anchor: $(BENCH_READY)
	$(ONE_CORE) benchmarks/anchoring.py --characters 4000
	$(ONE_CORE) benchmarks/anchoring_extractors.py --peers "ours,offset only,exact quote,fuzzy quote search,paragraph by paragraph"

bench-decode: $(BENCH_READY)
	$(ONE_CORE) benchmarks/decode.py $(SHARED)

bench-duplicates: $(BENCH_READY)
	$(ONE_CORE) benchmarks/duplicates.py $(SHARED)
	$(ONE_CORE) benchmarks/duplicates_scale.py 100000 "$$(mktemp -d)"

bench-audit: $(BENCH_READY)
	$(ONE_CORE) benchmarks/audit_errors.py

bench-models: $(BENCH_READY)
	$(ONE_CORE) benchmarks/models.py $(SHARED) semeval nlpcc cluener

bench-scale: $(BENCH_READY)
	POLARS_MAX_THREADS=1 $(ONE_CORE) benchmarks/scale.py --pages 1000 --sizes 300,1000,3000 --docs docs/scale.md
	$(ONE_CORE) benchmarks/scale.py --tables --docs docs/benchmarks.md

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

COMPILE := $(PYTHON) -m uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header
lock:
	$(COMPILE) --extra dev --output-file requirements.lock
	$(COMPILE) --extra bench --output-file requirements-bench.lock

clean:
	rm -rf $(VENV) $(BENCH) build *.egg-info .pytest_cache .mypy_cache .ruff_cache
