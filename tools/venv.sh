#!/bin/sh
# Makes .venv and installs the locked requirements: `venv.sh runtime`, `venv.sh test`
# or `venv.sh bench`.
# `VENV=DIR venv.sh package` makes an environment that does not need this folder.
set -eu
cd "$(dirname "$0")/.."
venv=${VENV:-.venv}

find_python() {
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        # Version managers leave stubs on the PATH that do not run.
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    here=$("${PYTHON:-python3}" -V 2>/dev/null) || here="no Python"
    echo "Watchword needs Python 3.11 or newer, but this machine has $here. Debian 12 and Ubuntu" \
        "24.04 have it (apt install python3). Elsewhere set PYTHON=/path/to/python3.12" >&2
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
    "$python" -m venv --clear "$venv"
}

if ! mkdir -p "$venv" 2>/dev/null || ! [ -w "$venv" ]; then
    echo "This user may not write to $venv. Use a folder that belongs to this user." >&2
    exit 1
fi

# In an incomplete environment, or after the removal of its Python, pip does not run.
"$venv/bin/python" -m pip --version >/dev/null 2>&1 || make_venv
pip() { "$venv/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }
# Wheels only: building a source package would run its code with the rights of this user.
locked() { pip install --require-hashes --only-binary :all: "$@"; }

case "$1" in
runtime)
    echo "Installing the requirements of Watchword into $venv ..." >&2
    locked -r requirements/build.txt -r requirements/runtime.txt
    pip install --no-deps --no-build-isolation --editable .
    # Otherwise each start compiles every module where the user of the server may not write.
    "$venv/bin/python" -m compileall -q src/watchword
    touch .venv/.runtime
    ;;
package)
    locked -r requirements/build.txt -r requirements/runtime.txt
    pip install --no-deps --no-build-isolation --force-reinstall .
    ;;
bench) # of their own, so that no peer changes a package of the server
    "$venv/bin/python" -m venv --clear "$venv/peers"
    "$venv/peers/bin/python" -m pip --quiet --disable-pip-version-check install \
        --require-hashes --only-binary :all: -r requirements/bench.txt
    touch .venv/.bench
    ;;
test)
    locked -r requirements/runtime.txt -r requirements/test.txt
    touch .venv/.test
    ;;
esac
