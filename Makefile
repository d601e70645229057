# `make run` serves the dashboard; `make test` checks everything. Both work from a bare checkout.
#
#   PYTHON=python3.12 make run     another interpreter (3.11 or newer)
#   PORT=8600 make run             another port
#   TORCH_INDEX=URL make run       where to take torch from, such as the index of its CPU builds
#   MMOE_CHROMIUM=PATH make test   the browser to test in

PYTHON ?= python3
PORT ?= 8501
BIN := .venv/bin
PYTEST = MMOE_CHROMIUM="$$($(BIN)/python -m tests.e2e.browser)" $(BIN)/python -m pytest -n 2 --dist loadfile
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

.PHONY: run test coverage check long parity bench studies replay clean

run: .venv/.run
	exec $(BIN)/streamlit run dashboard.py --server.port $(PORT)

test: .venv/.test check
	$(PYTEST)

coverage: .venv/.test
	$(PYTEST) --cov --cov-report=term

check: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

long: .venv/.test
	$(BIN)/python -m pytest tests/long -s --timeout=3600

parity: .venv/.test .venv/.bench
	$(BIN)/python -m pytest tests/parity tests/deepctr -v

studies: .venv/.run
	$(BIN)/python -m mmoe_core study kdd2018 --out data/studies/kdd2018.json
	$(BIN)/python -m mmoe_core study architectures --out data/studies/architectures.json
	$(BIN)/python -m mmoe_core study mechanisms --seeds 10 --out data/studies/mechanisms.json
	$(BIN)/python -m mmoe_core study alarms --seeds 200 --out data/studies/alarms.json

bench: .venv/.bench
	$(BIN)/python -m mmoe_core bench

replay: .venv/.run
	$(BIN)/python -m mmoe_core.runs.recording classroom

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; '$(PYTHON)' is not. Try: make PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "No virtual environment could be made. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }

.venv/.run: requirements.txt | .venv/bin/python
	@echo "Installing what the dashboard needs; the first time takes a minute or more ..."
	@$(PIP) -r requirements.txt || \
	  { echo "The installation failed: see above. With a network and some 3 GB of disk, 'make run' again goes on."; exit 1; }
	@touch $@

.venv/.bench: requirements.txt requirements-bench.txt | .venv/bin/python
	@echo "Installing what the benchmark compares with; the first time takes a minute or more ..."
	@$(PIP) -r requirements-bench.txt || \
	  { echo "The installation failed: see above. With a network, 'make bench' again goes on."; exit 1; }
	@touch $@

.venv/.test: requirements.txt requirements-export.txt requirements-dev.txt | .venv/bin/python
	@echo "Installing what the tests need; the first time takes a minute or more ..."
	@$(PIP) -r requirements-dev.txt || \
	  { echo "The installation failed: see above. With a network and some 3 GB of disk, 'make test' again goes on."; exit 1; }
	@touch $@
