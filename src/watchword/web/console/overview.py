"""Overview: what needs attention, the last login, the MFA status; and Change Password."""

from __future__ import annotations

from starlette.responses import Response

from watchword.domain import recovery
from watchword.domain.errors import ProofNeeded, Refusal
from watchword.domain.mfa import Status
from watchword.domain.secret import Secret
from watchword.domain.sessions import DEVICE_LIFE
from watchword.usecases import own_password, proof, recovery_codes, sessions
from watchword.web.console.notices import Notice
from watchword.web.console.rendering import utc
from watchword.web.console.visit import Visit
from watchword.web.http import cookies
from watchword.web.http.i18n import _, ngettext

CHANGE_PASSWORD = "/change-password"
NEW_PASSWORD = "/new-password"
SETTINGS = "/your-mfa-settings"


async def show(visit: Visit, refusal: Refusal | None = None) -> Response:
    """The page Overview."""
    account = visit.me.account
    left, _mark = await visit.hop(recovery_codes.state, visit.app, account)
    before = await visit.hop(sessions.previous_login, visit.app, visit.me)
    return visit.draw(
        "overview.html",
        _("Overview"),
        refusal=refusal,
        username=account.username,
        full_name=account.full_name,
        last_login={"at": utc(before.at), "address": before.address} if before else None,
        mfa_status=account.mfa.status.value,
        attention=_attention(account.mfa.status, left),
    )


def _attention(status: Status, left: int) -> list[dict[str, str]]:
    """Return what the administrator should look after, as sentences with a link."""
    found = []
    if status is Status.DISABLED:
        found.append(_("MFA is disabled: whoever learns your password is you."))
    if status is Status.PENDING:
        found.append(
            _("MFA is pending: until it is finished, whoever knows your password could set up "
              "their phone. Finish it now.")
        )  # fmt: skip
    if status is Status.ACTIVE and left <= recovery.FEW:
        found.append(
            ngettext(
                "Only %(count)s recovery code is left. Generate new ones.",
                "Only %(count)s recovery codes are left. Generate new ones.",
                left,
            )
        )
    return [{"sentence": s, "href": SETTINGS, "label": _("Your MFA Settings")} for s in found]


async def show_change_password(visit: Visit, refusal: Refusal | None = None) -> Response:
    """The page Change Password: the recent proof comes first, so that nothing typed is lost."""
    if not proof.is_recent(visit.app, visit.me):
        raise ProofNeeded
    return visit.draw(
        "change_password.html",
        _("Change Password"),
        refusal=refusal,
        username=visit.me.account.username,
        shortest=visit.app.settings.password_min_length,
    )


async def change_password(visit: Visit) -> Response:
    """Change Password."""
    if "current_password" not in visit.form:
        # "Confirm it is you" was just answered: now for the form itself.
        return visit.go(CHANGE_PASSWORD)
    token = await visit.run(
        own_password.change(
            visit.app,
            visit.actor,
            visit.me,
            current=Secret(visit.field("current_password")),
            new=Secret(visit.field("new_password")),
            repeated=Secret(visit.field("repeat_new_password")),
        )
    )
    return await _changed(visit, token)


async def _changed(visit: Visit, browser_token: Secret) -> Response:
    age = int(DEVICE_LIFE.total_seconds())
    visit.set_cookies.append(cookies.header(cookies.BROWSER, browser_token.reveal(), max_age=age))
    return await visit.go_and_say("/", Notice.PASSWORD_CHANGED)


async def show_new_password(visit: Visit, refusal: Refusal | None = None) -> Response:
    """The page for one's own password, after somebody else has set one."""
    if not visit.me.account.must_change_password:
        return visit.go("/")
    if not proof.is_recent(visit.app, visit.me):
        raise ProofNeeded
    return visit.draw(
        "new_password.html",
        _("Choose your password"),
        refusal=refusal,
        username=visit.me.account.username,
        shortest=visit.app.settings.password_min_length,
    )


async def choose_new_password(visit: Visit) -> Response:
    """New password, OK."""
    if "new_password" not in visit.form:
        return visit.go(NEW_PASSWORD)
    token = await visit.run(
        own_password.replace_given(
            visit.app,
            visit.actor,
            visit.me,
            new=Secret(visit.field("new_password")),
            repeated=Secret(visit.field("repeat_new_password")),
        )
    )
    return await _changed(visit, token)
