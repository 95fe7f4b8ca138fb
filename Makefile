# Two commands matter: `make run` and `make test`. The rest is for those who look after the house.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
export DEBUG ?= on
WORKERS ?= auto
BROWSERS ?= 2
ICAL := netvaerk/tests/ical/node_modules/.package-lock.json
IDP := netvaerk/tests/idp/node_modules/.package-lock.json

.PHONY: run test test-services test-browser test-faults test-faults-short bench bench-outbox bench-pages bench-feed check messages lock vendor screenshots

run: $(VENV)/.product
	$(BIN)/python manage.py develop

test: $(VENV)/.tests
	$(BIN)/python -m pytest -n $(WORKERS) -m "not browser and not services and not faults"

# Addresses come from the environment: DATABASE_URL (PostgreSQL) and CELERY_BROKER_URL (Redis).
# ical.js, which reads our calendars, comes from npm by a locked list; Dovecot from Debian's dovecot-imapd.
# So do the two identity providers for single sign-on.
test-services: $(VENV)/.tests $(ICAL) $(IDP)
	$(BIN)/python -m pytest -n $(WORKERS) -m "not browser and not faults"

# Needs Chromium; CHROMIUM names it when it is not at /usr/bin/chromium.
test-browser: $(VENV)/.tests
	$(BIN)/python -m pytest -n $(BROWSERS) -m browser

# Needs PostgreSQL's and Redis' programs; the servers are its own, in a temporary folder.
test-faults: $(VENV)/.tests
	$(BIN)/python -m netvaerk.tests.faults
	$(BIN)/python -m netvaerk.tests.faults --sqlite

test-faults-short: $(VENV)/.tests
	$(BIN)/python -m netvaerk.tests.faults --short

# The real stack under load, beside bare Django: PostgreSQL, Redis and Chromium as above; wrk if it is there. BENCH holds
# its options, fx BENCH="--minutes 10", "--hours 24 --only endurance" or "--only bare".
bench: $(VENV)/.tests
	$(BIN)/python -m netvaerk.benchmarks.load $(BENCH)

bench-feed: $(VENV)/.tests
	$(BIN)/python -m netvaerk.benchmarks.feed

bench-outbox: $(VENV)/.tests
	$(BIN)/python -m netvaerk.benchmarks.outbox

bench-pages: $(VENV)/.tests
	$(BIN)/python -m netvaerk.benchmarks.pages

check: $(VENV)/.tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run

# Collects texts for translation and compiles the catalogue; needs gettext.
messages: $(VENV)/.product
	$(BIN)/python manage.py makemessages -l en --no-location --no-obsolete --no-wrap --ignore .venv --ignore var --ignore node_modules
	$(BIN)/python manage.py compilemessages -l en --ignore .venv

lock: $(VENV)/.tests
	$(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-strip-extras --allow-unsafe --output-file requirements.txt requirements.in
	$(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-strip-extras --allow-unsafe --output-file requirements-dev.txt requirements-dev.in

vendor:
	.ci/vendor-dkfds

screenshots: $(VENV)/.tests
	$(BIN)/python -m netvaerk.tests.screenshots

$(ICAL): netvaerk/tests/ical/package-lock.json
	npm ci --prefix netvaerk/tests/ical --no-audit --no-fund --silent
	touch $@

$(IDP): netvaerk/tests/idp/package-lock.json
	npm ci --prefix netvaerk/tests/idp --no-audit --no-fund --silent --ignore-scripts
	touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.product: $(VENV)/bin/python requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

$(VENV)/.tests: $(VENV)/.product requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@
