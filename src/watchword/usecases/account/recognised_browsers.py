"""The recognised browsers of an account: list them, and forget one.

The sessions of a forgotten browser continue. Its next login is that of a new browser.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import AlreadySo
from watchword.storage import known_browsers as stored
from watchword.storage.administrators import is_storable
from watchword.storage.known_browsers import KnownBrowser
from watchword.usecases.context import Watchword
from watchword.usecases.sessions.sessions import Principal, own_account
from watchword.usecases.throttling import known_browsers
from watchword.usecases.unit_of_work import Unit, reading

MOST: Final = 20
ACT: Final = "forget-browser"


class OwnBrowsers(Struct, frozen=True):
    """The recognised browsers of one's account, and the id of the browser in use."""

    found: list[KnownBrowser]
    this: str | None


def own(app: Watchword, actor: Actor, account: Administrator, token: str | None) -> OwnBrowsers:
    """Return the browsers, the most recently used first. `token` is that of this browser."""
    with reading(app, actor, account) as connection:
        this = known_browsers.find(app, connection, token, account)
        now = app.clock.now()
        found = stored.of_account(connection, account.id, account.cred_ver, now, MOST)
        return OwnBrowsers(found, this)


def forget_own(app: Watchword, actor: Actor, principal: Principal, id_: str) -> None:
    """Forget a browser of one's own account. Raises AlreadySo, ProofNeeded, SessionEnded."""
    with own_account(app, actor, principal) as (u, account):
        forget(u, account, id_)


def forget(u: Unit, account: Administrator, id_: str) -> None:
    """Forget a browser in the caller's unit. Raises AlreadySo."""
    user_agent = stored.forget_of(u.connection, account.id, id_) if is_storable(id_) else None
    if user_agent is None:
        raise AlreadySo(act=ACT, cause="forgotten")
    u.record(AuditEvent.BROWSER_FORGOTTEN, account, browser=user_agent)
