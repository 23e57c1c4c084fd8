# Everything a developer or CI does with Berth. `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help

STAGE ?= dev
PYTEST_ARGS ?=
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.installed
DYNOXIDE_VERSION := 3.2.0
DYNOXIDE := .tools/.dynoxide-$(DYNOXIDE_VERSION)
CARGO_FLAGS ?=
UV ?= uv

.PHONY: help venv run test cover lint format check engine mails screenshots audit package bundle deploy admin bench lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: $(READY) ## create .venv from the pinned requirements (again only when they change)

$(READY): requirements.txt requirements/dev.txt
	@python=""; for name in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
	  if $$name -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	  then python=$$name; break; fi; done; \
	if [ -z "$$python" ]; then \
	  echo "Berth needs Python 3.11 or newer with venv; point to one: make venv PYTHON=/path/to/python" >&2; exit 1; fi; \
	echo "creating $(VENV) with $$($$python --version)"; \
	$$python -m venv --clear $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes \
	  -r requirements.txt -r requirements/dev.txt
	@touch $@

run: venv ## serve the whole product on http://127.0.0.1:$PORT (default 8000) with demo data
	@exec $(PY) -m local run

test: venv ## the whole suite
	$(PY) -m pytest -n auto $(PYTEST_ARGS)

cover: venv ## the whole suite with branch coverage of chalicelib/
	$(PY) -m pytest -n auto --cov --cov-report=term-missing:skip-covered $(PYTEST_ARGS)

lint: venv ## ruff and mypy, changing nothing
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

format: venv ## put the code into shape
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

check: lint test ## the whole gate, here and in CI

engine: $(DYNOXIDE) ## build dynoxide, the second DynamoDB engine, into .tools/ (needs cargo)

$(DYNOXIDE):
	cargo install dynoxide-rs --version $(DYNOXIDE_VERSION) --locked --root .tools $(CARGO_FLAGS) \
	  --no-default-features --features native-sqlite,http-server,cli
	@touch $@

mails: venv ## render an example of every mail into docs/mails/
	$(PY) -m docs.render_mails

screenshots: venv ## pictures of every link page and mail in build/screenshots/ (needs Chromium)
	$(PY) -m tests.browser.screenshots

audit: venv ## look the pinned dependencies up in the vulnerability database (needs a network)
	@test -x build/audit/bin/pip-audit || { \
	  $(PY) -m venv build/audit && build/audit/bin/pip install --quiet --disable-pip-version-check pip-audit; }
	build/audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements.txt
	build/audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements/dev.txt

package: venv ## build/$STAGE/: the bundle and its SAM template, linted (STAGE=dev|prod)
	$(PY) -m infra.package $(STAGE)

bundle: package ## what the bundle weighs, part by part
	$(PY) -m infra.weigh $(STAGE)

deploy: package ## hand build/$STAGE/ to CloudFormation (needs the AWS CLI and BUCKET=, MAIL_FROM=)
	STAGE=$(STAGE) bash infra/deploy.sh

admin: venv ## open the first account of a deployed stage (STAGE=, EMAIL=; asks for a password)
	@$(PY) -m local admin $(EMAIL) --stage $(STAGE)

bench: venv ## cold start and bundle size beside a plain handler, as a table
	$(PY) -m bench

lock: ## pin the requirements afresh, with hashes (needs uv)
	$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" requirements/runtime.in -o requirements.txt
	$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" requirements/dev.in -o requirements/dev.txt

clean: ## remove what make built (not .tools/)
	rm -rf build $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov .coverage
	find . -name __pycache__ -not -path './.tools/*' -prune -exec rm -rf {} +
