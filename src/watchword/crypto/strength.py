"""How guessable a password is, by zxcvbn and its 30,000 common passwords.

The lists take memory and a tenth of a second to load, so they are loaded when a password is
set, never at start or at login.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

FEWEST_POINTS: Final = 3
"""zxcvbn's scale goes from 0 to 4; 3 is "safely unguessable" against online guessing."""
_MOST_CHARACTERS: Final = 72
"""zxcvbn's time grows with the square of the length; what follows cannot make it weaker."""


def is_guessable(password: str, context: Iterable[str]) -> bool:
    """Return whether a person with a word list would come upon it."""
    from zxcvbn import zxcvbn

    words = [w for w in context if w]
    score: int = zxcvbn(password[:_MOST_CHARACTERS], user_inputs=words)["score"]
    return score < FEWEST_POINTS
