"""Changing one's own password."""

from __future__ import annotations

from dataclasses import replace

from watchword.crypto.passwords import Hashing
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import Invalid, Problem, ProofFailed, ProofNeeded
from watchword.domain.secret import Secret
from watchword.usecases import proof
from watchword.usecases.accounts import new_password_problems, store_password
from watchword.usecases.context import Watchword
from watchword.usecases.sessions import Principal, own_account, remember_browser

FIELD = "new_password"


def change(
    app: Watchword,
    actor: Actor,
    principal: Principal,
    *,
    current: Secret,
    new: Secret,
    repeated: Secret,
) -> Hashing[Secret]:
    """Change one's own password; MFA and API password stay, other sessions end.

    Needs a recent proof, and the current password besides: it is typed into this very form.
    Returns the token that makes this browser a known one again. Raises ProofNeeded, Invalid,
    SessionEnded, Busy.
    """
    if not proof.is_recent(app, principal):
        raise ProofNeeded
    problems = new_password_problems(app, new, principal.account.username, FIELD)
    if new != repeated:
        problems.append(Problem("repeat_new_password", "not-the-same"))
    if not current.reveal():
        problems.insert(0, Problem("current_password", "required"))
    if problems:
        raise Invalid(*problems)
    try:
        yield from proof.give_password(app, actor, principal, current)
    except ProofFailed:
        raise Invalid(Problem("current_password", "wrong")) from None
    hash_ = yield from app.pepper.hash(new)
    with own_account(app, actor, principal) as (u, account):
        cred_ver = store_password(
            u, account, hash_, must_change=False, sparing=principal.session.id
        )
        u.record(AuditEvent.PASSWORD_CHANGED, account)
        return remember_browser(u, replace(account, cred_ver=cred_ver))
