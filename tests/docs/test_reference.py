"""Generated reference pages: up to date with the code."""

from __future__ import annotations

from types import ModuleType

import pytest

from tools import command_line_reference, events_reference
from watchword.domain.audit import AuditEvent
from watchword.domain.audit_categories import CATEGORIES


@pytest.mark.parametrize(
    "tool", [command_line_reference, events_reference], ids=lambda t: t.__name__.rpartition(".")[2]
)
def test_reference_page_is_up_to_date(tool: ModuleType) -> None:
    assert tool.PAGE.read_text() == tool.page(), f"run .venv/bin/python -m {tool.__name__}"


@pytest.mark.parametrize("event", AuditEvent)
def test_every_event_has_a_sentence(event: AuditEvent) -> None:
    sentence = events_reference.SENTENCES[event]
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    row = f"| `{event.value}` | {CATEGORIES[event].value} | {sentence} |"
    assert row in events_reference.PAGE.read_text()
