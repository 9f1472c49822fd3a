#!/bin/sh
# Checks format, lint rules, types, import rules, spelling and banned words. Every check runs; any
# failure sets the exit code.
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
# tools/banned_words.txt lists words that docs/glossary.md replaces. In tests, strings are data.
check "banned words" .venv/bin/codespell --dictionary tools/banned_words.txt \
    --skip "tools/banned_words.txt,tools/idioms.py,*.po" \
    --ignore-multiline-regex "<!-- not: begin -->.*?<!-- not: end -->" \
    *.md Makefile bench docs packaging src tools
check "banned words in tests" .venv/bin/codespell --dictionary tools/banned_words.txt \
    --ignore-regex '(?<!")"[^"\n]+"(?!")|\bNOBODY\b' tests
exit "$failed"
