"""Writes docs/reference/problems.md: a section for each kind of problem.

    .venv/bin/python -m tools.problems_reference

A test fails while the page there is another one.
"""

from __future__ import annotations

import json
from pathlib import Path

from watchword.web.http.problem_documents import ProblemKind
from watchword.web.http.problem_kinds import KINDS

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "problems.md"
HEAD = """\
# Problems of the Management API

A refusal is a problem document of RFC 9457, `application/problem+json`. Programs go by `code`,
which stays as it is. `type` is the address of a page on the console, `/problems/CODE`, which
everybody may read; all pages are below. It begins with the setting `console_url`, or with the
address that the console listens on: with several nodes set `console_url`, so that all of them
answer the same. `detail` says what to do; `instance` holds the number of the request, which the
answer's `X-Request-Id` and the server's log hold as well.
"""


def section(kind: ProblemKind) -> str:
    """One kind, as Markdown."""
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
    """The whole page."""
    return HEAD + "".join(section(kind) for kind in KINDS.values())


if __name__ == "__main__":
    PAGE.write_text(page())
