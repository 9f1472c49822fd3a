"""A simulated year of guessing codes, compared with the formula 1 - (1 - p)^n.

The attacker has the password and guesses whenever the real `Throttle` allows it. The owner logs in
at a random time of the day; if throttled, the owner goes first when the wait ends. Each correct
login resets the consecutive failures, which is the best case for the attacker. When the monthly
budget is used up, the owner's next login sets a new password and the guessing ends. "without the
month" shows the result without that rule.
"""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

from watchword.domain.throttle import POLICIES, Closed, Kind, Open, Throttle, Wait

POLICY, MONTH = POLICIES[Kind.CODE], POLICIES[Kind.CODE_MONTH]
START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
CODES = 10**6
TIMELINES = 5
YEARS = 20_000
GUESS = timedelta(seconds=1)
"""Duration of a guess: two requests."""


def _logins(per_day: int, chance: random.Random) -> list[datetime]:
    """Return the times of the owner's logins: `per_day` each day, between 7 and 19 o'clock."""
    hours = [
        timedelta(days=day, hours=7, seconds=chance.uniform(0, 12 * 3600))
        for day in range(YEAR.days)
        for _ in range(per_day)
    ]
    return sorted(START + each for each in hours)


def guesses_in_a_year(per_day: int, chance: random.Random, *, with_month: bool = True) -> int:
    """Return the number of guesses that the throttles allow."""
    throttle, month, now, guesses = Throttle(), Throttle(), START, 0
    is_password_known = True
    logins = _logins(per_day, chance)
    while now < START + YEAR:
        match throttle.check(POLICY, now):
            case Closed():
                return guesses  # only a reset opens it, and a reset makes a new secret
            case Wait(until):
                now = until
            case Open():
                if logins and logins[0] <= now:
                    if not is_password_known:
                        return guesses
                    logins.pop(0)
                    throttle = throttle.reserved(POLICY, now).after_success(POLICY)
                    continue
                guesses += 1
                throttle = throttle.reserved(POLICY, now).released()
                month = month.reserved(MONTH, now).released()
                is_used_up = not isinstance(month.check(MONTH, now), Open)
                is_password_known = is_password_known and not (with_month and is_used_up)
                now += GUESS
    return guesses


def _share_with_a_hit(guesses: int, chance_of_one: float, chance: random.Random) -> float:
    """Return the share of simulated years with a correct guess. The number of the first correct
    guess is drawn for each year.
    """
    per_year = math.log1p(-chance_of_one)
    first = (math.log(1.0 - chance.random()) / per_year for _ in range(YEARS))
    return sum(number < guesses for number in first) / YEARS


def run() -> dict[str, float]:
    chance = random.Random(20260314)
    found: dict[str, float] = {}
    for label, per_day in (("never logs in", 0), ("once a day", 1), ("five times a day", 5)):
        rounds = [guesses_in_a_year(per_day, chance) for _ in range(TIMELINES)]
        guesses = round(sum(rounds) / TIMELINES)
        found[f"owner {label}: guesses in a year"] = guesses
        found[f"  {label}, without the month: guesses"] = guesses_in_a_year(
            per_day, chance, with_month=False
        )
        for window in (1, 0):
            one = (2 * window + 1) / CODES
            drawn = 100 * _share_with_a_hit(guesses, one, chance)
            formula = 100 * -math.expm1(guesses * math.log1p(-one))
            found[f"  {label}, window {window}: hit, drawn (%)"] = drawn
            found[f"  {label}, window {window}: hit, formula (%)"] = formula
    return found
