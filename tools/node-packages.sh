#!/bin/sh
# Installs the Node packages for the tests, as pinned by tests/node/package-lock.json, unless they
# are installed already.
set -eu
cd "$(dirname "$0")/../tests/node"
cmp -s package-lock.json node_modules/.installed.json && exit 0
npm ci --silent --ignore-scripts --no-audit --no-fund
cp package-lock.json node_modules/.installed.json
