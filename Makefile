.DEFAULT_GOAL := help
SHELL := /bin/sh
UV := $(or $(shell command -v uv 2>/dev/null),.tools/uv/bin/uv)
PYTHON := .venv/bin/python
export PYTHONUNBUFFERED := 1

help:  ## What can be made
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-10s %s\n", $$1, $$2}'

run: .venv/run  ## Open the hall on http://localhost:8000 (PORT=… for another port)
	@exec $(PYTHON) manage.py up

dev: .venv/dev  ## The same, restarting the web server when code changes
	@exec $(PYTHON) manage.py up --reload

test: .venv/dev  ## The whole suite: lint, backend, browser
	@$(MAKE) --no-print-directory lint
	@$(PYTHON) -m pytest -n auto -m "not e2e" --cov --cov-report=term:skip-covered --cov-fail-under=85
	@$(MAKE) --no-print-directory e2e

deep: .venv/dev  ## The same tests at full size, figures into docs/performance.md
	@DEPTH=deep $(PYTHON) -m pytest -n auto -m "not e2e"
	@DEPTH=deep $(PYTHON) -m pytest -m e2e

e2e: .venv/dev  ## Walk through an open hall with a browser; pictures in var/pictures
	@$(PYTHON) -m pytest -m e2e

lint: .venv/dev  ## Everything that can be checked without running it
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/djlint --quiet --check templates && .venv/bin/djlint --quiet --lint templates
	@.venv/bin/lint-imports --no-logo
	@.venv/bin/mypy --no-error-summary .
	@$(PYTHON) manage.py check_content
	@$(PYTHON) manage.py makemigrations --check --dry-run
	@echo "lint: nothing to mend"

fix: .venv/dev  ## Let the tools mend what they can
	@.venv/bin/ruff check --fix --quiet . || true
	@.venv/bin/ruff format --quiet .
	@.venv/bin/djlint --quiet --reformat templates || true
	@$(PYTHON) manage.py env_example
	@$(PYTHON) manage.py openapi

messages: .venv/dev  ## Collect the sentences to translate (needs gettext)
	@$(PYTHON) manage.py makemessages --locale pl --locale en --locale ko --no-obsolete --no-location --ignore=.venv --ignore=.tools --ignore=var --ignore='tests/*' --ignore='*/tests/*'

seed: .venv/run  ## Load the shipped content and let the demo cast in
	@$(PYTHON) manage.py migrate --verbosity 0 && $(PYTHON) manage.py load_content && $(PYTHON) manage.py seed_demo

bench: .venv/dev  ## Measure: one table of times and ratios (ARGS=--write puts it into docs/performance.md)
	@$(PYTHON) -m bench $(ARGS)

hooks: .venv/dev  ## Check what is committed before it is
	@.venv/bin/pre-commit install

lock: $(UV)  ## Take newer versions of the dependencies that pyproject.toml allows
	@$(UV) pip compile --quiet --upgrade pyproject.toml --universal --generate-hashes -o requirements.lock
	@$(UV) pip compile --quiet --upgrade pyproject.toml --group dev --universal --generate-hashes -o requirements-dev.lock

# Two depths of one environment: `run` is what the hall needs, `dev` has the tools of the workshop as well.
.venv/run: requirements.lock | $(UV)
	@test -x $(PYTHON) || $(UV) venv --quiet .venv
	@$(UV) pip sync --quiet requirements.lock
	@rm -f .venv/dev && touch $@

.venv/dev: requirements-dev.lock | $(UV)
	@test -x $(PYTHON) || $(UV) venv --quiet .venv
	@$(UV) pip sync --quiet requirements-dev.lock
	@touch .venv/run $@

.tools/uv/bin/uv:
	@echo "Bringing uv into .tools/ …"
	@python3 -m venv .tools/uv && .tools/uv/bin/pip install --quiet --disable-pip-version-check uv

.PHONY: help run dev test deep e2e lint fix messages seed bench hooks lock
