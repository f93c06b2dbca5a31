# Everything to do with a checkout; needs git, make and Python 3.11 or newer, nothing else.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo desk browse airflow test test-airflow test-long test-cpu explore lint bench bench-commands bench-desk \
	bench-detection bench-nmea bench-peers bench-queries bench-scale bench-warehouse bench-world bench-year fuzz lock wheel clean

VENV := .venv
BIN := $(VENV)/bin
ROWS ?= 5000000
N ?= 2000
SEED ?= 1
SEEDS ?= 20
FIRST ?= 1
JOBS ?= 1
PORT ?= 8765
TESTS ?= tests
# The first Python that is new enough; PYTHON=/path/to/python names another.
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11 python3.14,$(shell $(p) -c \
	'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))

# Exactly what the lock names, by hash, then the project itself, built by the locked build tool.
install = $(BIN)/python -m pip install --quiet --require-hashes -r $(1) && \
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable . && touch $@

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.run ## run the main job on the embedded demonstration month
	@$(BIN)/coalwatch demo

desk: $(VENV)/.desk ## show the demonstration month in the review desk, on loopback (PORT=8765)
	@$(BIN)/coalwatch demo >/dev/null
	@$(BIN)/coalwatch desk --home coalwatch-demo --port $(PORT)

browse: $(VENV)/.browse ## open the demonstration month's warehouse in Datasette, on loopback (PORT=8766)
	@$(BIN)/coalwatch demo >/dev/null
	@$(BIN)/coalwatch browse --home coalwatch-demo --port $(if $(filter file,$(origin PORT)),8766,$(PORT))

airflow: $(VENV)/.airflow ## start the daily schedule here, on loopback, with the demonstration month to land
	@PATH="$(CURDIR)/$(BIN):$$PATH" dags/standalone.sh

test: $(VENV)/.test $(VENV)/s3-server/.done ## run the tests (installs Airflow as well)
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --hypothesis-profile quick -m "not long"

test-long: $(VENV)/.test $(VENV)/s3-server/.done ## run what shows it again: whole homes in many histories (late, stopped, pruned), all examples, PostgreSQL, test-airflow
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --hypothesis-profile gate -m "long or hypothesis"

test-airflow: $(VENV)/.test ## run days through a real Airflow: backward, shuffled, late, killed, asked about
	@$(BIN)/python -m pytest -m long tests/dags

test-cpu: $(VENV)/.test ## list what tests cost in CPU seconds, the dearest first (TESTS=tests/tasks)
	@$(BIN)/python -m pytest -q -p no:xdist -p tests.cpu --hypothesis-profile quick -m "not long" $(TESTS)

explore: $(VENV)/.test ## draw new examples for every property test, ten times as many (TESTS=tests/geo); takes hours
	@$(BIN)/python -m pytest -n 2 --dist worksteal --hypothesis-profile explore -m hypothesis $(TESTS)

lint: $(VENV)/.test ## style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.run ## time the day job against DuckDB's read-sort-write (ROWS=5000000)
	@$(BIN)/python bench/day_job.py --rows $(ROWS)

bench-commands: $(VENV)/.run ## time an idle run against one that checks everything
	@$(BIN)/python bench/commands.py

bench-desk: $(VENV)/.test ## time the queue of the review desk with 100,000 alerts on both engines
	@$(BIN)/python -m bench.desk

bench-detection: $(VENV)/.run ## recall and precision on drawn worlds with hidden truth (SEEDS=20 JOBS=1 FIRST=1)
	@$(BIN)/python -m bench.detection --seeds $(SEEDS) --first-seed $(FIRST) --jobs $(JOBS) --report bench \
		--calibration seeds/calibration.yaml

bench-nmea: $(VENV)/.test ## time our NMEA decoder against those of pyais, aiscat and gpsdecode that are installed (FILE=…)
	@$(BIN)/python bench/nmea.py $(FILE)

bench-peers: $(VENV)/.run ## time stops against MovingPandas of another environment (PEERS=PYTHON ROWS=5000000)
	@$(BIN)/python -m bench.peers --rows $(ROWS) $(if $(PEERS),--python $(PEERS))

bench-queries: $(VENV)/.test ## time every named query and view on both engines (ROWS=10000000, takes an hour and 20 GB)
	@$(BIN)/python -m bench.queries --rows $(if $(filter file,$(origin ROWS)),10000000,$(ROWS))

bench-scale: $(VENV)/.test ## CPU and memory of landing and of positions to runs, on both engines (ROWS="1000000 5000000")
	@$(BIN)/python -m bench.scale --rows $(if $(filter file,$(origin ROWS)),1000000 5000000,$(ROWS))

bench-warehouse: $(VENV)/.test ## time loading a year's rows into PostgreSQL against SQLite (ROWS=300000)
	@$(BIN)/python -m bench.warehouse --rows $(if $(filter file,$(origin ROWS)),300000,$(ROWS))

bench-world: $(VENV)/.test ## land and derive a year of the world at a thousandth, ten days at a time (FOLDER=DIR)
	@$(BIN)/python -m bench.world --folder $(or $(FOLDER),$(error FOLDER=DIR, with room for 20 GB))

bench-year: $(VENV)/.run ## time a sparse year, day 366 and a late file (AGAINST=CHECKOUT)
	@$(BIN)/python bench/year.py $(if $(AGAINST),--against $(AGAINST))

fuzz: $(VENV)/.test ## land mutated inputs of every format, list unacceptable outcomes (N=2000 SEED=1 JOBS=1 FORMATS=…)
	@$(BIN)/python -m tests.fuzz -n $(N) --seed $(SEED) --jobs $(JOBS) $(if $(FORMATS),--formats $(FORMATS))

wheel: $(VENV)/.run ## build the wheel into dist/
	@$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

lock: $(VENV)/.run ## renew the lock files from pyproject.toml
	@$(BIN)/python -m venv $(VENV)/lock && $(VENV)/lock/bin/python -m pip install --quiet uv
	$(VENV)/lock/bin/uv $(compile) --output-file requirements/run.lock
	$(VENV)/lock/bin/uv $(compile) --extra airflow --constraints requirements/run.lock --output-file requirements/airflow.lock
	$(VENV)/lock/bin/uv $(compile) --extra postgres --constraints requirements/airflow.lock --output-file requirements/postgres.lock
	$(VENV)/lock/bin/uv $(compile) --extra report --constraints requirements/airflow.lock --output-file requirements/report.lock
	$(VENV)/lock/bin/uv $(compile) --extra browse --constraints requirements/airflow.lock --output-file requirements/browse.lock
	$(VENV)/lock/bin/uv $(compile) --extra desk --constraints requirements/airflow.lock --output-file requirements/desk.lock
	$(VENV)/lock/bin/uv $(compile) --extra spark --constraints requirements/airflow.lock --output-file requirements/spark.lock
	$(VENV)/lock/bin/uv $(compile) --extra s3 --constraints requirements/airflow.lock --output-file requirements/s3.lock
	$(VENV)/lock/bin/uv $(compile) --extra test --constraints requirements/airflow.lock --constraints requirements/postgres.lock \
		--constraints requirements/report.lock --constraints requirements/desk.lock --constraints requirements/spark.lock \
		--constraints requirements/browse.lock --constraints requirements/s3.lock --output-file requirements/test.lock
	$(VENV)/lock/bin/uv $(compile) --extra test --group ftm --constraints requirements/test.lock --output-file requirements/ftm.lock
	$(VENV)/lock/bin/uv $(locked) --group s3-server --output-file requirements/s3-server.lock

locked = pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url
compile = $(locked) pyproject.toml --group build

clean: ## remove the environment and everything built (never a coalwatch home)
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "coalwatch needs Python 3.11 or newer, but found none (python3 is \
	$$(python3 --version 2>&1)). Install it, or give its path: make PYTHON=/path/to/python3.11 demo" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is not Python 3.11 or newer. \
	Give the path of one that is: make PYTHON=/path/to/python3.11 demo" >&2; exit 2; }
	@echo "Creating $(VENV) with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) cannot make an environment; \
	on Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }

$(VENV)/.run: requirements/run.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the demo needs (requirements/run.lock) …"
	@$(call install,requirements/run.lock)

$(VENV)/.desk: requirements/desk.lock pyproject.toml | $(VENV)/.run
	@echo "Installing what the review desk needs (requirements/desk.lock) …"
	@$(call install,requirements/desk.lock)

$(VENV)/.browse: requirements/browse.lock pyproject.toml | $(VENV)/.run
	@echo "Installing what browsing needs (requirements/browse.lock) …"
	@$(call install,requirements/browse.lock)

$(VENV)/.airflow: requirements/airflow.lock pyproject.toml | $(VENV)/.run
	@echo "Installing Airflow (requirements/airflow.lock) …"
	@$(call install,requirements/airflow.lock)

$(VENV)/.ftm: requirements/ftm.lock | $(VENV)/.test
	@echo "Installing followthemoney, which reads our exports in a test; it needs a C compiler and ICU's headers …"
	@$(call install,requirements/ftm.lock)

$(VENV)/s3-server/.done: requirements/s3-server.lock | $(VENV)/.run
	@echo "Installing moto, the S3 server of the tests, in an environment of its own …"
	@$(BIN)/python -m venv $(VENV)/s3-server
	@$(VENV)/s3-server/bin/python -m pip install --quiet --require-hashes -r requirements/s3-server.lock && touch $@

$(VENV)/.test: requirements/test.lock pyproject.toml | $(VENV)/.run
	@echo "Installing what the tests need (requirements/test.lock) …"
	@$(call install,requirements/test.lock)
