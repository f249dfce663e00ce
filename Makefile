# `make demo` and `make test` are all that a newcomer needs; each sets up what is missing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: setup demo up demo-up test lint format eval lock clean bench

setup: $(STAMP)

# Made anew when the lock file or the project's metadata changed.
$(STAMP): lock/requirements.txt lock/uv.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "technews needs Python 3.11 or newer; name one: make setup PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV) from the lock file ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement lock/uv.txt
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes lock/requirements.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q flows tasks technews
	@touch $(STAMP)

demo: $(STAMP)
	@$(BIN)/python -m demo

# exec: Ctrl-C and end signals reach the supervisor itself.
up: $(STAMP)
	@exec $(BIN)/technews up

demo-up: $(STAMP)
	@exec $(BIN)/python -m demo.up

test: $(STAMP)
	@$(BIN)/python -m pytest

bench: $(STAMP)
	@$(BIN)/python -m benchmarks.accuracy
	@$(BIN)/python -m benchmarks.cleaning
	@$(BIN)/python -m benchmarks.others
	@$(BIN)/python -m benchmarks.poison
	@$(BIN)/python -m benchmarks.backfill
	@$(BIN)/python -m benchmarks.backfill 1200 --share 5
	@$(BIN)/python -m benchmarks.backfill 1200 --share 100

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(STAMP)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

eval: $(STAMP)
	@$(BIN)/python -m benchmarks.relevance

lock: $(STAMP)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--extra dev pyproject.toml --output-file lock/requirements.txt
	@echo uv | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		- --output-file lock/uv.txt

clean:
	rm -rf $(VENV) demo/out build *.egg-info
