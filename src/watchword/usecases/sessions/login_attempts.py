"""Login attempts: find the attempt of a cookie, compare it with that of a form, cancel it."""

from __future__ import annotations

from msgspec import Struct

from watchword.crypto import token_macs, tokens
from watchword.crypto.token_macs import Token
from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import AttemptEnded, StartedAgainElsewhere
from watchword.domain.login import Factor, Step, next_step
from watchword.storage import administrators, authenticators, open_attempts
from watchword.storage import attempts as stored
from watchword.storage.attempts import LoginAttempt
from watchword.storage.authenticators import Totp
from watchword.storage.database import Connection
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import Unit, bookkeeping

PASSWORD_ONLY = frozenset({Factor.PASSWORD})


class OpenAttempt(Struct, frozen=True):
    """An attempt with its account and authenticator, for the pages of the second step."""

    attempt: LoginAttempt
    account: Administrator
    step: Step
    totp: Totp | None


def find(app: Watchword, token: str | None) -> OpenAttempt:
    """Return the login attempt of a cookie. Raises AttemptEnded."""
    if not token:
        raise AttemptEnded(cause="none-open")
    digests = token_macs.candidates(app.keyring, Token.ATTEMPT, token)
    with app.database.reading() as connection:
        row = open_attempts.find(connection, digests, tokens.owner_of(token), app.clock.now())
    if row is None:
        raise AttemptEnded
    found, account = row.attempt, row.account
    if account.is_disabled or account.cred_ver != found.cred_ver:
        raise AttemptEnded(cause="changed")
    step = next_step(
        PASSWORD_ONLY, account.mfa.status, is_enrolment_proved=found.is_enrolment_proved
    )
    return OpenAttempt(found, account, step, row.totp)


def _of_token(app: Watchword, connection: Connection, token: str | None) -> LoginAttempt | None:
    if not token:
        return None
    digests = token_macs.candidates(app.keyring, Token.ATTEMPT, token)
    return stored.find(connection, digests, tokens.owner_of(token), app.clock.now())


def demand_same(found: OpenAttempt, named: str) -> None:
    """Raise StartedAgainElsewhere when the form belongs to an older attempt of this browser."""
    if found.attempt.id != named:
        raise StartedAgainElsewhere


def current_account(u: Unit, found: OpenAttempt) -> Administrator | None:
    """Return the account, locked, unless the attempt has ended since it was found."""
    account = administrators.get(u.connection, found.account.id, for_change=True)
    attempt = stored.find(u.connection, [found.attempt.token_digest], found.account.id, u.now)
    if account is None or account.is_disabled:
        return None
    return account if attempt is not None and account.cred_ver == attempt.cred_ver else None


def cancel(app: Watchword, actor: Actor, token: str | None) -> None:
    """Delete the attempt of a cookie, if there is one."""
    with bookkeeping(app) as u:
        found = _of_token(app, u.connection, token)
        if not found:
            return
        account = administrators.get(u.connection, found.administrator_id)
        _delete(u, found)
        u.actor = actor
        u.record(AuditEvent.ATTEMPT_CANCELLED, account)


def end(u: Unit, token: str | None) -> None:
    """Do the same in the caller's unit, without an event."""
    old = _of_token(u.app, u.connection, token)
    if old:
        _delete(u, old)


def _delete(u: Unit, attempt: LoginAttempt) -> None:
    authenticators.delete_enrolment(u.connection, attempt.enrolment_id)
    stored.delete(u.connection, attempt.id)
