# The commands of this project; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run worker test check endure conformance wheel wheel-feel lock migration clean
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.installed front ## Install, build, and serve the demo on http://127.0.0.1:8080
	@PASSERELLE_LOG_LEVEL=$${PASSERELLE_LOG_LEVEL:-warning} exec $(BIN)/passerelle serve --demo

worker: $(VENV)/.installed ## The demo's worker (books the payments of approved claims); the server must run
	@$(BIN)/python -c 'import camunda_orchestration_sdk' 2>/dev/null || $(BIN)/pip install --quiet --require-hashes --no-deps -r requirements-test.lock
	@export CAMUNDA_REST_ADDRESS=$${CAMUNDA_REST_ADDRESS:-$${PASSERELLE_URL:-http://127.0.0.1:$${PASSERELLE_PORT:-8080}}}; \
	exec $(BIN)/python processes/claim/worker.py

test: ## Install what the tests need, and run all of them (about half an hour)
	@PYTHON=$(PYTHON) .ci/test

check: $(VENV)/.installed-test ## Only what is quick: ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/mypy engine
	$(BIN)/lint-imports

endure: ## The long tests: 20 kills and 5,000 commands on each database
	@ENDURE=1 PYTHON=$(PYTHON) .ci/test

conformance: $(VENV)/.installed-test ## Print the scores against cases that nobody here wrote
	@.ci/conformance

wheel: $(VENV)/.installed front ## Build dist/passerelle-*.whl, which runs without Node
	@rm -rf build dist
	@$(BIN)/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist

wheel-feel: $(VENV)/.installed-test ## Build dist/passerelle_feel-*.whl: the expressions and decisions by themselves
	@rm -f dist/passerelle_feel-*.whl
	@.ci/wheel-feel $(BIN)/python dist
	@ls dist

lock: $(VENV)/.installed-test ## Write both lock files anew from setup.cfg (needs uv)
	@.ci/lock

migration: $(VENV)/.installed-test ## Write a migration for what the rows have and the tables have not: NAME="what changes"
	@.ci/migration "$(NAME)"

clean: ## Take away what was built and installed; ./var stays
	@.ci/postgres stop 2>/dev/null || true
	rm -rf $(VENV) build dist .test *.egg-info

# -- what the commands need ---------------------------------------------------------------------------------------

.PHONY: front
front: $(if $(wildcard designer/package.json),designer/static/.built)

designer/static/.built: designer/package.json designer/package-lock.json $(shell find designer/src designer/scripts designer/public designer/*.ts designer/*.html portal/static/tokens.css engine/bpmn/handoff.moddle.json -type f 2>/dev/null)
	cd designer && npm ci --no-audit --no-fund && npm run build
	@touch $@

$(VENV)/.installed: requirements.lock setup.cfg pyproject.toml
	@PYTHON=$(PYTHON) .ci/environment $(VENV) requirements.lock
	@touch $@

$(VENV)/.installed-test: requirements-test.lock $(VENV)/.installed
	@PYTHON=$(PYTHON) .ci/environment $(VENV) requirements-test.lock
	@touch $@
