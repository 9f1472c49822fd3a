"""Recovery codes: the number left, and generation of a new set."""

from __future__ import annotations

from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor
from watchword.domain.errors import AlreadyGenerated, NotInThisState
from watchword.domain.mfa import Status
from watchword.domain.secret import Secret
from watchword.storage import credentials
from watchword.usecases.context import Watchword
from watchword.usecases.mfa import lifecycle
from watchword.usecases.sessions.sessions import Principal, own_account
from watchword.usecases.unit_of_work import reading


def state(app: Watchword, actor: Actor, account: Administrator) -> tuple[int, int]:
    """Return the number of codes left and the mark of their set, which the form contains."""
    with reading(app, actor, account) as connection:
        left = credentials.recovery_codes_left(connection, account.id)
        return left, credentials.recovery_set_mark(connection, account.id)


def generate(
    app: Watchword, actor: Actor, principal: Principal, *, seen: int
) -> tuple[Secret, ...]:
    """Replace the actor's recovery codes; the old ones become invalid.

    Raises NotInThisState unless MFA is active; AlreadyGenerated when the form with the mark `seen`
    was submitted before; ProofNeeded; SessionEnded.
    """
    with own_account(app, actor, principal) as (u, account):
        if account.mfa.status is not Status.ACTIVE:
            raise NotInThisState(status=account.mfa.status.value, event="recovery-codes")
        if credentials.recovery_set_mark(u.connection, account.id) != seen:
            raise AlreadyGenerated
        return lifecycle.issue_recovery_codes(u, account)
