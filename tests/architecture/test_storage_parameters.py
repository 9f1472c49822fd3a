"""Functions of storage take named parameters and frozen values: no names of columns in dictionaries."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.served import ROOT

STORAGE = ROOT / "src" / "watchword" / "storage"
HELPERS = {"database.py", "postgres.py"}
"""Modules whose functions are called with tables and engine options, by storage only."""
TABLES = ("dict", "Mapping", "MutableMapping")


def loose(source: str) -> Iterator[str]:
    """The public functions with `**` or a dictionary as a parameter."""
    for node in ast.parse(source).body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        texts = [ast.unparse(each.annotation) for each in arguments if each.annotation]
        if node.args.kwarg or any(text.startswith(TABLES) for text in texts):
            yield node.name


@pytest.mark.parametrize(
    "path", sorted(p for p in STORAGE.glob("*.py") if p.name not in HELPERS), ids=lambda p: p.stem
)
def test_storage_function_takes_no_dictionary(path: Path) -> None:
    assert list(loose(path.read_text())) == []


@pytest.mark.parametrize(
    ("parameters", "is_loose"),
    [
        ("id_: int, **values: Any", True),
        ("values: dict[str, Any]", True),
        ("*, values: Mapping[str, object]", True),
        ("new: NewSession, *, seen: int | None", False),
        ("digests: list[str]", False),
    ],
)
def test_dictionary_as_a_parameter_is_found(parameters: str, is_loose: bool) -> None:
    assert bool(list(loose(f"def change(connection: Connection, {parameters}) -> None: ..."))) is (
        is_loose
    )
