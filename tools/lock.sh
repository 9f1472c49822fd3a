#!/bin/sh
# Locks requirements/*.txt: every version with its hashes, without the address of an index.
# Needs `uv` on the PATH; only maintainers run it.
set -eu
cd "$(dirname "$0")/.."
lock() {
    out=$1; shift
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --no-emit-find-links --no-annotate --output-file "$out" "$@"
}
lock requirements/runtime.txt pyproject.toml
lock requirements/build.txt requirements/build.in
lock requirements/test.txt requirements/test.in -c requirements/runtime.txt
lock requirements/bench.txt requirements/bench.in -c requirements/runtime.txt
