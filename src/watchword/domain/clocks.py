"""Tolerance for times written by other nodes."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

CLOCK_TOLERANCE: Final = timedelta(minutes=5)
"""How far the clocks of two nodes may differ. A later time means that a clock was set back."""
