"""Writes docs/reference/problems.md: a section for each kind of problem.

    .venv/bin/python -m tools.problems_reference

A test fails while the page is out of date.
"""

from __future__ import annotations

import json
from pathlib import Path

from watchword.web.http.problem_documents import ProblemKind
from watchword.web.http.problem_kinds import KINDS

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "problems.md"
HEAD = """\
# Problems of the Management API

A refusal is a problem document (RFC 9457, `application/problem+json`). Programs should use `code`,
which is stable. `detail` describes the cause or the remedy.

`type` is the address of a public page of the console, `/problems/CODE`; this page contains all of
them. The address begins with the setting `console_url`, or with the address that the console
listens on. With several nodes, set `console_url`, so that all nodes send the same `type`.

`instance` contains the id of the request, as do the header `X-Request-Id` of the response and the
server's log.
"""


def section(kind: ProblemKind) -> str:
    """Return one kind, as Markdown."""
    example = json.dumps(kind.example(), indent=2, ensure_ascii=False)
    return f"""
## {kind.code}

{kind.status}: {kind.title}.

{kind.happened}

**What to do:** {kind.remedy}

```json
{example}
```
"""


def page() -> str:
    """Return the page."""
    return HEAD + "".join(section(kind) for kind in KINDS.values())


if __name__ == "__main__":
    PAGE.write_text(page())
