# Two commands for everybody: `make run` and `make test`. The rest is for people who work on Linli.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
SHARED ?= ../shared

# Where this is set every start compiles the whole program anew, a second of processor.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test check unit bench load faults replay tck audit clean

help:
	@echo "make run      start Linli with its demo on http://127.0.0.1:8000"
	@echo "make test     install what the tests need, then run every check and test"
	@echo "make check    style, types and floors only"
	@echo "make unit     the tests only, e.g. make unit TESTS=tests/engine"
	@echo "make bench    how fast the engine is here, beside the bare database and raw SpiffWorkflow"
	@echo "make load     200 people at work at once on PostgreSQL: errors, rate, how long answers took"
	@echo "make faults   processes killed a thousand times, on SQLite and PostgreSQL, and the accounts afterwards"
	@echo "make replay   a real year-2011 hotline export through the engine, on SQLite and PostgreSQL"
	@echo "make tck      how much of DMN and FEEL is honoured, by the public compatibility kit in ../shared"
	@echo "make audit    known weaknesses of what Linli depends on (asks the services of PyPI and npm)"
	@echo "make clean    remove the virtual environment and caches (never data)"

# The PDF of a case needs a font with Chinese; without one everything else works.
FONTS := /usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc

run: $(VENV)/run.stamp
	@[ -n "$(wildcard $(FONTS))" ] || .ci/packages fonts-droid-fallback \
	    || echo "Without a Chinese font a case has no PDF; printing from the browser works (LINLI_PDF_FONT)." >&2
	@$(BIN)/python run.py serve

test: check unit

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache

TESTS ?= tests
unit: $(VENV)/dev.stamp
	@.ci/packages chromium-headless-shell 2>/dev/null || .ci/packages chromium
	@.ci/packages fonts-noto-cjk fonts-droid-fallback postgresql
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(TESTS)

BENCH ?=
bench: $(VENV)/dev.stamp
	@.ci/packages postgresql
	$(BIN)/python -m bench $(BENCH)

LOAD ?=
load: $(VENV)/dev.stamp
	@.ci/packages postgresql
	$(BIN)/python -m bench.load $(LOAD)

FAULTS ?=
faults: $(VENV)/dev.stamp
	@.ci/packages postgresql
	$(BIN)/python -m tests.faults $(FAULTS)

replay: $(VENV)/dev.stamp
	@.ci/packages postgresql
	$(BIN)/python -m bench.replay $(SHARED)/data/boston_311_2011_07_08.csv

TCK ?=
tck: $(VENV)/dev.stamp
	$(BIN)/python -m tests.tck $(TCK)

AUDIT ?=
audit: $(VENV)/run.stamp
	@$(PIP) "pip-audit>=2.7,<3" || true
	$(BIN)/python .ci/audit.py $(AUDIT)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Linli needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 run" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || .ci/packages python3-venv
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt | $(VENV)/bin/python
	@echo "Installing what Linli runs on (once, a minute or two) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	@echo "Installing what Linli and its tests need (once, a minute or two) ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
