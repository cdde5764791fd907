# The front door. Each target sets up what it needs; all are safe to repeat.
PYTHON ?= python3
PY := .venv/bin/python

.PHONY: help run setup test check lint types unit journey soak fuzz guided conformance timing bench growth mutants fresh demo lock clean

help:            ## show the targets
	@grep -hE '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1	/' | expand -t 20

run: ## set up, then serve on loopback with the embedded database
	@$(PYTHON) tools/bootstrap.py server
	@$(PY) -m mindhaven serve --bind 127.0.0.1:8440

setup: ## prepare the environment in .venv
	@$(PYTHON) tools/bootstrap.py dev

test: setup ## everything: lint, types, contracts and the whole suite on both databases
	@$(PY) tools/suite.py all

check: setup ## the fast loop: lint, types, contracts, unit, vectors, docs
	@$(PY) tools/suite.py check

soak: setup ## devices write, share and revoke at once while their server is killed, on both databases
	@$(PY) -m tests.soak

fuzz: setup ## changed bytes into every decoder, importer and the HTTP of a real server
	@$(PY) -m tests.fuzz

guided: setup ## fuzz every decoder by coverage (atheris); what reaches new code stays in tests/fuzz/corpus
	@$(PYTHON) tools/bootstrap.py fuzz
	@$(PY) -m tests.fuzz.guided

conformance: setup ## our log and our witness against independent peers, on PATH or in MINDHAVEN_PEERS
	@$(PY) -m tests.conformance

timing: setup ## whether the time of an answer tells a name: 2,000 interleaved tries each
	@MINDHAVEN_TIMING_TRIES=2000 $(PY) -m pytest tests/http/test_http_timing.py -q -s -p no:randomly --timeout=600

bench: setup ## measure speed with the bare baselines in the same run
	@$(PY) bench/bench.py
	@$(PY) -m bench.ledger

growth: setup ## speed at 1,000 to 100,000 items, the server's memory, many writers; takes minutes
	@$(PY) -m bench.growth

mutants: setup ## change the code under the tests on purpose; survivors are listed
	@$(PY) tools/mutants.py

fresh: setup ## before a release: are the crisis lines checked within 180 days?
	@$(PY) tools/help_page.py --fresh

demo: setup ## fill the server of `make run` with clearly synthetic people
	@$(PY) -m mindhaven demo --server http://127.0.0.1:8440

lock: ## resolve requirements/*.in into hash-locked requirements/*.txt (needs uv)
	@$(PYTHON) tools/bootstrap.py lock

clean: ## remove the environment and caches, never data
	@rm -rf .venv web/node_modules .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
