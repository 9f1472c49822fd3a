# make run     start Watchword on ./data (installs what it needs into .venv at the first call)
# make test    install what the tests need, then run every test
# make lint    format, lint, types, import rules, spelling
# make soak    kill the server again and again under load, on both databases (minutes)
# make fuzz    throw changed bytes at everything that reads a stranger's, for MINUTES (30)
# make bench   the benchmarks
# make wheels  install the package with Python 3.11, 3.12 and 3.13, and run it from an empty folder
# make mutants take out one check after the other, and see the tests notice
.PHONY: help run test soak fuzz lint bench wheels mutants pictures format
.SILENT:

help:
	sed -n 's/^# //p' Makefile

run: .venv/.runtime
	exec .venv/bin/watchword serve --data-dir ./data

test: .venv/.test
	tools/system-packages.sh
	tools/node-packages.sh
	TMPDIR=$$(tools/test-folder.sh) .venv/bin/python -m pytest -n 3 $(ARGS)

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

bench: .venv/.test
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

mutants: .venv/.test
	tools/system-packages.sh
	tools/node-packages.sh
	.venv/bin/python -m tests.mutants
