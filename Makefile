# `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PORT ?= 8000
HOST ?= 127.0.0.1
VAR ?= var
DATA ?=
N ?= 10000
PYTHON ?= python3

export PYTHONPATH := $(CURDIR):$(CURDIR)/platform
export HOST VAR DATA SOURCE LICENSE CREDIT CONSENT TRUST BY REASON
BIN := .venv/bin

.PHONY: help install run format check test test-sqlite test-services test-alone pictures bench chaos scale scale-work openapi lock clean

help: ## what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' || \
		{ echo 'Python 3.11 or 3.12 is needed; say PYTHON=/path/to/python3.11'; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.installed: requirements.lock .venv/.made
	$(BIN)/pip install --quiet --require-hashes --requirement requirements.lock
	@touch $@

.venv/.installed-dev: requirements-dev.lock .venv/.installed
	$(BIN)/pip install --quiet --require-hashes --requirement requirements-dev.lock
	@touch $@

# The system's npm, else the one that comes as a Python package.
node_modules/.installed: package-lock.json .npmrc .venv/.made
	@if command -v npm >/dev/null; then npm ci --no-audit --no-fund --silent; \
	else $(BIN)/pip install --quiet --require-hashes --requirement requirements-npm.lock && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --no-audit --no-fund --silent; fi
	@touch $@

install: .venv/.installed node_modules/.installed ## install everything the product needs

run: install ## start web and worker (HOST=127.0.0.1 PORT=8000 VAR=var; DATA=folder is imported and trained on: see README)
	@exec $(BIN)/python -m ops.supervisor --port $(PORT)

format: .venv/.installed-dev ## lay out Python and templates
	$(BIN)/ruff format .
	$(BIN)/djangofmt .

check: .venv/.installed-dev node_modules/.installed ## style, templates, floors, migrations, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djangofmt --check .
	$(BIN)/djangofmt check .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/mypy

# Workers and sites are dozens of programs, each of which would compile everything anew where this is set.
unexport PYTHONDONTWRITEBYTECODE
# Three for two cores, as many wait for a browser or a site; files are begun in the order of tests/conftest.py.
SHARED_OUT := -n 3 --dist loadgroup --no-loadscope-reorder

test: test-sqlite test-services test-alone ## every test, on SQLite and on PostgreSQL + Redis

test-sqlite: .venv/.installed-dev node_modules/.installed
	env -u DATABASE_URL -u CACHE_URL -u CELERY_BROKER_URL $(BIN)/python -m pytest $(SHARED_OUT) $(PYTEST)

test-services: .venv/.installed-dev node_modules/.installed
	@if services="$$($(BIN)/python -m tests.services)"; then \
		env $$services ONLY_WITH_SERVICES=1 $(BIN)/python -m pytest $(SHARED_OUT) $(PYTEST); \
	elif [ -n "$$REQUIRE_SERVICES" ]; then exit 1; \
	else echo '*** SKIPPED: the suite on PostgreSQL + Redis (see above) ***'; fi

# The labeling floor without the two above it; what touches no database finds the same in any company.
test-alone: .venv/.installed-dev node_modules/.installed
	env -u DATABASE_URL -u CACHE_URL -u CELERY_BROKER_URL OPTIONAL_APPS= ONLY_WITH_SERVICES=1 \
		$(BIN)/python -m pytest $(SHARED_OUT) tests/labeling

pictures: .venv/.installed-dev node_modules/.installed ## the pictures of docs/walkthrough.md and docs/room.md, made anew
	PICTURES=1 $(BIN)/python -m pytest tests/end_to_end/test_walkthrough.py tests/end_to_end/test_room_walkthrough.py -n 0

bench: .venv/.installed-dev node_modules/.installed ## the long measurements; results go to benchmarks/RESULTS.md
	$(BIN)/python benchmarks/fishcam.py
	$(BIN)/python benchmarks/unknowns.py
	$(BIN)/python benchmarks/fold_zero.py
	$(BIN)/python benchmarks/ingest.py
	$(BIN)/python benchmarks/names.py
	$(BIN)/python benchmarks/room.py
	$(BIN)/python benchmarks/serving.py
	$(BIN)/python benchmarks/drawings.py

chaos: .venv/.installed-dev node_modules/.installed ## tests/chaos in full, timings included: an hour and more
	$(BIN)/python benchmarks/chaos.py

# An empty database: DATABASE_URL names a PostgreSQL, else it is SQLite's under VAR. Growth is told against N=10000.
SCALE := $(BIN)/python benchmarks/scale.py --folder $(VAR)/scale-$(N) --results $(VAR)/scale
scale: .venv/.installed-dev node_modules/.installed ## a library of N=10000 sightings, asked for every page, list and job
	$(SCALE) fill $(N)
	$(SCALE) ask

# Writes into that library: use a copy.
scale-work: .venv/.installed-dev node_modules/.installed ## writers, freezes, verdicts, imports and memory of jobs on the library of `make scale`
	$(BIN)/python benchmarks/scale_work.py --folder $(VAR)/scale-$(N)

openapi: .venv/.installed-dev ## write the API's examples and docs/openapi.yaml anew from its code
	WRITE_EXAMPLES=1 $(BIN)/python -m pytest -q -n 0 tests/config/test_examples.py -k answered
	$(BIN)/python manage.py spectacular --file docs/openapi.yaml

# Names and reasons stand in the .txt files; the .lock files pin every package below them by its hashes.
lock: .venv/.installed-dev ## write requirements*.lock anew from requirements*.txt
	for each in requirements requirements-dev requirements-npm; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
			--no-emit-index-url --no-config $$each.txt --output-file $$each.lock || exit; \
	done

clean: ## remove what was installed (never VAR)
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
