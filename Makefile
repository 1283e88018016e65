# make run     serve the site on http://localhost:8000 (SERVER=hypercorn OPTIONS=--tls for HTTP/2)
# make test    run the tests, on the oldest and on the newest Python of this machine
# make bench   measure what router, recorder and clients cost beside others, and what Django makes of
#              middleware, threads and gateways, on the newest Python (OPTIONS=--markdown writes it into docs/)
# make lint    check style and types
#
# Each of them makes its own virtual environment and installs what it needs there; all it asks for is
# Python 3.11 or newer, and make.

SERVER ?= uvicorn
OPTIONS ?=

# Interpreters that can make a virtual environment, oldest first: those on the PATH, and pyenv's.
PYTHONS := $(shell for version in 3.11 3.12 3.13 3.14; do \
	for python in python$$version $$(ls -d $$HOME/.pyenv/versions/$$version.*/bin/python 2>/dev/null) python3; do \
		if $$python -c "import sys, venv, ensurepip; sys.exit('%d.%d' % sys.version_info[:2] != '$$version')" \
			2>/dev/null; then echo $$python; break; fi; \
	done; \
done)
PYTHON ?= $(firstword $(PYTHONS))
NEWEST ?= $(lastword $(PYTHONS))
# pip is told to be brief, and not to speak of itself.
PIP := -m pip install --quiet --disable-pip-version-check

# Tests of one file share what they start, and stay together.
SIDE_BY_SIDE := --numprocesses auto --maxprocesses 4 --dist loadfile

.PHONY: run test bench lint clean

run: .venv/site
	.venv/bin/python apps/django_site/manage.py migrate --verbosity 0
	.venv/bin/python -m servers $(SERVER) $(OPTIONS)

test: .venv/test
	.venv/bin/python -m pytest $(SIDE_BY_SIDE) $(TESTS)
ifneq ($(PYTHON),$(NEWEST))
	$(MAKE) --no-print-directory .venv-newest/test
	.venv-newest/bin/python -m pytest $(SIDE_BY_SIDE) $(TESTS)
endif

# On the newest, as asgion, which the recorder is measured beside, runs on no Python older than 3.12.
bench: .venv-newest/bench
	.venv-newest/bin/python -m bench $(OPTIONS)

lint: .venv/test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

clean:
	rm -rf .venv .venv-newest .local

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "This needs Python 3.11 or newer, with its venv module." >&2; exit 2; }
	$(PYTHON) -m venv .venv

.venv-newest/bin/python:
	@test -n "$(NEWEST)" || { echo "This needs Python 3.11 or newer, with its venv module." >&2; exit 2; }
	$(NEWEST) -m venv .venv-newest

# An environment for each extra, all in one directory: the file says that the extra is installed.
.venv/%: pyproject.toml | .venv/bin/python
	.venv/bin/python $(PIP) --editable '.[$*]'
	@touch $@

.venv-newest/%: pyproject.toml | .venv-newest/bin/python
	.venv-newest/bin/python $(PIP) --editable '.[$*]'
	@touch $@
