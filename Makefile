# Callpath: every target sets up what it needs in .venv first. `make` alone lists the targets.

VENV  ?= .venv
BIN    = $(VENV)/bin
STAMP  = $(VENV)/.ready
SERVES = $(VENV)/.serves
WEB    = tests/web/node_modules/.ready

# PYTHON chooses the interpreter of a new .venv; without it the first fitting one on PATH is taken.
PYTHON ?=
ADDR   ?= 127.0.0.1
PORT   ?= 8000

# Material prints a notice about MkDocs 2 on every run; this project stays on MkDocs 1.
export NO_MKDOCS_2_WARNING = 1

.DEFAULT_GOAL = help
.PHONY: help setup serve build check test docs docs-site screenshots bench lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## set up .venv with the locked dependencies; PYTHON=python3.12 chooses

# Showing the notebook needs half of the packages, in the same versions.
$(SERVES): requirements-serve.lock pyproject.toml scripts/setup
	@test $(STAMP) -nt requirements.lock -a $(STAMP) -nt pyproject.toml -a $(STAMP) -nt scripts/setup \
	  || scripts/setup "$(VENV)" requirements-serve.lock "$(PYTHON)"
	@touch $@

$(STAMP): requirements.lock pyproject.toml scripts/setup
	@scripts/setup "$(VENV)" requirements.lock "$(PYTHON)"
	@touch $@

serve: $(SERVES) ## build the notebook and serve it, reloading on every edit; ADDR= and PORT= choose
	$(BIN)/mkdocs serve --dev-addr $(ADDR):$(PORT)

build: $(SERVES) ## build the notebook into site/; a warning is a failure
	$(BIN)/mkdocs build --strict

check: $(STAMP) ## lint, types, import layers, documentation tests, and the notebook's own check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -q -n auto tests/docs
	$(BIN)/callpath check

# The checkers of the built site. Without npm the tests that need them skip, and say so.
$(WEB): tests/web/package-lock.json tests/web/package.json tests/web/.npmrc
	@if ! command -v npm; then exit; fi >/dev/null; npm ci --loglevel=error --prefix tests/web >/dev/null \
	  && touch $@ || echo "npm could not install what checks the site: the tests that need it skip"

test: check $(WEB) ## check, then every test
	$(BIN)/python -m pytest -n auto --dist worksteal --ignore tests/docs

docs: $(STAMP) ## write anew what docs/ has from tables: the rules, the hosts
	$(BIN)/python tests/docs/rules_page.py docs/rules.md
	$(BIN)/python tests/docs/hosts_table.py docs/publishing.md

docs-site: $(STAMP) ## build the documentation as a site into build/docs; a warning is a failure
	$(BIN)/mkdocs build --strict --config-file docs-site.yml --site-dir build/docs

screenshots: $(STAMP) ## pictures of every kind of page into build/, and the README's own into docs/
	$(BIN)/python scripts/screenshots.py

bench: $(STAMP) ## measure speed into docs/performance.md; ROWS="check find", KERNEL=git:REPO, BEFORE=REV
	$(BIN)/python -m benchmarks $(ROWS) $(if $(KERNEL),--kernel $(KERNEL)) $(if $(BEFORE),--before $(BEFORE)) \
	  $(if $(READINGS),--readings $(READINGS))

lock: $(STAMP) ## lock the dependencies anew; UPGRADE=1 moves all in Python to newer versions
	@test -x $(BIN)/uv || $(BIN)/python -m pip install -qq --disable-pip-version-check uv
	$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  $(if $(UPGRADE),--upgrade) --quiet --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group serve --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --constraint requirements.lock --quiet --output-file requirements-serve.lock
	@# botocore asks for an older python-dateutil than MkDocs has, and works with this one.
	@echo python-dateutil | $(BIN)/uv pip compile pyproject.toml --group s3 --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --constraint requirements.lock --override /dev/stdin --quiet --output-file requirements-s3.lock
	@! command -v npm >/dev/null || npm install --silent --package-lock-only --prefix tests/web
	@sed -i.old 's/: "latest"/: "*"/' tests/web/package-lock.json && rm tests/web/package-lock.json.old

clean: ## remove all that was made here: .venv, node_modules, site, dist, build and the caches
	rm -rf $(VENV) $(dir $(WEB)) site dist build .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find plugins tests -name __pycache__ -type d -prune -exec rm -rf {} +
