#!/bin/sh
# Installs the Node packages that the tests drive, as tests/node/package-lock.json pins them, when
# they are not there yet.
set -eu
cd "$(dirname "$0")/../tests/node"
cmp -s package-lock.json node_modules/.installed.json && exit 0
npm ci --silent --ignore-scripts --no-audit --no-fund
cp package-lock.json node_modules/.installed.json
