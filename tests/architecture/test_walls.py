"""Rules of the architecture, and proof that each check fails when its rule is broken."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutants.table import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "watchword"
MOST_LINES, MOST_FUNCTION_LINES = 400, 45
UNITS = (
    "unit(",
    "bookkeeping(",
    "own_account(",
    "acting(",
    "acting_on(",
    "on_other(",
    "app.database",
    "u.app.database",
)
BIN = Path(sys.executable).parent


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the source and its rules, to be broken."""
    shutil.copytree(ROOT / "src", tmp_path / "src")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint_imports(copy: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BIN / "lint-imports"), "--no-cache"], cwd=copy, capture_output=True, text=True,
        env={"PYTHONPATH": str(copy / "src"), "PATH": str(BIN)}, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("domain/mfa.py", "import logging", "The domain is pure"),
        ("domain/totp.py", "import sqlalchemy", "The domain is pure"),
        ("storage/audit.py", "import watchword.usecases.account.own_mfa", "The floors"),
        ("crypto/tokens.py", "import watchword.storage.audit", "The floors"),
        (
            "web/api/endpoints/whoami.py",
            "import watchword.web.console.frame.request_context",
            "do not know each other",
        ),
        ("usecases/account/own_mfa.py", "import sqlalchemy", "SQL is spoken in storage only"),
        ("usecases/account/own_mfa.py", "import watchword.storage.schema", "know no tables"),
        ("usecases/login/password_login.py", "import starlette", "framework stays in the web"),
        ("web/console/login/login.py", "import uvicorn", "known in server only"),
        ("domain/errors.py", "import watchword.domain.accounts", "No imports in a circle"),
    ],
)
def test_forbidden_import_is_reported(copy: Path, file: str, line: str, contract: str) -> None:
    path = copy / "src" / "watchword" / file
    path.write_text(path.read_text() + f"\n{line}\n")
    done = lint_imports(copy)
    assert done.returncode == 1
    broken = [text for text in done.stdout.splitlines() if text.endswith("BROKEN")]
    assert any(contract in text for text in broken), done.stdout


def test_module_outside_the_layers_is_reported(copy: Path) -> None:
    (copy / "src" / "watchword" / "helpers.py").write_text('"""No layer."""\n')
    assert lint_imports(copy).returncode == 1


@pytest.mark.parametrize(
    "text",
    [
        "import datetime\ndatetime.datetime.now()",
        "from datetime import datetime\ndatetime.now()",
        "import datetime\ndatetime.date.today()",
        "import datetime\ndatetime.datetime.today()",
        "import datetime\ndatetime.datetime.utcnow()",
        "import time\ntime.time()",
        "from time import time\ntime()",
        "import time\ntime.time_ns()",
        "import time\ntime.monotonic()",
        "import time\ntime.monotonic_ns()",
        "import time\ntime.perf_counter()",
        "import secrets",
        "import random",
        "import uuid",
        "import os\nos.urandom(1)",
        "import os\nos.getrandom(1)",
    ],
)
def test_use_of_clock_or_randomness_is_reported(copy: Path, text: str) -> None:
    file = copy / "src" / "watchword" / "usecases" / "broken.py"
    file.write_text(text + "\n")
    command = [str(BIN / "ruff"), "check", "--no-cache", "--select", "TID251", "src"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "TID251" in done.stdout


def functions() -> Iterator[tuple[str, int]]:
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                yield f"{file.relative_to(SOURCE)}:{node.name}", node.end_lineno - node.lineno + 1


def test_files_and_functions_are_not_too_long() -> None:
    long_files = {
        str(f.relative_to(SOURCE)): n
        for f in SOURCE.rglob("*.py")
        if (n := len(f.read_text().splitlines())) > MOST_LINES
    }
    assert long_files == {}
    assert {name: n for name, n in functions() if n > MOST_FUNCTION_LINES} == {}


def test_transactions_are_closed_while_hashing() -> None:
    """A `yield from` inside `with unit(...)` would block the database for the time of a hash."""
    found = []
    for file in (SOURCE / "usecases").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.With):
                continue
            text = ast.unparse(node.items[0].context_expr)
            if text.startswith(UNITS):
                inner = [n for n in ast.walk(node) if isinstance(n, ast.YieldFrom)]
                found += [f"{file.name}:{n.lineno}" for n in inner]
    assert found == []


