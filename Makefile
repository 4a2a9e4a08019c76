# Two commands do everything on a fresh machine: `make demo` shows it working, `make test` proves it.
# PYTHON chooses the interpreter of the virtual environment: make demo PYTHON=python3.12
# PORT chooses where the sandbox listens: make sandbox PORT=9000

.DEFAULT_GOAL := help
.PHONY: help demo sandbox test lint types bench docs test-minimum test-pythons odoo odoo-stop test-odoo test-odoo-suites bench-odoo env-run env-dev clean

PYTHON ?=
export PYTHON
PORT ?= 8585
PY := .venv/bin/python

demo: env-run  ## set up, then run the whole loop against a sandbox insurer
	@$(PY) -m tradecredit_sdk.cli.demo

test: env-dev  ## run everything: lint, types, import contracts and all tests
	@sh tools/need.sh chromium postgresql openssl
	@$(PY) tools/run_suite.py

sandbox: env-run  ## serve the sandbox insurer and its console until Ctrl-C
	@$(PY) -m tradecredit_sdk.cli sandbox serve --port $(PORT)

lint: env-dev  ## ruff and the import contracts
	@$(PY) tools/run_suite.py lint format imports

types: env-dev  ## mypy in strict mode, the package and the typing tests
	@$(PY) tools/run_suite.py types typing

bench: env-dev  ## measure; fails when a limit is broken, writes build/bench.json
	@$(PY) tools/bench.py

docs: env-dev  ## build the documentation into site/
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict && echo 'site/index.html'

test-minimum: env-dev  ## the unit tests with the lowest versions pyproject.toml allows
	@$(PY) tools/test_versions.py minimum

test-pythons: env-dev  ## the unit tests on every other supported Python found on this machine
	@$(PY) tools/test_versions.py pythons

odoo: env-run  ## a running Odoo with the addons, demo data and the sandbox insurer, in the background
	@$(PY) -m tools.odoo_runtime serve

odoo-stop: env-run  ## stop what `make odoo` started
	@$(PY) -m tools.odoo_runtime stop

test-odoo: env-run  ## the addons' tests in a real Odoo, with tours in a real browser
	@$(PY) -m tools.odoo_runtime test

test-odoo-suites: env-run  ## Odoo's own tests of account and sale, with the addons and without, for an hour or two
	@$(PY) -m tools.odoo_runtime suites

bench-odoo: env-run  ## time the confirmation of an order: native, with the addons, with other modules
	@$(PY) -m tools.odoo_runtime bench

clean:  ## remove the virtual environment and everything that was built
	rm -rf .venv build dist site .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | while IFS='|' read -r name what; do printf '%-18s %s\n' "$$name" "$$what"; done

env-run:
	@sh tools/make_venv.sh run

env-dev:
	@sh tools/make_venv.sh dev
