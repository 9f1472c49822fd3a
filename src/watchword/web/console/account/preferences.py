"""The page Preferences: appearance, language and time zone of the pages."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from watchword import time_zones
from watchword.domain.errors import Refusal
from watchword.i18n import _
from watchword.usecases.account import preferences
from watchword.web.console.frame.flash import Notice
from watchword.web.console.frame.navigation import requested_target, with_target
from watchword.web.console.frame.paths import PREFERENCES
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.http import languages, themes

APPEARANCE: Final = "/appearance"
LANGUAGE: Final = "/language"


async def show(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page."""
    account = context.me.account
    return context.draw(
        "preferences.html",
        _("Preferences"),
        refusal=refusal,
        time_zone=context.form.get("time_zone", account.time_zone),
        browser_time_zone=account.browser_time_zone,
        time_zones=await context.in_thread(_sorted_names),
        now=context.app.clock.now(),
    )


def _sorted_names() -> list[str]:
    return sorted(time_zones.names())


async def save(context: RequestContext) -> Response:
    """Store the time zone."""
    chosen = context.field("time_zone")
    await context.in_thread(preferences.choose_time_zone, context.app, context.me, chosen)
    return await context.redirect_with_notice(PREFERENCES, Notice.TIME_ZONE_SAVED)


async def choose_appearance(context: RequestContext) -> Response:
    """Set the appearance in this browser: System, Light or Dark. Ignore other values."""
    if (cookie := themes.keeping(context.field("theme"))) is not None:
        context.set_cookies.append(cookie)
    return context.redirect(f"{PREFERENCES}#appearance")


async def choose_language(context: RequestContext) -> Response:
    """Store the language, or "" to follow the browser. Ignore other values.

    The cookie keeps the login page in the language after a logout.
    """
    choice = context.field("language")
    cookie = languages.keeping(choice)
    if cookie is not None:
        context.set_cookies.append(cookie)
    if context.principal is None:
        return context.redirect(with_target("/login", requested_target(context)))
    if cookie is not None:
        await context.in_thread(preferences.choose_language, context.app, context.me, choice)
    return context.redirect(f"{PREFERENCES}#language")
