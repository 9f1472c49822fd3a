"""Tolerance for times that another node has written."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

CLOCK_TOLERANCE: Final = timedelta(minutes=5)
"""How far the clocks of two nodes may differ. A time further ahead is of a clock that went back."""
