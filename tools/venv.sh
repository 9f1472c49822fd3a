#!/bin/sh
# Makes .venv and installs the locked requirements: `venv.sh runtime` or `venv.sh test`.
set -eu
cd "$(dirname "$0")/.."

find_python() {
    for name in python3 python3.13 python3.12 python3.11; do
        # A name may be on the PATH and still not run (version managers leave such stubs).
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    echo "Watchword needs Python 3.11 or newer; on Debian or Ubuntu: apt install python3" >&2
    exit 1
}

make_venv() {
    python=$(find_python)
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "python$version-venv" >/dev/null
        else
            echo "Python's venv module is missing; as root: apt install python$version-venv" >&2
            exit 1
        fi
    fi
    "$python" -m venv --clear .venv
}

# One that was interrupted half-made, or whose Python is gone, has no pip that runs.
.venv/bin/python -m pip --version >/dev/null 2>&1 || make_venv
pip() { .venv/bin/python -m pip --quiet --disable-pip-version-check "$@"; }

case "$1" in
runtime)
    pip install --require-hashes -r requirements/build.txt -r requirements/runtime.txt
    pip install --no-deps --no-build-isolation --editable .
    touch .venv/.runtime
    ;;
test)
    pip install --require-hashes -r requirements/runtime.txt -r requirements/test.txt
    touch .venv/.test
    ;;
esac
