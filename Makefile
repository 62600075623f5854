# Thin wrappers over documented commands; Windows without make: see README.md.
PYTHON ?= $(shell command -v python3.11 || command -v python3 || command -v python)
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
# Two workers, since the slow tests solve; each file stays on one worker and makes its plans once.
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help plan app reference test test-long bench bundle lint format docs goldens lock clean
help:            ## these lines
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## / - /'

.venv/.ready: requirements.lock pyproject.toml tools/install.py
	@$(PYTHON) tools/install.py
	@touch $@

.venv/.ready-dev: requirements-dev.lock pyproject.toml tools/install.py
	@$(PYTHON) tools/install.py --dev
	@touch .venv/.ready $@

# Ended by work, not by the clock: the same plan on every machine, after some three minutes of a quiet one.
WORK := 1001600.000004
# Exit 5 of drive5 is an honest plan that a limit ended: good here, and said so. Every other code fails.
plan: .venv/.ready   ## the reference plan and its workbook, in plans/alliance
	@$(BIN)/drive5 solve data/alliance --work-limit $(WORK); code=$$?; \
	if [ $$code -eq 5 ]; then \
	  echo "make plan: the work asked for ended the search before the gap asked was proven; the plan is whole, audited and usable, its gap is stated above."; \
	elif [ $$code -ne 0 ]; then exit $$code; fi

app: .venv/.ready   ## the pages, in a browser
	@$(BIN)/drive5 app

reference: plan   ## solve the reference data set and store the plan that the pages open with; read it and tell it in the docs
	@$(BIN)/python -m tools.reference plans/alliance data/alliance
	-@$(BIN)/python -m benchmarks.sceptic data/alliance/plan --lines-only
	@$(MAKE) docs

test: .venv/.ready-dev   ## all tests but the long ones
	@$(PYTEST) -m "not long"

test-long: .venv/.ready-dev bundle   ## the long tests
	@$(PYTEST) -m long

# Half an hour on two cores; "make bench ONLY=phases,search" for some of its parts. docs/gap.md: with all of them.
ONLY ?= all
bench: .venv/.ready-dev   ## how fast it is, and where the gap lies: docs/speed.md, docs/gap.md
	@$(BIN)/python -m benchmarks.bench --only $(ONLY)
ifeq ($(ONLY),all)
	@$(BIN)/python -m benchmarks.gap
	@$(BIN)/python -m tools.show goals-cold-60-reference || true
	@$(BIN)/python -m benchmarks.over_time
	@$(BIN)/python docs/make_gap_page.py
endif

show-%: .venv/.ready-dev   ## what an issue must show: "make show-units"; python -m tools.show lists the parts
	@$(BIN)/python -m tools.show $*

bundle: .venv/.ready   ## wheels, hashes and the checkout for a machine without a network, in dist/
	@$(BIN)/python tools/bundle.py

lint: .venv/.ready-dev   ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: .venv/.ready-dev   ## put every file into the house's form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: .venv/.ready-dev   ## the pages that are made from dictionary and registry
	@for page in docs/make_*.py; do $(BIN)/python $$page || exit 1; done

goldens: .venv/.ready-dev   ## write the golden LP files anew (read the difference before you commit it)
	@$(BIN)/python -m tests.goldens

COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
lock: .venv/.ready-dev   ## write the lock files anew; "make lock UPGRADE=--upgrade" moves to newer versions
	@$(COMPILE) $(UPGRADE) -o requirements.lock requirements.in
	@$(COMPILE) $(UPGRADE) -o requirements-dev.lock requirements-dev.in

clean:   ## remove the environment and what was built
	@rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