_PATTERNS = {"compile", "match", "fullmatch", "search", "sub", "split", "findall", "finditer"}


def _made_while_running(call: ast.Call) -> bool:
    """Return whether a call makes code, a template, a pattern or a format from a value."""
    text = ast.unparse(call.func)
    if text in {"eval", "exec", "compile", "__import__"} or text.endswith(".from_string"):
        return True
    is_pattern = text.startswith("re.") and text[3:] in _PATTERNS
    is_format = text.endswith((".format", ".format_map"))
    of = call.args[0] if is_pattern and call.args else getattr(call.func, "value", None)
    return (is_pattern or is_format) and not _is_constant(of)


def _is_constant(value: ast.AST | None) -> bool:
    """Return whether an expression is a literal, a constant's name, or made only of these."""
    if isinstance(value, ast.JoinedStr):
        parts = [p.value for p in value.values if isinstance(p, ast.FormattedValue)]
        return all(_is_constant(part) for part in parts)
    if isinstance(value, ast.Name):
        return value.id.isupper()
    return isinstance(value, ast.Constant)


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ("eval(x)", True),
        ("environment.from_string(x)", True),
        ("re.compile(f'{x}')", True),
        ("re.sub(x, '', y)", True),
        ("x.format(y)", True),
        ("re.compile('a')", False),
        ("'{}'.format(y)", False),
        ("_SENTENCE.format(y)", False),
        ("re.compile(f'{_PART}+')", False),
        ("ast.literal_eval(x)", False),
    ],
)
def test_code_made_from_a_value_is_found(line: str, is_found: bool) -> None:
    (call,) = (n for n in ast.walk(ast.parse(line)) if isinstance(n, ast.Call))
    assert _made_while_running(call) is is_found


def test_patterns_code_and_templates_are_literals() -> None:
    """ASVS 5.0, 1.2.9, 1.3.2, 1.3.7 and 1.3.10: the source contains each of them literally."""
    found = [
        f"{file.name}:{node.lineno}"
        for file in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and _made_while_running(node)
    ]
    assert found == []


def test_scripts_of_docs_and_make_are_executable() -> None:
    for script in ("venv.sh", "system-packages.sh", "node-packages.sh", "lint.sh", "lock.sh"):
        assert (ROOT / "tools" / script).stat().st_mode & 0o111


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m.name)
def test_code_changed_by_a_mutation_occurs_once(mutant: Mutant) -> None:
    """`make mutants` takes long and runs seldom: a changed line must be noticed before."""
    text = (SOURCE / mutant.file).read_text()
    for old, new in mutant.edits:
        assert text.count(old) == 1
        text = text.replace(old, new)


def test_lock_files_contain_hashes_and_no_index() -> None:
    for file in (ROOT / "requirements").glob("*.txt"):
        text = file.read_text()
        assert "index-url" not in text
        assert "://" not in text
        assert "--hash=sha256:" in text


class _AtImport(ast.NodeVisitor):
    """Collects translations that run when the module is imported: outside of function bodies."""

    def __init__(self) -> None:
        self.lines: list[int] = []

    def visit_Call(self, call: ast.Call) -> None:
        if isinstance(call.func, ast.Name) and call.func.id in {"_", "ngettext"}:
            self.lines.append(call.lineno)
        self.generic_visit(call)

    def visit_FunctionDef(self, function: ast.FunctionDef) -> None:
        self._visit_head(function)

    def visit_AsyncFunctionDef(self, function: ast.AsyncFunctionDef) -> None:
        self._visit_head(function)

    def _visit_head(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        defaults = [*function.args.defaults, *function.args.kw_defaults]
        for each in [*function.decorator_list, *filter(None, defaults)]:
            self.visit(each)

    def visit_Lambda(self, function: ast.Lambda) -> None:
        """Skip the body."""


def test_no_sentence_is_translated_at_import() -> None:
    """It would have the language of the process for every request; N_ marks such a sentence."""
    found = []
    for file in SOURCE.rglob("*.py"):
        seen = _AtImport()
        seen.visit(ast.parse(file.read_text()))
        found += [f"{file.relative_to(SOURCE)}:{line}" for line in seen.lines]
    assert found == []
    broken = _AtImport()
    broken.visit(ast.parse("X = {1: _('a')}\n@option(help=_('b'))\ndef f(x=_('c')):\n    _('d')\n"))
    assert broken.lines == [1, 2, 3]
