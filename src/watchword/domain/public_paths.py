"""Public paths of an application: the rules, and the paths that no rule may match.

A rule is a path such as `/favicon.ico`, which matches exactly this path, or a prefix such as
`/public/*`, which matches `/public` and everything below it, but not `/publicity`. Upper and lower
case differ, and the query is not part of the path.

A rule lowers the protection, so it must mean the same to the gateway, the proxy and the tool. An
*ambiguous* path can mean different files to them: a proxy may collapse `//`, resolve `..`, decode
`%2f` or cut `;`. Such a path matches no rule and needs a login. It is not refused: tools such as
GitLab use `%2F` in paths.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

MOST_PATH_CHARACTERS: Final = 1024
BELOW: Final = "/*"
_AMBIGUOUS: Final = re.compile(
    r"//|/\.\.?(?=/|\Z)|[;\\#]|[^\x21-\x7e]|%(?![0-9A-Fa-f]{2})"
    r"|%(?:2[fF]|5[cC]|2[eE]|00|23|3[bB]|3[fF]|25)"
)


def is_ambiguous(path: str) -> bool:
    """Return whether proxies and tools can read the raw path, without its query, differently."""
    return not path.startswith("/") or _AMBIGUOUS.search(path) is not None


def rule_problem(rule: str) -> str | None:
    """Return the name of the first condition that a rule breaks."""
    path = rule.removesuffix(BELOW)
    broken = {
        "not-a-path": not rule.startswith("/"),
        "path-too-long": len(rule) > MOST_PATH_CHARACTERS,
        "everything-public": rule == BELOW,
        "query-in-path": "?" in path,
        "star-inside": "*" in path,
        "ambiguous-path": is_ambiguous(rule),
    }
    return next((name for name, is_broken in broken.items() if is_broken), None)


def matching(rules: Iterable[str], path: str) -> str | None:
    """Return the first rule that matches the raw path, or None."""
    if is_ambiguous(path):
        return None
    return next((rule for rule in rules if _matches(rule, path)), None)


def _matches(rule: str, path: str) -> bool:
    if rule.endswith(BELOW):
        prefix = rule.removesuffix(BELOW)
        return path == prefix or path.startswith(f"{prefix}/")
    return path == rule
