# Two commands for a newcomer: `make demo` and `make test`. The rest is for those who build.
PYTHON ?= python3
ROWS ?= 1000000
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ONLY_BINARY := :all:

.DEFAULT_GOAL := help
.PHONY: help demo serve test check prove prove-night mutate lock artefacts bench-gas bench-convert bench-attacks \
	report-byteflip clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

demo: $(VENV)/.run ## set up and run the whole way: trips in, retired grams out
	@$(BIN)/carbonbank demo

serve: $(VENV)/.run ## leave the bank running on http://127.0.0.1:8000 over the demo's data
	@$(BIN)/carbonbank serve

test: $(VENV)/.test node_modules/.done ## set up what the tests need and pass everything
	@bash scripts/setup.sh browser
	@bash scripts/run_tests.sh

check: $(VENV)/.test ## format, lint, types, imports, tidy, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -p no:randomly tests/architecture

prove: $(VENV)/.test .prove/.done node_modules/.done ## prove the contracts: random calls, solver, static analysis (seed=…)
	@$(BIN)/python -m scripts.prove ci $(if $(seed),--seed $(seed)) $(if $(report),--report)

prove-night: $(VENV)/.test node_modules/.done ## ten million random calls, with a dated report
	@$(BIN)/python -m scripts.prove_night $(if $(seed),--seed $(seed))

mutate: $(VENV)/.test .prove/.done node_modules/.done ## break the contracts in single places, count what the tests let pass (MUTANTS=n SEED=s MINUTES=m)
	@$(BIN)/python -m scripts.mutate $(if $(MUTANTS),--sample $(MUTANTS)) $(if $(SEED),--seed $(SEED)) \
		$(if $(MINUTES),--minutes $(MINUTES))

lock: ## resolve the dependencies again (needs uv)
	bash scripts/lock.sh

artefacts: $(VENV)/.test node_modules/.done ## compile the contracts into the committed artefacts
	$(BIN)/python scripts/compile_contracts.py

bench-gas: $(VENV)/.test node_modules/.done ## what each act costs in gas (write=1 commits to it)
	@$(BIN)/python -m benchmarks.gas $(if $(write),--write)

bench-convert: $(VENV)/.test ## from a fleet's file to a sealed batch, beside its bare reading (ROWS=n)
	@ROWS=$(ROWS) $(BIN)/python -m benchmarks.convert

bench-attacks: ROWS := 300
bench-attacks: $(VENV)/.test ## labelled attacks on honest fleets, and what is caught (SEEDS=n, ROWS=n a fleet)
	@$(BIN)/python -m benchmarks.attacks --seeds $(or $(SEEDS),3) --rows $(ROWS) \
		--out docs/reports/attacks-$$(date -u +%F).md

report-byteflip: $(VENV)/.test ## flip bytes of an audit package and see each named (package=FILE or the demo's)
	@$(BIN)/python -m benchmarks.byteflip $(or $(package),.carbonbank/papers) \
		--out docs/reports/byteflip-$$(date -u +%F).md

clean: ## remove what was set up, keep the data directory
	rm -rf $(VENV) .prove node_modules out cache

# --- set-up ------------------------------------------------------------------------------------

$(VENV)/.python:
	@bash scripts/setup.sh python "$(PYTHON)" "$(VENV)"

$(VENV)/.run: requirements/run.lock pyproject.toml | $(VENV)/.python
	@bash scripts/setup.sh packages "$(VENV)" requirements/run.lock run

$(VENV)/.test: requirements/test.lock pyproject.toml | $(VENV)/.python
	@bash scripts/setup.sh packages "$(VENV)" requirements/test.lock test

.prove/.done: requirements/prove.lock
	@bash scripts/setup.sh provers "$(PYTHON)"

node_modules/.done: package.json package-lock.json
	@bash scripts/setup.sh node
