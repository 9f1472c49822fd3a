"""The life cycle diagram: generated from the code's transitions."""

from __future__ import annotations

from tools import life_cycle_diagram
from watchword.domain.mfa import TRANSITIONS


def test_diagram_shows_every_transition() -> None:
    text = life_cycle_diagram.PAGE.read_text()
    assert life_cycle_diagram.page(text) == text, "run .venv/bin/python -m tools.life_cycle_diagram"
    for (start, event), transition in TRANSITIONS.items():
        assert f"    {start.value} --> {transition.to.value}: {event.value}\n" in text
