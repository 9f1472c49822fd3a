# make run      start Watchword on ./data (the first call installs the requirements into .venv)
# make test     install the requirements of the tests, then run every test
# make lint     check format, lint rules, types, import rules, spelling, banned words
# make format   format the code, and repair lint errors where possible
# make soak     kill the server repeatedly under load, on both databases (minutes)
# make fuzz     send mutated input to every parser of untrusted data, for MINUTES (30)
# make bench    run the benchmarks
# make wheels   install the package with Python 3.11, 3.12 and 3.13, and run it from an empty folder
# make mutants  remove one check after the other, and test that a test fails (minutes)
# make pictures take a screenshot of every page
.PHONY: help run test soak fuzz lint bench wheels mutants pictures format
.SILENT:

help:
	sed -n 's/^# //p' Makefile

run: .venv/.runtime
	exec .venv/bin/watchword serve --data-dir ./data

test: .venv/.test
	tools/system-packages.sh
	tools/node-packages.sh
	TMPDIR=$$(tools/test-folder.sh) .venv/bin/python -m pytest -n 4 $(ARGS)

soak: .venv/.test
	tools/system-packages.sh
	SOAK_ROUNDS=$${SOAK_ROUNDS:-20} .venv/bin/python -m pytest -s --timeout 3600 tests/soak $(ARGS)

fuzz: .venv/.test
	.venv/bin/python -m tests.fuzz $${MINUTES:-30}

lint: .venv/.test
	tools/lint.sh

format: .venv/.test
	.venv/bin/ruff format src tests bench tools
	.venv/bin/ruff check --fix src tests bench tools

bench: .venv/.bench
	tools/system-packages.sh bench
	.venv/bin/python -m bench

wheels: .venv/.test
	.venv/bin/python -m tools.wheels $(ARGS)

pictures: .venv/.test
	tools/system-packages.sh pictures
	.venv/bin/python tools/pictures.py $(ARGS)

.venv/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml
	tools/venv.sh runtime

.venv/.test: .venv/.runtime requirements/test.txt
	tools/venv.sh test

.venv/.bench: .venv/.test requirements/bench.txt
	tools/venv.sh bench

mutants: .venv/.test
	tools/system-packages.sh
	tools/node-packages.sh
	.venv/bin/python -m tests.mutants
