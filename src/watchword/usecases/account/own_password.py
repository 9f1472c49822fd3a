"""Change of the administrator's own password."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from watchword.crypto.passwords import Hashing
from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import Invalid, NotInThisState, Problem, ProofFailed, ProofNeeded
from watchword.domain.mfa import Status
from watchword.domain.secret import Secret
from watchword.storage import administrators
from watchword.usecases.accounts import new_password_problems, store_password
from watchword.usecases.api import api_password
from watchword.usecases.context import Watchword
from watchword.usecases.login import reauthentication
from watchword.usecases.mfa import enrolment_codes
from watchword.usecases.mfa.enrolment_codes import Issued
from watchword.usecases.sessions.sessions import Principal, own_account, rotated
from watchword.usecases.throttling import known_browsers
from watchword.usecases.unit_of_work import Unit

FIELD = "new_password"


class NewTokens(Struct, frozen=True):
    """New tokens after the change: of the session (None when another request has just replaced
    it) and of the recognised browser, and the new enrolment proof.
    """

    session: Secret | None
    browser: Secret
    issued: Issued
    api_password_revoked: bool = False


def change(
    app: Watchword,
    actor: Actor,
    principal: Principal,
    *,
    current: Secret,
    new: Secret,
    repeated: Secret,
    revokes_api_password: bool = False,
) -> Hashing[NewTokens]:
    """Change the actor's own password. MFA stays, other sessions end; the API password is revoked
    on request.

    Requires a recent re-authentication and the current password, which is part of the form.
    Raises ProofNeeded, Invalid, SessionEnded, Busy.
    """
    if not reauthentication.is_recent(app, principal):
        raise ProofNeeded
    problems = new_password_problems(app, new, principal.account, FIELD)
    if new != repeated:
        problems.append(Problem("repeat_new_password", "not-the-same"))
    if not current.reveal():
        problems.insert(0, Problem("current_password", "required"))
    if problems:
        raise Invalid(*problems)
    try:
        yield from reauthentication.give_password(app, actor, principal, current)
    except ProofFailed:
        raise Invalid(Problem("current_password", "wrong")) from None
    if new == current:
        raise Invalid(Problem(FIELD, "same-as-before"))
    return (
        yield from _store(app, actor, principal, new, revokes_api_password=revokes_api_password)
    )


def replace_given(
    app: Watchword, actor: Actor, principal: Principal, *, new: Secret, repeated: Secret
) -> Hashing[NewTokens]:
    """Replace a password that another administrator has set.

    The login has just checked the present password, so it is not asked again. The new one must
    differ. Raises ProofNeeded, NotInThisState, Invalid, SessionEnded, Busy.
    """
    if not reauthentication.is_recent(app, principal):
        raise ProofNeeded
    if not principal.account.must_change_password:
        raise NotInThisState(status="own", event="replace-password")
    problems = new_password_problems(app, new, principal.account, FIELD)
    if new != repeated:
        problems.append(Problem("repeat_new_password", "not-the-same"))
    if problems:
        raise Invalid(*problems)
    with app.database.reading() as connection:
        stored = administrators.password_hash(connection, principal.account.id)
    if (yield from app.pepper.verify(principal.account.id, stored, new, is_known=True)):
        raise Invalid(Problem(FIELD, "same-as-before"))
    return (yield from _store(app, actor, principal, new))


def _store(
    app: Watchword,
    actor: Actor,
    principal: Principal,
    new: Secret,
    *,
    revokes_api_password: bool = False,
) -> Hashing[NewTokens]:
    hash_ = yield from app.pepper.hash(new, is_known=True)
    with own_account(app, actor, principal) as (u, account):
        cred_ver = store_password(
            u, account, hash_, must_change=False, sparing=principal.session.id
        )
        revoked = revokes_api_password and api_password.take_away(u, account)
        u.record(AuditEvent.PASSWORD_CHANGED, account)
        session = rotated(u, principal.session, principal.token_digest)
        after = replace(account, cred_ver=cred_ver)
        browser = known_browsers.remember(u, after)
        return NewTokens(session, browser, _issued(u, after), revoked)


def _issued(u: Unit, account: Administrator) -> Issued:
    # The change ended the pending enrolment code. Without a new one the owner could not finish the
    # enrolment without help from another administrator.
    if account.mfa.status is not Status.PENDING:
        return Issued()
    return enrolment_codes.issue(u, account, for_this_browser=True)
