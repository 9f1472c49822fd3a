"""Writes the diagram in docs/explanation/life-cycle.md from the table of transitions.

    .venv/bin/python -m tools.life_cycle_diagram

A test fails while the diagram is out of date.
"""

from __future__ import annotations

from pathlib import Path

from watchword.domain.mfa import TRANSITIONS, Status

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "life-cycle.md"


def diagram() -> str:
    """Return the life cycle as a state diagram and a table of the effects of each transition."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {Status.DISABLED.value}"]
    for (start, event), transition in TRANSITIONS.items():
        lines.append(f"    {start.value} --> {transition.to.value}: {event.value}")
    lines += ["```", "", "| from | event | to | effects |", "|---|---|---|---|"]
    for (start, event), transition in TRANSITIONS.items():
        effects = "; ".join(sorted(effect.value for effect in transition.effects))
        lines.append(f"| {start.value} | {event.value} | {transition.to.value} | {effects} |")
    return "\n".join(lines) + "\n"


def page(text: str) -> str:
    """Return the page with the current diagram and table."""
    before, _mark, rest = text.partition("<!-- generated -->\n")
    _old, _mark, after = rest.partition("<!-- end -->")
    return f"{before}<!-- generated -->\n{diagram()}<!-- end -->{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
