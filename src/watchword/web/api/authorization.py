"""Who calls, as the use-cases want to know it."""

from __future__ import annotations

from starlette.requests import Request

from watchword.domain.audit import Actor, Interface
from watchword.domain.errors import WritingSwitchedOff
from watchword.usecases.administrators.authorization import By
from watchword.usecases.context import Watchword
from watchword.web.http.request_scope import actor_of


def reader(request: Request) -> Actor:
    """Return the authenticated caller of an operation that reads."""
    account = request.scope["state"]["caller"].account
    return actor_of(request.scope, Interface.API).known_as(account.id, account.username)


def writer(app: Watchword, request: Request) -> By:
    """Return the caller of an operation that changes something. Raises WritingSwitchedOff."""
    if not app.settings.api_manages_administrators:
        raise WritingSwitchedOff
    caller = request.scope["state"]["caller"]
    return By(reader(request), caller.account, caller=caller)
