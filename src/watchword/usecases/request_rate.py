"""How many requests the API takes from one credential: as many as come, or what a setting says.

It is no budget of guesses, for who is counted here is let in already; it keeps one script that has
run wild from taking the server away from the others. Counted in memory, for each node by itself: a
write for each request would cost more than the request.
"""

from __future__ import annotations

import math

from watchword.domain.errors import TooFast
from watchword.domain.throttle import Throttle, Wait, requests_a_minute
from watchword.usecases.api_access import Caller, Credential
from watchword.usecases.context import Watchword


class RequestRate:
    """For one process."""

    def __init__(self, app: Watchword) -> None:
        self._app = app
        self._policy = requests_a_minute(app.settings.api_requests_per_minute or 1)
        self._counted: dict[tuple[int, Credential], Throttle] = {}

    def demand(self, caller: Caller) -> None:
        """Count a request of the caller. Raises TooFast, and counts nothing, beyond the limit."""
        if not self._app.settings.api_requests_per_minute:
            return
        credential = caller.account.id, caller.credential
        now = self._app.clock.now()
        before = self._counted.get(credential, Throttle())
        state = before.check(self._policy, now)
        if isinstance(state, Wait):
            raise TooFast(retry_after=max(1, math.ceil((state.until - now).total_seconds())))
        self._counted[credential] = before.reserved(self._policy, now).released()
