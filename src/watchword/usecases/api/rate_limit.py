"""Rate limit of the API for each credential: a setting, off by default.

Each process (worker) counts in memory, because a row for each request would cost more than the request.
Every authenticated request within the limit counts, also one that ends in an error.
"""

from __future__ import annotations

import math
from datetime import timedelta

from watchword.domain.errors import TooManyRequests
from watchword.domain.throttle import Policy, Throttle, Wait
from watchword.usecases.api.authentication import Caller, Credential
from watchword.usecases.context import Watchword


class Pace:
    """The counts of one process."""

    def __init__(self, app: Watchword) -> None:
        self._app = app
        self._limit = app.settings.api_requests_per_minute
        # Nothing is guessed here, so one request does not wait for another.
        self._policy = Policy(
            free=0, window=timedelta(minutes=1), window_limit=self._limit, one_at_a_time=False
        )
        self._seen: dict[tuple[int, Credential], Throttle] = {}

    def demand(self, caller: Caller) -> None:
        """Count a request. Raises TooManyRequests above the limit. A refused request is not
        counted, so that a script that keeps asking is accepted at the rate of the limit.
        """
        if not self._limit:
            return
        key, now = (caller.account.id, caller.credential), self._app.clock.now()
        # The times are of this process only, so a clock that went back needs no tolerance.
        throttle = self._seen.get(key, Throttle()).lowered(self._policy, now, timedelta(0))
        self._seen[key] = throttle
        found = throttle.check(self._policy, now)
        if isinstance(found, Wait):
            wait = math.ceil((found.until - now).total_seconds())
            raise TooManyRequests(retry_after=wait)
        self._seen[key] = throttle.reserved(self._policy, now)
