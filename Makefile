# Everything a developer or CI does with Berth. `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help

STAGE ?= dev
PYTEST_ARGS ?=
PY := .venv/bin/python
TOOLS := build/tools/bin/python
INSTALL := @python=$$(sh requirements/find-python) && exec "$$python" -m requirements.install
DYNOXIDE_VERSION := 3.2.0
DYNOXIDE := .tools/.dynoxide-$(DYNOXIDE_VERSION)
CARGO_FLAGS ?=
NPM := build/npm
SLOW := faults model infra install browser figures

.PHONY: help run venv venv-run tools clients test quick cover lint format check engine mails screenshots audit package bundle deploy admin bench lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: venv-run ## serve Berth with demo data on http://127.0.0.1:$PORT (8000); FRESH=1 begins anew (network, once)
	@exec $(PY) -m local run

venv-run: # the environment of `make run`: .venv, if its packages are not those of run.txt
	$(INSTALL) run

venv: ## complete .venv for tests, lint and packaging (network, once and when a lock changed)
	$(INSTALL) dev

tools: # pip-audit and uv, in an environment of their own
	$(INSTALL) tools

clients: ## what tests/clients generates clients with, in environments of their own (network, once)
	$(INSTALL) clients
	@$(MAKE) --no-print-directory $(NPM)/node_modules

$(NPM)/node_modules: tests/clients/typescript/package-lock.json
	mkdir -p $(NPM)
	cp tests/clients/typescript/package*.json $(NPM)
	cd $(NPM) && PATH="$(CURDIR)/build/clients/bin:$$PATH" npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

test: venv ## all tests
	$(PY) -m pytest -n auto $(PYTEST_ARGS)

quick: venv ## the tests without the slow ones: faults, model, infra, install, browser, figures
	$(PY) -m pytest -n auto $(SLOW:%=--ignore=tests/%) $(PYTEST_ARGS)

cover: venv ## all tests with branch coverage of chalicelib/; fails below the threshold in pyproject.toml
	$(PY) -m pytest -n auto --cov --cov-report=term-missing:skip-covered $(PYTEST_ARGS)

lint: venv ## ruff and mypy; changes nothing
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: venv ## fix and format the code
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

check: lint test ## what CI requires: lint and all tests

engine: $(DYNOXIDE) ## build dynoxide, the second DynamoDB engine, into .tools/ (network, cargo)

$(DYNOXIDE):
	cargo install dynoxide-rs --version $(DYNOXIDE_VERSION) --locked --root .tools $(CARGO_FLAGS) \
	  --no-default-features --features native-sqlite,http-server,cli
	@touch $@

mails: venv ## render an example of every mail into docs/mails/
	$(PY) -m docs.render_mails

screenshots: venv ## pictures of every link page and mail in build/screenshots/ (Chromium)
	$(PY) -m tests.browser.screenshots

package: venv ## build/$STAGE/: the bundle and its SAM template, linted; STAGE=dev|prod (network, once)
	$(PY) -m infra.package $(STAGE)

bundle: package ## the size of the bundle, part by part
	$(PY) -m infra.weigh $(STAGE)

deploy: venv ## package a stage and deploy it: STAGE=, the first time BUCKET=, MAIL_FROM= (network)
	@STAGE=$(STAGE) $(PY) -m infra.deploy

admin: venv-run ## open the first account of a deployed stage: STAGE=, EMAIL=; asks for a password (network)
	@$(PY) -m local admin $(EMAIL) --stage $(STAGE)

bench: venv ## cold start and bundle size beside a plain handler, as a table
	$(PY) -m bench

audit: tools ## look up known vulnerabilities of the locked packages (network)
	$(TOOLS) -m pip_audit --strict --disable-pip --require-hashes -r requirements/dev.txt
	$(TOOLS) -m pip_audit --strict --disable-pip --require-hashes -r requirements/tools.txt
	$(TOOLS) -m pip_audit --strict --disable-pip --require-hashes -r requirements/clients.txt

PIP_COMPILE = $(TOOLS) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE:%=--upgrade)

lock: tools ## lock the packages with all hashes; UPGRADE=1 takes the newest versions (network)
	$(PIP_COMPILE) requirements/dev.in -o requirements/dev.txt
	$(PIP_COMPILE) -c requirements/dev.txt requirements/run.in -o requirements/run.txt
	$(PIP_COMPILE) -c requirements/dev.txt requirements/lambda.in -o requirements.txt
	$(PIP_COMPILE) -c requirements/dev.txt requirements/tools.in -o requirements/tools.txt
	$(PIP_COMPILE) -c requirements/dev.txt requirements/clients.in -o requirements/clients.txt

clean: ## remove what make built, but neither .data/ nor .tools/
	rm -rf build .venv .venv.new .venv.old .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov .coverage
	find . -name __pycache__ -not -path './.tools/*' -prune -exec rm -rf {} +
