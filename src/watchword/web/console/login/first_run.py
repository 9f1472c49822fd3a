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
from watchword.web.console.frame.request_context import Visit

_MOST_CHARACTERS: Final = 256
_NOT_OF_A_TOKEN: Final = re.compile(r"[^A-Za-z0-9_-]")


def _token(visit: Visit) -> str:
    """Return the token of the link.

    Characters that were copied with it are removed: spaces, invisible characters, a full stop or
    a bracket.
    """
    text = unquote(visit.request.path_params["token"])[:_MOST_CHARACTERS]
    return _NOT_OF_A_TOKEN.sub("", text)


async def show(visit: Visit, refusal: Refusal | None = None) -> Response:
    """Return the page if the link is valid. This does not use the link up."""
    await visit.hop(first_run.demand_open, visit.app, _token(visit))
    return visit.draw(
        "first_run.html",
        _("First administrator"),
        refusal=refusal,
        action=visit.request.scope["path"],
        shortest=visit.app.settings.password_min_length,
        values={name: visit.field(name) for name in ("username", "full_name", "email")},
    )


async def submit(visit: Visit) -> Response:
    """Create the first administrator and redirect to the login page."""
    new = NewAdministrator(
        username=visit.field("username"),
        full_name=trimmed(visit.field("full_name")),
        email=visible(visit.field("email")),
        password=Secret(visit.field("password")),
    )
    repeated = Secret(visit.field("repeat_password"))
    await visit.run(first_run.create_first(visit.app, visit.actor, _token(visit), new, repeated))
    return visit.go_to_login_and_say(Notice.FIRST_ADMINISTRATOR_CREATED)
