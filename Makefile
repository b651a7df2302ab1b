# The two main commands are `make report` and `make test`. They need python3 (3.11 or newer), make, and a package index.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
space := $(subst ,, )
installed := $(subst $(space),\ ,$(VENV))/.installed
JOBS ?= 2
PLAN ?= notebooks/plans/default.yml
REPORTS ?= reports
unexport PYTHONDONTWRITEBYTECODE  # hundreds of processes import the package, which is compiled once

.PHONY: help report test quick heavy lab docs check lock clean

help:
	@echo "make report   install, run the default analyses on the packaged data, build the HTML site"
	@echo "make test     install, run all tests"
	@echo "make quick    install, run the fast tests"
	@echo "make heavy    install, run all tests, with long simulations and more examples"
	@echo "make lab      install, open JupyterLab on the notebooks"
	@echo "make docs     install, build the documentation, add it to the site, print its path"
	@echo "make check    install, lint and type-check"
	@echo "make lock     write a new requirements.lock"
	@echo "make clean    remove the environment (reports are kept)"

report: $(installed)
	@"$(BIN)/mic2025lab" batch "$(PLAN)" --jobs "$(JOBS)" --reports "$(REPORTS)"

test: $(installed)
	"$(BIN)/python" -m pytest -n "$(JOBS)" --dist loadfile --no-loadscope-reorder $(ARGS)

# Neither kernels, nor a browser, nor raw files.
QUICK := tests/test_*.py $(addprefix tests/,catalog classifications engine metrics plots results)
quick: $(installed)
	"$(BIN)/python" -m pytest -n "$(JOBS)" --dist loadfile --no-loadscope-reorder -m "not slow and not browser and not mirror and not heavy and not live" $(QUICK) $(ARGS)

heavy: $(installed)
	"$(BIN)/python" -m pytest -n "$(JOBS)" --dist loadfile --no-loadscope-reorder -m "not live" --hypothesis-profile=heavy $(ARGS)

lab: $(installed)
	"$(BIN)/jupyter" lab --LabApp.default_url=/lab/tree/notebooks

# Offline, with every example executed; a warning is an error. A second build executes only what changed.
docs: $(installed)
	@PYTHONPATH="$(CURDIR)" "$(BIN)/python" -m sphinx -q -W --keep-going -j "$(JOBS)" -d docs/_build/doctrees docs docs/_build/html
	@mkdir -p "$(REPORTS)/manual"
	@cp -R docs/_build/html/. "$(REPORTS)/manual/"
	@"$(BIN)/mic2025lab" site build --reports "$(REPORTS)"
	@echo "Documentation: $(REPORTS)/manual/index.html"

check: $(installed)
	"$(BIN)/ruff" check .
	"$(BIN)/ruff" format --check .
	"$(BIN)/mypy"

$(installed): requirements.lock pyproject.toml
	@"$(PYTHON)" -c 'import sys; v = sys.version_info; sys.exit(None if v >= (3, 11) else f"mic2025lab needs Python 3.11 or newer; {sys.executable} is {v.major}.{v.minor}. Name a newer one: make PYTHON=/path/to/python3.11")'
	"$(PYTHON)" -m venv "$(VENV)"
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch "$@"

lock:
	"$(BIN)/uv" pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet -o requirements.lock

clean:
	rm -rf "$(VENV)"
