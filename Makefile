# The chores of dpone; the CI runs the same ones. Needs Python 3.10+, git and make, nothing else:
# the first target that wants a tool makes the environment, from hashed locks and the package index
# that pip is configured for. Written for GNU make 3.81 and later, so that it runs on a plain macOS.

PYTHON ?= python3
VENV ?= .venv
JOBS ?= 2
SEED ?= 7
INPUTS ?= 2000
COVERAGE ?= --cov --cov-report=term:skip-covered --cov-fail-under=85
PYTEST_OPTIONS ?=
OPA_VERSION := v1.22.2
GO ?= $(or $(shell command -v go 2>/dev/null),$(wildcard /usr/local/go/bin/go))

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test unit policy mutation examples lint format types docs generated build bench opa parity lock lock-check ci clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

# ---------------------------------------------------------------- what a visitor runs

demo: $(VENV)/.ready-test  ## one release refused, the same release passed, one byte changed and found
	@$(BIN)/python examples/demo.py

test: policy unit  ## everything the CI's test step runs
	@echo "make test: policies, tests and examples passed ($$($(BIN)/python -V))"

# ---------------------------------------------------------------- parts of `make test`

policy: $(VENV)/.ready-test  ## lint, format and tests of the shipped policies; every rule body is reached
	@$(BIN)/dpone policy lint policies
	@$(BIN)/dpone policy fmt-check policies
	@$(BIN)/dpone policy coverage policies --fail-under 100

mutation: $(VENV)/.ready-test  ## every changed condition of the shipped policies fails a test
	@$(BIN)/dpone policy mutate policies

examples: $(VENV)/.ready-test  ## run every example, as the tests do
	@$(BIN)/python examples/check.py

unit: $(VENV)/.ready-test  ## the Python tests, with the coverage floor
	@$(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile $(COVERAGE) $(PYTEST_OPTIONS)

soak: $(VENV)/.ready-test  ## kill a thousand orchestrated releases at random moments, and 300 on their way
	@rm -rf build/soak
	@$(BIN)/python tests/kill_driver.py orchestrator 1000 $(SEED) build/soak/orchestrator $(JOBS)
	@$(BIN)/python tests/kill_driver.py lifecycle 300 $(SEED) build/soak/lifecycle $(JOBS)
	@rm -rf build/soak

# ---------------------------------------------------------------- what keeps the code in shape

lint: $(VENV)/.ready-dev  ## ruff: rules and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(VENV)/.ready-dev  ## ruff: mend what can be mended
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: $(VENV)/.ready-dev  ## mypy, strict
	@$(BIN)/mypy

docs: $(VENV)/.ready-dev generated  ## build the documentation into site/
	@# Not --quiet: that hides the warnings from --strict too, and nothing would ever be found.
	@said=$$(NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict 2>&1) || { echo "$$said" | grep -v '^INFO' >&2; exit 1; }
	@$(BIN)/python docs/tools/packs.py
	@echo "docs: site/index.html"

generated: $(VENV)/.ready-test  ## generated pages are up to date (GENERATE=--write refreshes them)
	@$(if $(filter --write,$(GENERATE)),$(BIN)/python -m dpone.policy.shipped_rules)
	@for tool in commands rules $(if $(filter --write,$(GENERATE)),transcripts); do $(BIN)/python docs/tools/$$tool.py $(or $(GENERATE),--check) || exit 1; done

build: $(VENV)/.ready-test  ## wheel and sdist into dist/
	@rm -rf dist
	@$(BIN)/python -m build --no-isolation >/dev/null
	@ls -1 dist/*

bench: $(VENV)/.ready-test  ## measure the ratios of benchmarks/report.md
	@$(BIN)/python benchmarks/run.py

opa: $(VENV)/.opa-$(OPA_VERSION)  ## the OPA that the tests compare with, built by Go into $(VENV)/bin, once

parity: $(VENV)/.ready-test  ## every shipped rule on INPUTS inputs a gate, in regopy and in OPA
	@$(BIN)/opa check --strict policies && $(BIN)/opa test policies
	@$(BIN)/python benchmarks/parity.py --inputs $(INPUTS) $(WRITE)

lock:  ## resolve requirements/*.txt again from pyproject.toml (needs uv)
	@$(PYTHON) requirements/lock.py

lock-check: $(VENV)/.ready-test  ## requirements/*.txt follow from pyproject.toml (no network)
	@$(BIN)/python requirements/lock.py --check

ci:  ## everything the CI runs, in its order
	@.ci/run

clean:  ## remove what the other targets made
	rm -rf $(VENV) build dist site .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.venv*' -prune -exec rm -rf {} +

# ---------------------------------------------------------------- the environment

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
		{ echo "make: $(PYTHON) is missing or older than 3.10 -> make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@echo "setting up $(VENV) with $$($(PYTHON) -V), once"
	@$(PYTHON) -m venv $(VENV)

# No cgo and no paths of this machine in it, so that the same Go makes the same bytes anywhere.
$(VENV)/.opa-$(OPA_VERSION): | $(BIN)/python
	@test -n "$(GO)" || { echo "make: OPA is built by Go, and there is no go on this machine" >&2; exit 2; }
	@echo "building OPA $(OPA_VERSION) into $(BIN), once; this takes some minutes"
	@GOBIN="$(abspath $(BIN))" CGO_ENABLED=0 GOTOOLCHAIN=local "$(GO)" install -trimpath github.com/open-policy-agent/opa@$(OPA_VERSION)
	@touch $@

$(VENV)/.ready-test: requirements/test.txt pyproject.toml | $(BIN)/python
	@echo "installing $< (hashes checked) and dpone itself, editable"
	@$(PIP) install --quiet --require-hashes -r requirements/test.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.ready-dev: requirements/dev.txt $(VENV)/.ready-test
	@echo "installing $< (hashes checked)"
	@$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	@touch $@
