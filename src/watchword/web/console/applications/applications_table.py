"""The pages Applications, New Application and Your Applications."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from watchword.domain.applications import Application
from watchword.domain.errors import ProofNeeded, Refusal
from watchword.i18n import _
from watchword.usecases.administrators.authorization import By
from watchword.usecases.applications import applications, permitted
from watchword.usecases.applications.applications import Listed, Managed
from watchword.usecases.login import reauthentication
from watchword.web.console.applications import application_form
from watchword.web.console.frame import paths
from watchword.web.console.frame.flash import Notice
from watchword.web.console.frame.request_context import RequestContext

_NEW = Application(name="", hosts=())


async def show(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the list of all applications."""
    found = await context.in_thread(applications.every, context.app, context.actor)
    rows = [_row(each) for each in found]
    return context.draw("applications.html", _("Applications"), refusal=refusal, rows=rows)


def _row(listed: Listed) -> dict[str, Any]:
    one = listed.managed.application
    return {
        "href": paths.of_application(one.name),
        "name": one.name,
        "hosts": one.hosts,
        "who": who_may_enter(listed.managed),
        "level": one.level.value,
        "is_enabled": one.is_enabled,
        "last_entered": listed.last_entered_at,
    }


def who_may_enter(managed: Managed) -> list[str]:
    """Return the admitted accounts and groups, for people."""
    who = managed.application.who
    everyone = [_("everyone")] if who.everyone else []
    groups = [_("group %(name)s", name=name) for name in sorted(who.groups)]
    return [*everyone, *groups, *managed.usernames]


async def show_new(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page New Application. Re-authentication comes first."""
    if not reauthentication.is_recent(context.app, context.me):
        raise ProofNeeded
    is_typed = "name" in context.form
    values = (
        application_form.typed(context) if is_typed else application_form.values_of(Managed(_NEW))
    )
    return context.draw(
        "application_new.html", _("New Application"), refusal=refusal, values=values
    )


async def create(context: RequestContext) -> Response:
    """Create an application."""
    new = application_form.read(context, _NEW)
    by = By(context.actor, context.me.account, context.me)
    made = await context.in_thread(applications.create, context.app, by, new)
    name = made.application.name
    return await context.redirect_with_notice(
        paths.of_application(name), Notice.APPLICATION_CREATED, name
    )


async def show_yours(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page Your Applications: links to the account's applications."""
    found = await context.in_thread(permitted.to, context.app, context.me.account)
    links = [
        (one.name, [f"https://{quote(host, safe=':[]')}/" for host in one.hosts]) for one in found
    ]
    return context.draw(
        "your_applications.html", _("Your Applications"), refusal=refusal, links=links
    )
