# Two commands do everything on a machine with python3, make and git: `make demo` shows it, `make test` proves it.

PYTHON   ?= python3 python3.13 python3.12 python3.11
CHROMIUM ?= $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name) 2>/dev/null)))
export CHROMIUM

# Each Python that this is for and that is here: where pyenv keeps it, or on the PATH.
PYTHONS  ?= $(foreach version,3.11 3.12 3.13,$(or $(lastword $(wildcard $(HOME)/.pyenv/versions/$(version).*/bin/python)),$(shell command -v python$(version))))

bin     := .venv/bin
install := -m pip install -qq --disable-pip-version-check --editable
plain   := --ignore tests/browser --ignore tests/interop --ignore tests/keyring -n auto -rs
# A busy machine may starve a browser: what fails is tried once more, and the summary says so.
browser := $(bin)/python -m pytest tests/browser -n 0 -rsR --reruns 1
# Of how things look, and of names, an older Jupyter says nothing that the newest does not, and it has no other front end.
older   := $(foreach name,accessibility callback_page hostile_names notebook_7 panel_states voila,--ignore tests/browser/test_$(name).py)
axe     := tests/browser/node_modules/.done

.PHONY: help demo lab test keyring matrix pythons interop soak bench lint docs audit
.DELETE_ON_ERROR:

help: ## what there is to make
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1@\2/p' Makefile | column -t -s @ 2>/dev/null || grep '##' Makefile

demo: .venv/demo ## run the quickstart on an embedded Confluence, as a user would
	@$(bin)/python tools/run_demo.py

lab: .venv/demo ## JupyterLab on the quickstart, to click through it yourself
	$(bin)/python -m jupyterlab --allow-root --LabApp.default_url=/lab/tree/notebooks/quickstart.ipynb

test: .venv/dev $(axe) ## every test; those in a real browser where a Chromium is found
	$(bin)/python -m pytest $(plain)
	$(browser)

keyring: .venv/dev ## sign-ins in a real Secret Service, in a session of its own (gnome-keyring and dbus)
	@tests/keyring/in_a_session.sh $(bin)/python -m pytest tests/keyring -n 0 -rs

matrix: .venv/dev $(axe) .venvs/ipykernel-6/done .venvs/binder/done ## sign-in, explorer, charts and previews in the browser on an old kernel and on Binder's Jupyter; make test has the newest
	LAB_PYTHON=.venvs/ipykernel-6/bin/python $(browser) $(older)
	LAB_PYTHON=.venvs/binder/bin/python $(browser) $(older)

pythons: .venv/dev ## every test that takes no browser, on each other Python of 3.11 to 3.13 that is here; TESTS="tests/test_portal.py" runs fewer
	@set -e; ours=$$($(bin)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); for python in $(PYTHONS); do \
	   version=$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	   if [ "$$version" = "$$ours" ]; then echo "== Python $$version: see make test"; continue; fi; \
	   $(MAKE) --no-print-directory PYTHON="$$python" .venvs/python-$$version/done; \
	   echo "== Python $$version"; .venvs/python-$$version/bin/python -m pytest $(plain) $(TESTS); \
	 done

interop: .venv/dev .venvs/interop-atlassian/done .venvs/interop-dlt/done ## other people's clients read what ours reads
	INTEROP=required $(bin)/python -m pytest tests/interop -n auto -rs

soak: .venv/dev ## attack a sign-in for 20 minutes, the wire, a notebook for an hour, every parser; SECONDS_LONG="60" shortens each
	$(bin)/python -m benchmarks.soak_sign_in --seconds $(or $(SECONDS_LONG),1200)
	$(bin)/python -m benchmarks.soak_wire $(if $(SECONDS_LONG),--seconds $(SECONDS_LONG))
	$(bin)/python -m benchmarks.soak_life --seconds $(or $(SECONDS_LONG),3600)
	$(bin)/python tools/fuzz_answers.py --times $(if $(SECONDS_LONG),10000,1000000)

