# make lab        set up, then open JupyterLab at the first notebook
# make check      set up, then ruff, mypy and the tests that need no training, no browser and no notebook: a minute or two
# make test       set up, then run every test
# make notebooks  execute the notebook sources that changed
# make html       write the course as offline HTML pages into site/
# make bench      measure everything that the README claims, beside its peers (long)
# make release-check  build the wheel, and try it in an empty environment (minutes, and 3 GB for as long as it takes)
# make clean      remove the environment; the cache of media and features is `vmm-lab clean`'s
#
# On Windows, or without make, see "Without make" in README.md.

SHELL := /bin/sh
VENV  ?= .venv
BIN   := $(VENV)/bin
# The first Python of a version that the libraries support; say PYTHON=... to choose another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
JOBS ?= 2
UV := 0.13.9
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: lab check test notebooks html bench release-check clean
.DELETE_ON_ERROR:

lab: $(VENV)/lab.done
	$(BIN)/vmm-lab

check: $(VENV)/test.done
	$(BIN)/ruff check
	$(BIN)/mypy
	@# Without notebooks the plugin for them is not loaded either: its libraries take seconds in each process.
	$(BIN)/python -m pytest tests -n $(JOBS) --dist loadfile -q -p no:nbval -m "not slow and not browser and not release"

test: $(VENV)/test.done
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder --durations 15 -rs -m "not browser and not release" \
		--nbval --nbval-current-env --nbval-cell-timeout 1500
	@# Playwright leaves a running event loop behind, in which other tests cannot start their own.
	$(BIN)/python -m pytest tests/browser -n $(JOBS) --dist loadfile -rs

notebooks: $(VENV)/test.done
	$(BIN)/python notebooks/src/build.py

html: $(VENV)/lab.done
	$(BIN)/python notebooks/src/pages.py

bench: $(VENV)/bench.done
	for file in benchmarks/bench_*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done
	$(BIN)/python benchmarks/readme.py

release-check: $(VENV)/test.done
	$(BIN)/python -m pytest tests/test_release.py -m release

clean:
	rm -rf $(VENV)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "vmm_lab needs Python 3.11, 3.12 or 3.13, and none was found. Install one (https://www.python.org/downloads), then run make again, or name it: make PYTHON=/path/to/python3.12 lab"; exit 1; }
	@if command -v uv >/dev/null 2>&1; then uv venv --quiet --seed --python "$(PYTHON)" $(VENV); \
	else "$(PYTHON)" -m venv $(VENV) 2>/dev/null || { rm -rf $(VENV); \
	  "$(PYTHON)" -m venv --without-pip $(VENV) && "$(PYTHON)" -m pip --python $(VENV)/bin/python install --quiet pip; }; fi

# uv installs several times as fast as pip: where the computer has none, it comes into the environment, and where it fails, as
# behind an index that only pip was told of, pip does the work; where versions really conflict, pip says so once more, and
# make ends. uv does not compile bytecode unless told, and then every kernel pays for it. The file is touched only when all
# is well.
define install
	@echo "Installing vmm_lab[$(1)]: one to five minutes, and 3 GB, the first time ..."
	@uv=$$(command -v uv || { $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV) && echo $(BIN)/uv; }); \
	{ test -n "$$uv" && "$$uv" pip install --quiet --compile-bytecode --python $(BIN)/python -c constraints.txt -e ".[$(1)]"; } || \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[$(1)]"
	@touch $@
endef

$(VENV)/lab.done: pyproject.toml constraints.txt | $(BIN)/python
	$(call install,lab)
	@$(BIN)/vmm-lab fetch --media || echo "The sample media will be fetched when a notebook first asks for them."

$(VENV)/test.done: pyproject.toml constraints.txt | $(BIN)/python
	$(call install,test)

$(VENV)/bench.done: pyproject.toml constraints.txt | $(BIN)/python
	$(call install,bench)
