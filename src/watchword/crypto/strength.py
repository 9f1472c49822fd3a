"""Password strength, measured with zxcvbn and its 30,000 common passwords.

zxcvbn multiplies the guesses for each part of a password, so two guessable parts can pass as a
strong whole ("password password", "Summer2026!Summer"). Therefore the password must also be strong
without the words an attacker tries first, years, runs such as "1234", and words that it repeats.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from typing import Final

FEWEST_POINTS: Final = 3
"""zxcvbn's scale goes from 0 to 4; 3 is "safely unguessable" against online guessing."""
_MOST_CHARACTERS: Final = 72
"""zxcvbn's time grows with the square of the length; further characters only add strength."""
_FEWEST_LETTERS: Final = 3
"""Shorter words are in many passwords by chance, so they are not removed."""
_CALENDAR: Final = (
    "spring", "summer", "autumn", "winter", "fruehling", "frühling", "sommer", "herbst",
    "printemps", "automne", "hiver", "primavera", "verano", "otoño", "invierno",
    "january", "february", "march", "april", "june", "july", "august", "september", "october",
    "november", "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
    "sunday",
)  # fmt: skip
"""Common in passwords that had to be changed every season or month."""
_COMMON: Final = (
    "password", "passwort", "passphrase", "passwd", "kennwort", "qwerty", "qwertz", "azerty",
    "letmein", "welcome", "willkommen", "changeme", "iloveyou", "geheim",
)  # fmt: skip
"""Beginnings of the most common passwords, such as "Password123456789!"."""
GUESSED_FIRST: Final = (*_CALENDAR, *_COMMON)
"""Words that are removed from every password; the script of the pages removes them too."""
_SHORTEST_RUN: Final = 4
_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}")
_WORD: Final = re.compile(r"[^\W_]+")


def is_guessable(password: str, context: Iterable[str]) -> bool:
    """Return whether an attacker with a word list would find the password.

    `context` contains the words of the account and the installation.
    """
    words = [w.casefold() for w in (*context, *GUESSED_FIRST) if w]
    rest = _without(password.casefold(), words)
    return not rest or any(_points(text, words) < FEWEST_POINTS for text in {password, rest})


def _points(password: str, words: Sequence[str]) -> int:
    from zxcvbn import zxcvbn  # the word lists, 14 MiB: loaded for the first new password

    score: int = zxcvbn(password[:_MOST_CHARACTERS], user_inputs=words)["score"]
    return score


def _without(password: str, words: Iterable[str]) -> str:
    """Remove the words, also reversed, then years, runs and repeated words."""
    known = {text for word in words for text in (word, word[::-1]) if len(word) >= _FEWEST_LETTERS}
    for word in sorted(known, key=len, reverse=True):
        password = password.replace(word, " ")
    seen: set[str] = set()

    def once(found: re.Match[str]) -> str:
        is_new = found[0] not in seen
        seen.add(found[0])
        return found[0] if is_new else ""

    rest = _without_runs(_YEAR.sub(" ", password))
    return " ".join(_WORD.sub(once, rest).split())


def _without_runs(text: str) -> str:
    """Remove runs of the same character or of consecutive ones, such as "aaaa" and "4321"."""
    kept, start = [], 0
    for end in range(1, len(text) + 1):
        steps = {ord(b) - ord(a) for a, b in itertools.pairwise(text[start : end + 1])}
        if end == len(text) or len(steps) > 1 or not steps <= {-1, 0, 1}:
            run = text[start:end]
            kept.append(run if len(run) < _SHORTEST_RUN else " ")
            start = end
    return "".join(kept)
