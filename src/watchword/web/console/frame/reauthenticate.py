""" "Confirm it is you": the page in front of a sensitive act, which then goes on by itself.

The page posts to the action's own address and carries its fields along (but no secrets), so
after the right answer the action that was pressed is done, and nothing has to be remembered.
Before a page with a form the answer leads to that page.
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
"""Sent when a page needs the proof: nothing was pressed yet."""
_OWN_FIELDS: Final = frozenset({PASSWORD, WITH, "totp_code", "recovery_code", forms.TOKEN_FIELD})


def is_answered(visit: Visit) -> bool:
    """Return whether the form brings an answer."""
    return PASSWORD in visit.form and WITH not in visit.form


def is_asking_for_other_page(visit: Visit) -> bool:
    """Return whether the person wants to answer by a recovery code instead, or back."""
    return WITH in visit.form


def page_to_open(visit: Visit) -> str | None:
    """Return the page that the answer leads to; None when it was asked for an action."""
    return _asked(visit) if PAGE in visit.form else None


def _asked(visit: Visit) -> str:
    """Return the address of the request: "Cancel" needs its query, and so does the page."""
    path = str(visit.request.scope["path"])
    query = visit.request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


async def check(visit: Visit) -> None:
    """Check the answer; the visit goes on with the proof. Raises as proof.give."""
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
    """The page, with what it was given wrongly, if anything."""
    by_recovery = visit.field(WITH) == "recovery_code"
    if WITH not in visit.form:
        by_recovery = "recovery_code" in visit.form
    only_recovery = reauthentication.needs_recovery_code(visit.app, visit.me)
    needs_code = reauthentication.needs_code(visit.me)
    if isinstance(refusal, ProofFailed) and not (needs_code or only_recovery):
        refusal = Invalid(Problem(PASSWORD, "wrong"))  # there was no code that could be wrong
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
    """Return the fields of the pressed form; never a secret one, and none of this page's."""
    if visit.request.method != "POST":
        return {PAGE: "yes"}
    return {
        name: value
        for name, value in visit.form.items()
        if name not in _OWN_FIELDS and "password" not in name
    }
