"""How the console's pages look to the administrator. Nothing here affects security."""

from __future__ import annotations

from watchword import time_zones
from watchword.domain.errors import Invalid, Problem
from watchword.storage import administrators
from watchword.usecases.context import Watchword
from watchword.usecases.sessions.sessions import Principal, demand_standing
from watchword.usecases.unit_of_work import bookkeeping


def choose_time_zone(app: Watchword, principal: Principal, name: str) -> None:
    """Store the time zone of the administrator's pages; "" follows the browser. Raises Invalid for
    an unknown name, and SessionEnded.
    """
    if name and name not in time_zones.names():
        raise Invalid(Problem("time_zone", "unknown-time-zone"))
    with bookkeeping(app) as u:
        administrators.set_time_zone(u.connection, principal.account.id, name)
        demand_standing(u, principal)  # after the account: see unit_of_work.py


def choose_language(app: Watchword, principal: Principal, language: str) -> None:
    """Store a language for all browsers of the account; "" follows each. Raises SessionEnded."""
    with bookkeeping(app) as u:
        administrators.set_language(u.connection, principal.account.id, language)
        demand_standing(u, principal)  # after the account: see unit_of_work.py
