"""The page Your Sessions: a list of one's sessions, and buttons that end them."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from watchword.domain.errors import Refusal
from watchword.i18n import _
from watchword.storage.known_browsers import KnownBrowser
from watchword.usecases.account import own_sessions, recognised_browsers
from watchword.usecases.sessions import sessions
from watchword.web.console.frame.client_names import client_name
from watchword.web.console.frame.flash import Notice
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.http.refusal_messages import duration

PATH: Final = "/your-sessions"


async def show(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page."""
    found = await context.in_thread(
        sessions.standing, context.app, context.actor, context.me.account
    )
    rows = [
        {
            "id": s.id,
            "device": client_name(s.user_agent),
            "user_agent": s.user_agent,
            "address": s.address,
            "since": s.created_at,
            "last_seen": s.last_seen_at,
            "is_this": s.id == context.me.session.id,
        }
        for s in found
    ]
    rows.sort(key=lambda row: not row["is_this"])
    browsers = await context.in_thread(
        recognised_browsers.own,
        context.app,
        context.actor,
        context.me.account,
        context.browser.known,
    )
    limits = context.app.limits
    return context.draw(
        "your_sessions.html",
        _("Your Sessions"),
        refusal=refusal,
        rows=rows,
        browsers=[_browser(each, browsers.this) for each in browsers.found],
        idle=duration(int(limits.idle.total_seconds())),
        ends_at=context.me.session.created_at + limits.absolute,
    )


def _browser(each: KnownBrowser, this: str | None) -> dict[str, object]:
    return {
        "id": each.id,
        "client": client_name(each.user_agent),
        "user_agent": each.user_agent,
        "address": each.address,
        "since": each.created_at,
        "last_seen": each.last_seen_at,
        "is_this": each.id == this,
    }


async def forget_browser(context: RequestContext) -> Response:
    """Forget one recognised browser."""
    await context.in_thread(
        recognised_browsers.forget_own,
        context.app,
        context.actor,
        context.me,
        context.field("browser"),
    )
    return await context.redirect_with_notice(PATH, Notice.BROWSER_FORGOTTEN)


async def end(context: RequestContext) -> Response:
    """End one session."""
    text = context.field("session")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    await context.in_thread(own_sessions.end, context.app, context.actor, context.me, number)
    return await context.redirect_with_notice(PATH, Notice.SESSION_ENDED)


async def end_others(context: RequestContext) -> Response:
    """End all others."""
    await context.in_thread(own_sessions.end_others, context.app, context.actor, context.me)
    return await context.redirect_with_notice(PATH, Notice.OTHER_SESSIONS_ENDED)


BUTTONS: Final = {"end": end, "end-others": end_others, "forget-browser": forget_browser}
