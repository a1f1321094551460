# How Adam Works. `make help` lists the commands.
#
# Everything is made on demand: the environment (.venv) from requirements.txt, the site (_build/html)
# from the notebooks. What has not changed is not made again.

PYTHON ?= python3
PORT ?= 8000
# Browsers and rooms wait more than they compute: more workers than cores.
WORKERS ?= 4
TERM_NAME ?= book

# Small matrices gain nothing from threads and lose much to them on a busy machine.
export OMP_NUM_THREADS = 1
export OPENBLAS_NUM_THREADS = 1

BIN := .venv/bin
SITE := _build/html
SOURCES := $(shell find chapters code tests/claims -type f -not -path '*/.*' -not -path '*/__pycache__/*' -not -path '*.egg-info/*') \
           $(wildcard _config.yml _toc.yml references.bib _build/page-python/runtime.json _build/paper/*.pdf)

.PHONY: help book serve test notebooks oracles mutants answer-mutants bench bench-page release grade links paper publish editor page-python test-page-python lock upgrade clean
.DEFAULT_GOAL := help

help:
	@echo "make book       build the site, and say where it is"
	@echo "make serve      build it and serve it on http://127.0.0.1:$(PORT)/"
	@echo "make test       every test: units, claims, notebooks, the site in a real browser"
	@echo "make notebooks  run every notebook again and store its outputs"
	@echo "make oracles    record the paths of PyTorch, Optax and pytorch-optimizer again and compare (installs them, 2 GB)"
	@echo "make mutants    change the package in small ways and see which change no test notices; SAMPLE=20 for a short run"
	@echo "make answer-mutants  change the assignments' model answers, and see which change keeps full marks; ONLY=adam for one"
	@echo "make bench      time ours against PyTorch, Optax and the first version (installs both); QUICK=1 for a short run"
	@echo "make bench-page time the interactive figures in Chromium, its processor slowed and not"
	@echo "make release    pack the students' assignments; TERM_NAME=2027a for a fresh variant, KEY=term.key for a private one"
	@echo "make grade      grade a folder of them: make grade SUBMISSIONS=submitted (TERM_NAME=, KEY=, DUE=, OUT=)"
	@echo "make editor     bundle CodeMirror, the page's editor, anew from npm"
	@echo "make page-python  build the Python that readers can run in the page (fetches 100 MB); the next make book brings it"
	@echo "make test-page-python  run every chapter in it and compare with the stored outputs (minutes)"
	@echo "make paper      the book as PDF, in two editions (XeTeX; minutes); the next make book links to them"
	@echo "make links      ask every outside address that the built site links to"
	@echo "make publish    gather all that is published in _build/publish; BOOK_SITE=https://… says where it will stand"
	@echo "make lock       write requirements.txt anew from pyproject.toml"
	@echo "make upgrade    move every pin to its newest version, run everything, and show which outputs and pictures change"
	@echo "make clean      remove what was built (_build) and the environment (.venv)"

book: _build/.built
	@$(BIN)/python -c 'from pathlib import Path; \
	    print("The book:", Path("$(SITE)/index.html").resolve().as_uri(), "  (make serve: http://127.0.0.1:$(PORT)/)")'

_build/.built: .venv/.book $(SOURCES)
	@$(BIN)/python code/site/notebooks.py
	@$(BIN)/python code/site/numbers_in_prose.py >/dev/null
	@sh code/site/build.sh
	@touch $@

serve: book
	@$(BIN)/python code/site/serve.py $(SITE) $(PORT)

test: .venv/.test
	@$(BIN)/python tests/support/browser.py --install
	@$(BIN)/python code/site/notebooks.py
	@# The long ones first; tests/conftest.py puts before them what builds the site.
	@$(BIN)/python -m pytest --nbval --nbval-current-env -n $(WORKERS) --dist loadfile --no-loadscope-reorder \
	    chapters assignments/source tests/site tests/assignments tests/parity tests/claims tests/units

notebooks: .venv/.book
	@$(BIN)/python code/site/notebooks.py --all
	@$(MAKE) --no-print-directory book

# PyTorch, Optax and pytorch-optimizer have an environment of their own: nothing else here needs them.
oracles: .venv-oracles/.ready
	@PYTHONPATH=tests .venv-oracles/bin/python tests/parity/record.py --check
	@PYTHONPATH=tests .venv-oracles/bin/python tests/parity/record_after_adam.py --check

.venv-oracles/.ready: pyproject.toml
	@$(PYTHON) -m venv --clear .venv-oracles
	@.venv-oracles/bin/python -m pip install -qq --disable-pip-version-check -e ".[oracles]"
	@touch $@

mutants: .venv/.test
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[mutants]'
	@$(BIN)/python tests/support/mutants.py $(if $(SAMPLE),--sample $(SAMPLE))

answer-mutants: .venv/.test
	@$(BIN)/python tests/support/answer_mutants.py $(ONLY)
	@$(BIN)/python tests/support/answer_mutants.py --twists $(ONLY)

bench: .venv-bench/.made
	@cd bench && ../.venv-bench/bin/python bench.py $(if $(QUICK),--quick)

.venv-bench/.made: bench/requirements.txt pyproject.toml
	@$(PYTHON) -m venv --clear .venv-bench
	@.venv-bench/bin/python -m pip install -qq --disable-pip-version-check -r bench/requirements.txt -e .
	@touch $@

bench-page: .venv/.test
	@$(BIN)/python tests/support/browser.py --install
	@PYTHONPATH=tests $(BIN)/python bench/page.py

release: .venv/.test
	@$(BIN)/python assignments/release.py --term "$(TERM_NAME)" $(if $(KEY),--key "$(KEY)")

grade: .venv/.test
	@test -n "$(SUBMISSIONS)" || { echo "Say where they are: make grade SUBMISSIONS=submitted"; exit 2; }
	@$(BIN)/python assignments/grade.py "$(SUBMISSIONS)" --term "$(TERM_NAME)" $(if $(OUT),--out "$(OUT)") $(if $(KEY),--key "$(KEY)") $(if $(DUE),--due "$(DUE)")

# CodeMirror and the grammar of Python, from npm; the file is committed, and this makes the same bytes again.
editor:
	@cd code/descent/figures/vendor/build && npm ci --ignore-scripts --silent && node build.mjs

# Python for the page, in a folder of its own: a site that is built without it has no buttons for it.
page-python: .venv/.book
	@$(BIN)/python code/site/python/build.py _build/page-python

test-page-python: .venv/.test
	@$(BIN)/python tests/support/browser.py --install
	@test -f _build/page-python/runtime.json || $(MAKE) --no-print-directory page-python
	@$(MAKE) --no-print-directory book
	@PAGE_PYTHON=1 $(BIN)/python -m pytest -q -rA --tb=short tests/site/test_page_python_chapters.py

# The pictures are drawn anew as lines: for that every notebook is run once more.
paper: .venv/.book
	@$(BIN)/python code/site/print/make.py

links: book
	@$(BIN)/python code/site/links.py

publish:
	@sh code/site/publish.sh _build/publish

lock: .venv/.book
	@$(BIN)/python -m pip install -qq uv
	@echo "-e .[book]" | $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	    --custom-compile-command "make lock" --output-file requirements.txt -

upgrade: .venv/.test
	@$(BIN)/python -m pip install -qq uv
	@$(BIN)/python code/site/upgrade.py pins
	@$(MAKE) --no-print-directory lock
	@$(MAKE) --no-print-directory .venv/.test
	@$(BIN)/python code/site/notebooks.py --all
	@$(BIN)/python code/site/upgrade.py report
	@$(MAKE) --no-print-directory test

clean:
	@rm -rf _build .venv .venv-oracles .venv-bench .hypothesis

# Somebody removed the site: build it, whatever the stamp says.
ifeq ($(wildcard $(SITE)/index.html),)
.PHONY: _build/.built
endif

# The environment. One that was moved from elsewhere has the old place in its scripts: made anew.
ifneq ($(shell cat .venv/.place 2>/dev/null),$(CURDIR))
.PHONY: .venv/.book
endif

.venv/.book: requirements.txt pyproject.toml
	@PYTHON=$(PYTHON) sh code/site/environment.sh book

.venv/.test: .venv/.book
	@PYTHON=$(PYTHON) sh code/site/environment.sh test
