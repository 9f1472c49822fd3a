"""Counts idioms per 1,000 words of prose, by place and kind.

    .venv/bin/python -m tools.idioms [--list KIND] [--check] [FOLDER...]

The prose of a Python file is its docstrings and comments; in src also the sentences that people
read. The prose of a Markdown file is its text without code and bad examples. CONTRIBUTING.md
describes how we write.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Final

KINDS: Final = {
    # A relative clause after a noun ("the client that", "an administrator who") is fine.
    "clause subject": re.compile(
        r"(?:^|(?<=[.,:;(] )|(?<=\bof )|(?<=\bfor )|(?<=\bto )|(?<=\bby )|(?<=\bfrom )"
        r"|(?<=\bwith )|(?<=\band )|(?<=\bor )|(?<=\bthan )|(?<=\bas )|(?<=\bin )|(?<=\bon )"
        r"|(?<=\bis )|(?<=\bare )|(?<=\bnot )|(?<=\bonly )|(?<=\bbut )|(?<=\bif )|(?<=\bthat ))"
        r"(?:who|what|whoever|whatever|whom)\b(?![^.?!]*\?)",
        re.IGNORECASE | re.MULTILINE,
    ),
    "somebody": re.compile(
        r"\b(?:(?:some|no|every|any)body(?:'s)?|nobodys|strangers?)\b", re.IGNORECASE
    ),
    "tell": re.compile(r"\b(?:tell|tells|told|telling)\b", re.IGNORECASE),
    "anew": re.compile(
        r"\b(?:anew|beside|at once|for ever|of its own accord|(?:no|not|n't)\b[^.;:]{0,60}\bany more)\b",
        re.IGNORECASE,
    ),
}
MOST: Final = 0.3
"""Per 1,000 words, of each kind in each place."""
_FOLDERS: Final = ("src", "tests", "tools", "bench", "docs")


def files(folder: str) -> list[Path]:
    """Return the tracked Python and Markdown files below a folder."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", folder], check=True, capture_output=True, text=True
    ).stdout
    paths = [Path(name) for name in listed.split("\0") if name.endswith((".py", ".md", ".html"))]
    return [path for path in paths if path.exists() and path != Path(__file__)]


def prose(path: Path) -> Iterator[str]:
    """Yield the paragraphs of a file, each as one line."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from _python(text, with_sentences=path.parts[0] == "src")
    elif path.suffix == ".html":
        yield from re.findall(r'_\("([^"]+)"', text)
    else:
        quoted = r"```.*?```|`[^`\n]*`|<!-- not: begin -->.*?<!-- not: end -->"
        text = re.sub(quoted, " ", text, flags=re.DOTALL)
        yield from (" ".join(part.split()) for part in re.split(r"\n\s*\n|\n(?=[-|#\d])", text))


def _python(text: str, *, with_sentences: bool) -> Iterator[str]:
    """Yield docstrings and comments, the names of tests, and the sentences of src."""
    docstrings: set[ast.Constant] = set()
    strings: list[ast.Constant] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name.removeprefix("test_").replace("_", " ")
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            docstrings.add(node.value)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            strings.append(node)
    for node in strings:
        if node in docstrings or (with_sentences and str(node.value).count(" ") > 2):
            yield " ".join(str(node.value).split())
    yield from _comments(text)


def _comments(text: str) -> Iterator[str]:
    """Yield comments; those on lines that follow each other are one."""
    found: list[str] = []
    last = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            if token.start[0] != last + 1 and found:
                yield " ".join(found)
                found = []
            found.append(token.string.lstrip("#: "))
            last = token.start[0]
    if found:
        yield " ".join(found)


def found_in(folder: str) -> tuple[int, dict[str, list[str]]]:
    """Return the number of words of a folder's prose, and each idiom with its place."""
    words = 0
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for path in files(folder):
        for paragraph in prose(path):
            words += len(paragraph.split())
            for kind, pattern in KINDS.items():
                for hit in pattern.finditer(paragraph):
                    around = paragraph[max(0, hit.start() - 30) : hit.end() + 40]
                    found[kind].append(f"{path}: ...{around}...")
    return words, found


def main() -> int:
    """Print the table. Returns 1 when a figure is above MOST and --check is given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="*", default=_FOLDERS)
    parser.add_argument("--list", metavar="KIND", choices=[*KINDS, "all"], help="show each place")
    parser.add_argument("--check", action="store_true", help=f"fail above {MOST} per 1,000 words")
    given = parser.parse_args()
    is_above = False
    print(f"{'per 1,000 words':24}{'words':>8}" + "".join(f"{kind:>16}" for kind in KINDS))
    for folder in given.folders:
        words, found = found_in(folder)
        rates = {kind: 1000 * len(places) / max(words, 1) for kind, places in found.items()}
        is_above = is_above or any(rate > MOST for rate in rates.values())
        print(f"{folder:24}{words:8}" + "".join(f"{rate:16.2f}" for rate in rates.values()))
        for kind, places in found.items():
            if given.list in {kind, "all"}:
                print("\n".join(f"  {kind}: {place}" for place in places))
    return int(given.check and is_above)


if __name__ == "__main__":
    sys.exit(main())
