"""The first-run page, which creates the first administrator, opened by the printed link."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from starlette.responses import Response

from watchword.domain.errors import Refusal
from watchword.domain.input_text import trimmed, visible
from watchword.domain.secret import Secret
from watchword.i18n import _
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import first_run
from watchword.web.console.frame.flash import Notice
from watchword.web.console.frame.navigation import with_target
from watchword.web.console.frame.request_context import RequestContext

_MOST_CHARACTERS: Final = 256
_NOT_OF_A_TOKEN: Final = re.compile(r"[^A-Za-z0-9_-]")


def _token(context: RequestContext) -> str:
    """Return the token of the link.

    Characters that were copied with it are removed: spaces, invisible characters, a full stop or
    a bracket.
    """
    text = unquote(context.request.path_params["token"])[:_MOST_CHARACTERS]
    return _NOT_OF_A_TOKEN.sub("", text)


async def show(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page if the link is valid. This does not use the link up."""
    await context.in_thread(first_run.demand_open, context.app, _token(context))
    return context.draw(
        "first_run.html",
        _("First administrator"),
        refusal=refusal,
        action=context.request.scope["path"],
        shortest=context.app.settings.password_min_length,
        values={name: context.field(name) for name in ("username", "full_name", "email")},
    )


async def submit(context: RequestContext) -> Response:
    """Create the first administrator and redirect to the login page, with the username."""
    new = NewAdministrator(
        username=context.field("username"),
        full_name=trimmed(context.field("full_name")),
        email=visible(context.field("email")),
        password=Secret(context.field("password")),
    )
    repeated = Secret(context.field("repeat_password"))
    await context.run(
        first_run.create_first(context.app, context.actor, _token(context), new, repeated)
    )
    login = with_target("/login", "/", new.username)
    return context.redirect_to_login_with_notice(Notice.FIRST_ADMINISTRATOR_CREATED, login)
