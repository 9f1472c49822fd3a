"""The re-authentication page, "Confirm it is you", before a sensitive action or page.

The page posts to the address of the action and repeats its fields, except secrets. After a correct
answer the action continues, and the server stores nothing in between. If a page requires the
re-authentication, a correct answer redirects to that page.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from starlette.responses import Response

from watchword.domain.errors import Invalid, Problem, ProofFailed, Refusal
from watchword.domain.secret import Secret
from watchword.i18n import _
from watchword.usecases.login import reauthentication
from watchword.usecases.login.reauthentication import Answer
from watchword.web.console.frame.button_labels import pressed
from watchword.web.console.frame.navigation import page_behind
from watchword.web.console.frame.request_context import Visit
from watchword.web.http import forms

PASSWORD: Final = "proof_password"
WITH: Final = "proof_with"
PAGE: Final = "proof_page"
"""Field that is sent if a page, not an action, requires the re-authentication."""
_OWN_FIELDS: Final = frozenset({PASSWORD, WITH, "totp_code", "recovery_code", forms.TOKEN_FIELD})


def is_answered(visit: Visit) -> bool:
    """Return whether the form contains an answer."""
    return PASSWORD in visit.form and WITH not in visit.form


def is_asking_for_other_page(visit: Visit) -> bool:
    """Return whether the form switches between code and recovery code."""
    return WITH in visit.form


def page_to_open(visit: Visit) -> str | None:
    """Return the page to open after a correct answer; None if an action continues."""
    return _asked(visit) if PAGE in visit.form else None


def _asked(visit: Visit) -> str:
    """Return the address of the request with its query, which "Cancel" needs too."""
    path = str(visit.request.scope["path"])
    query = visit.request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


async def check(visit: Visit) -> None:
    """Check the answer and continue with the re-authenticated session.

    Raises the refusals of reauthentication.give.
    """
    answer = Answer(
        password=Secret(visit.field(PASSWORD)),
        code=visit.field("totp_code"),
        recovery_code=visit.field("recovery_code"),
        known_browser=visit.browser.known,
    )
    visit.principal = await visit.run(
        reauthentication.give(visit.app, visit.actor, visit.me, answer)
    )
    visit.take_token(visit.principal.new_token)


def draw(visit: Visit, refusal: Refusal | None) -> Response:
    """Return the page, with the errors of a wrong answer."""
    by_recovery = visit.field(WITH) == "recovery_code"
    if WITH not in visit.form:
        by_recovery = "recovery_code" in visit.form
    only_recovery = reauthentication.needs_recovery_code(visit.app, visit.me)
    needs_code = reauthentication.needs_code(visit.me)
    if isinstance(refusal, ProofFailed) and not (needs_code or only_recovery):
        refusal = Invalid(Problem(PASSWORD, "wrong"))  # no code was asked, so do not mention one
    hidden, typed = _carried(visit), visit.form.keys() - _OWN_FIELDS
    return visit.draw(
        "confirm.html",
        _("Confirm it is you"),
        refusal=refusal,
        action=_asked(visit),
        hidden=hidden,
        pressed=pressed(visit.request.scope["path"]),
        other=unquote(visit.request.path_params.get("name", "")),
        drops_passwords=any(name not in hidden and "password" in name for name in typed),
        username=visit.me.account.username,
        needs_code=needs_code,
        with_recovery=by_recovery or only_recovery,
        only_recovery=only_recovery,
        cancel_url=page_behind(visit),
    )


def _carried(visit: Visit) -> dict[str, str]:
    """Return the fields of the action's form, without secrets and without this page's fields."""
    if visit.request.method != "POST":
        return {PAGE: "yes"}
    return {
        name: value
        for name, value in visit.form.items()
        if name not in _OWN_FIELDS and "password" not in name
    }
