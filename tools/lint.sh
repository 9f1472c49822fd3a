#!/bin/sh
# Format, lint, types, import rules, spelling. Every check runs; one that fails fails all.
set -u
cd "$(dirname "$0")/.."
failed=0
check() {
    echo "--- $1"
    shift
    "$@" || failed=1
}
check "format" .venv/bin/ruff format --check --quiet src tests bench tools
check "lint" .venv/bin/ruff check --quiet src tests bench tools
check "types" .venv/bin/mypy
check "import rules" .venv/bin/lint-imports --no-cache
check "spelling" .venv/bin/codespell --ignore-words-list cros src tests docs tools bench *.md
# Folders are added as their texts are rewritten.
check "banned words" .venv/bin/codespell --dictionary tools/banned_words.txt \
    --ignore-multiline-regex "<!-- not: begin -->.*?<!-- not: end -->" \
    README.md docs/README.md docs/decisions docs/glossary.md docs/how-to docs/security docs/tutorial
exit "$failed"
