# Everything a person or the CI does here, in one word each. Needs git, make and Python 3.11+;
# uv is taken from the PATH, or fetched once into .uv/.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Compiled bytecode saves seconds at each start of Dagster and dbt.
unexport PYTHONDONTWRITEBYTECODE
# An environment that somebody else has activated is not ours.
unexport VIRTUAL_ENV
# What runs is what the lock file says; nothing is resolved on the way.
export UV_FROZEN := 1

UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .uv/bin/uv)
PYTHON ?= python3

ENVIRONMENT := .venv/.synced
MANIFEST := dbt/target/prepared/column_lineage.json
# Folders are among them, so that a deleted model counts as a change.
DBT_SOURCES := $(shell find dbt/*.yml dbt/models dbt/macros dbt/seeds dbt/tests 2>/dev/null)

.PHONY: help setup demo test test-slow test-deep test-shops test-services lint bench mutants mutants-python clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(ENVIRONMENT) $(MANIFEST) ## Create the environment from the lock file and compile the dbt project

demo: setup ## Load a real shop and a simulated one, publish them and print what came of it
	$(UV) run ecom demo

test: setup ## Run the tests that need no server and no minutes, with coverage
	$(UV) run coverage erase
	$(UV) run coverage run -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not services and not deep"
	$(UV) run coverage combine --quiet
	$(UV) run coverage report

test-slow: setup ## Run the tests that take minutes: crash points, month by month, 60 made-up shops
	$(UV) run pytest -n 2 --dist load -m deep

test-deep: test-slow test-shops ## Run these, and 500 new made-up shops

test-shops: setup ## Deliver 500 new made-up shops in any way
	$(UV) run pytest tests/property/test_made_up_shops.py --hypothesis-profile shops

test-services: setup ## Run the tests against real servers
	$(UV) run pytest -m services

lint: setup ## Check style, types and SQL
	$(UV) run ruff check
	$(UV) run ruff format --check
	$(UV) run pyright
	$(UV) run sqlfluff lint --processes 2 dbt/models

bench: setup ## Time loads of a real and a simulated shop against bare DuckDB scripts
	$(UV) run python -m benchmarks.compare

mutants: setup ## Put small faults into the SQL, one at a time, and tell which test notices each
	$(UV) run python -m tests.mutants.run

mutants-python: setup ## The same with the Python that decides about money and history
	rm -rf mutants
	$(UV) run mutmut run --max-children 2
	$(UV) run python -m tests.mutants.python.survivors

clean: ## Remove what was built here: environment, caches, dbt's output (never a home)
	rm -rf .venv .uv mutants dbt/target dbt/logs .pytest_cache .ruff_cache .hypothesis
	rm -f .coverage .coverage.* coverage.xml
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.uv/bin/uv:
	PYTHON="$(PYTHON)" bash scripts/fetch_uv.sh

$(ENVIRONMENT): uv.lock pyproject.toml | $(filter .uv/%,$(UV))
	$(UV) sync --extra ml --compile-bytecode
	touch $@

$(MANIFEST): $(DBT_SOURCES) $(ENVIRONMENT)
	$(UV) run ecom prepare
	touch $@
