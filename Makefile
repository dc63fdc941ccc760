# `make demo` and `make test` make their own .venv and install into it; nothing else is needed but Python 3.11+.
PYTHON ?= python3
BIN := .venv/bin
RUN ?= runs/demo
SEEDS ?= 1
export HF_HUB_OFFLINE = 1
export HF_DATASETS_OFFLINE = 1
export TOKENIZERS_PARALLELISM = false
# what the package is built from; a change installs it again
SOURCES := pyproject.toml constraints.txt $(shell find src dataset tasks training_recipes leaderboard/results/reported.yaml -type f -not -path '*/__pycache__/*')

.PHONY: demo test lint tasks leaderboard clean

demo: .venv/installed  ## replicate the main figure on the embedded model: finetunes on every main condition, asked by lm-eval
	$(BIN)/negation-neglect replicate --out $(RUN) --seeds $(SEEDS)

test: .venv/installed-dev lint  ## the test suite, two files at a time, without the slow tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

tasks: .venv/installed  ## write the lm-eval pack anew after a change of the claims
	PYTHONPATH=src $(BIN)/python -m negation_neglect.cli tasks-path --write tasks/negation_neglect

leaderboard: .venv/installed  ## show the leaderboard of leaderboard/results in a browser
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt '.[leaderboard]'
	$(BIN)/negation-neglect leaderboard serve --store leaderboard/results

clean:
	rm -rf .venv runs build dist

.venv/pip:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; run make PYTHON=python3.12, say" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	touch $@

# torch first, at the version of the constraints file, so that nothing else picks another build
.venv/torch: .venv/pip constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check $$(grep '^torch==' constraints.txt)
	touch $@

.venv/installed: .venv/torch $(SOURCES)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt .
	touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt '.[dev]'
	touch $@
