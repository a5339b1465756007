# Parley: the commands a newcomer needs. Python 3.11 or newer and make are all it takes.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo check test lint bench screenshots lock

help: ## what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

install: $(STAMP) ## make .venv with everything pinned by hash

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Parley needs Python 3.11 or newer.") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (a minute or two the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: install ## a fictional seller with six months of history, served on PORT=8000
	@$(BIN)/parley demo --port $(PORT)

test: install ## every test; the browser ones where Chromium is installed (ARGS="-n 2" on two cores at once)
	$(BIN)/python -m pytest $(ARGS)

lint: install ## style, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test ## lint and test

bench: install ## how fast a turn is, here
	$(BIN)/parley bench

screenshots: install ## every page as a picture, wide and narrow, light and dark, in .screenshots (the README's in docs/screenshots)
	$(BIN)/python -m app.pictures .screenshots docs/screenshots

lock: ## resolve the dependencies again and pin them with hashes (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes --no-header pyproject.toml -o requirements-dev.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -c requirements-dev.lock -o requirements.lock
