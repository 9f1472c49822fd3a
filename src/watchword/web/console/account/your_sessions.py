"""The page Your Sessions: a list of one's sessions, and buttons that end them."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from watchword.domain.errors import Refusal
from watchword.i18n import _
from watchword.usecases.account import own_sessions
from watchword.usecases.sessions import sessions
from watchword.web.console.frame.flash import Notice
from watchword.web.console.frame.rendering import utc
from watchword.web.console.frame.request_context import RequestContext

PATH: Final = "/your-sessions"


_BROWSERS: Final = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome",
                    "Safari/": "Safari", "w3m/": "w3m", "Lynx/": "Lynx"}  # fmt: skip
_SYSTEMS: Final = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows",
                   "Mac OS X": "macOS", "CrOS": "ChromeOS", "Linux": "Linux"}  # fmt: skip


def device_of(user_agent: str) -> str:
    """Return browser and operating system of a User-Agent header, as far as it contains them.

    The order of the tables matters: most browsers also contain the names of others.
    """
    browser = next((name for mark, name in _BROWSERS.items() if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS.items() if mark in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or user_agent[:40] or _("unknown")


async def show(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page."""
    found = await context.in_thread(
        sessions.standing, context.app, context.actor, context.me.account
    )
    rows = [
        {
            "id": s.id,
            "device": device_of(s.user_agent),
            "user_agent": s.user_agent,
            "address": s.address,
            "since": utc(s.created_at),
            "last_seen": utc(s.last_seen_at),
            "is_this": s.id == context.me.session.id,
        }
        for s in found
    ]
    return context.draw("your_sessions.html", _("Your Sessions"), refusal=refusal, rows=rows)


async def end(context: RequestContext) -> Response:
    """End one session."""
    text = context.field("session")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    await context.in_thread(own_sessions.end, context.app, context.actor, context.me, number)
    return await _redirect_after_end(context, number)


async def _redirect_after_end(context: RequestContext, number: int) -> Response:
    if number == context.me.session.id:
        return context.redirect_to_login_with_notice(Notice.LOGGED_OUT)
    return await context.redirect_with_notice(PATH, Notice.SESSION_ENDED)


async def end_others(context: RequestContext) -> Response:
    """End all others."""
    await context.in_thread(own_sessions.end_others, context.app, context.actor, context.me)
    return await context.redirect_with_notice(PATH, Notice.OTHER_SESSIONS_ENDED)


BUTTONS: Final = {"end": end, "end-others": end_others}