bench: .venv/dev .venvs/content-bench/done .venvs/interop-atlassian/done .venvs/interop-dlt/done .venvs/bench-langchain/done ## how fast it reads, beside others; SIZES="2000" ONLY="a b" READERS="ours loop" shorten it
	$(bin)/python -m benchmarks $(if $(SIZES),--sizes $(SIZES)) $(if $(ONLY),--only $(ONLY)) $(if $(READERS),--readers $(READERS))
	.venvs/content-bench/bin/python -m benchmarks.content

lint: .venv/dev ## style, types, and which floor may import which
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(bin)/lint-imports
	$(bin)/python tools/check_committed.py

docs: .venv/dev ## the documentation as web pages, in build/docs
	@$(bin)/python -m sphinx -W --keep-going -qEa docs build/docs
	@echo "The documentation is in build/docs/index.html"

audit: .venv/demo .venvs/audit/done ## known weaknesses of what is installed, where the package index tells them; fails where it does not
	@$(bin)/python -m pip list --exclude-editable --format=freeze | .venvs/audit/bin/pip-audit --requirement /dev/stdin \
	   --strict --no-deps --disable-pip --progress-spinner off

# Each environment is a folder with a stamp in it: nothing is installed again until a requirement changes.
.venv/demo: pyproject.toml tests/requirements/newest.txt | .venv/made
	@echo "Installing confluence_nb with its demo and JupyterLab into .venv (a minute or two, the first time)"
	@$(bin)/python $(install) '.[demo,charts,lab]' --constraint tests/requirements/newest.txt
	@touch $@

.venv/dev: pyproject.toml tests/requirements/newest.txt | .venv/made
	@echo "Installing confluence_nb and what its tests take into .venv (a minute or two, the first time)"
	@$(bin)/python $(install) '.[dev,lab]' --requirement tests/requirements/newest.txt
	@touch $@

.venvs/%/done: tests/requirements/%.txt pyproject.toml | .venvs/%/made
	@echo "Installing confluence_nb and the Jupyter of $* into .venvs/$* (a minute, the first time)"
	@.venvs/$*/bin/python $(install) '.[demo,charts]' --requirement tests/requirements/$*.txt
	@touch $@

$(axe): tests/browser/package.json
	@if command -v npm >/dev/null; then \
	   echo "Installing axe-core into $(@D)"; \
	   npm install --prefix $(<D) --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error && touch $@ && exit; \
	 fi; echo "No npm here, or it did not get there: what axe-core would look at is skipped"

.venvs/python-%/done: tests/requirements/newest.txt pyproject.toml | .venvs/python-%/made
	@echo "Installing confluence_nb and what its tests take into $(@D) (a minute or two, the first time)"
	@$(@D)/bin/python $(install) '.[dev,lab]' --requirement $<
	@touch $@

# Other people's clients have environments without confluence_nb: nothing of ours can lend them a hand.
define install_alone
	@echo "Installing the client of $(<F) into $(@D) (half a minute, the first time)"
	@$(@D)/bin/python -m pip install -qq --disable-pip-version-check --requirement $<
	@touch $@
endef

.venvs/interop-%/done: tests/requirements/interop-%.txt | .venvs/interop-%/made
	$(install_alone)

.venvs/bench-%/done: tests/requirements/bench-%.txt | .venvs/bench-%/made
	$(install_alone)

.venvs/audit/done: tests/requirements/audit.txt | .venvs/audit/made
	$(install_alone)

# 3.11 to 3.13 are tested, so a newer one is taken only when there is none of them.
.PRECIOUS: %/made
%/made:
	@for newest in 13 99; do for python in $(PYTHON); do \
	   if $$python -c "import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, $$newest))" 2>/dev/null; then \
	     echo "Making $* with $$($$python --version) ($$(command -v $$python))"; \
	     $$python -m venv --clear $* && touch $@; exit; \
	   fi; \
	 done; done; \
	 echo "No Python 3.11 or newer that can make virtual environments was found among: $(PYTHON)."; \
	 echo "Install one (Debian and Ubuntu: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3"; \
	 exit 1
