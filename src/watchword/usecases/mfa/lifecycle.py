"""Changes of the MFA status: the effects that domain/mfa.py names, in the caller's unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from watchword.crypto import tokens
from watchword.crypto.keyring import Keyring, Place
from watchword.domain import recovery_codes as recovery_code_rules
from watchword.domain.accounts import Administrator
from watchword.domain.audit import AuditEvent
from watchword.domain.errors import ChangedMeanwhile
from watchword.domain.mfa import Effect, Event, after, transition
from watchword.domain.secret import Secret
from watchword.domain.throttle import Kind
from watchword.storage import (
    administrators,
    api_refusals,
    attempts,
    authenticators,
    credentials,
    enrolment_proofs,
    known_browsers,
    sessions,
    throttles,
)
from watchword.usecases.unit_of_work import Unit


def _forget_secret(u: Unit, account: Administrator, _sparing: int | None) -> None:
    authenticators.delete_all_of(u.connection, account.id)


def _end_attempts(u: Unit, account: Administrator, _sparing: int | None) -> None:
    authenticators.delete_enrolments_of(u.connection, account.id)
    attempts.delete_all_of(u.connection, account.id)
    enrolment_proofs.forget_all_of(u.connection, account.id)


def _end_sessions(u: Unit, account: Administrator, sparing: int | None) -> None:
    sessions.delete_all_of(u.connection, account.id, sparing=sparing)


def _forget_devices(u: Unit, account: Administrator, _sparing: int | None) -> None:
    known_browsers.forget_all_of(u.connection, account.id)


def _forget_recovery_codes(u: Unit, account: Administrator, _sparing: int | None) -> None:
    credentials.replace_recovery_codes(u.connection, account.id, [], u.now)


def _clear_counters(u: Unit, account: Administrator, _sparing: int | None) -> None:
    for kind in (Kind.CODE, Kind.CODE_MONTH):
        throttles.clear(u.connection, kind, str(account.id))


def _forget_api_refusals(u: Unit, account: Administrator, _sparing: int | None) -> None:
    api_refusals.forget(u.connection, account.id)


EFFECTS: Mapping[Effect, Callable[[Unit, Administrator, int | None], None]] = {
    Effect.FORGET_SECRET: _forget_secret,
    Effect.END_ATTEMPTS: _end_attempts,
    Effect.END_SESSIONS: _end_sessions,
    Effect.FORGET_DEVICES: _forget_devices,
    Effect.FORGET_RECOVERY_CODES: _forget_recovery_codes,
    Effect.CLEAR_COUNTERS: _clear_counters,
    Effect.FORGET_API_REFUSALS: _forget_api_refusals,
}
"""`apply` adopts a secret; its caller issues recovery codes."""


def secret_place(administrator_id: int) -> Place:
    """Return where an account's active secret lives: it is bound to the account, so that a row
    moved to another account does not open.
    """
    return Place("authenticators", "secret", str(administrator_id))


def apply(
    u: Unit,
    account: Administrator,
    event: Event,
    *,
    adopted: tuple[bytes, int] | None = None,
    sparing: int | None = None,
) -> int:
    """Change the account's MFA status by the table of transitions. Returns its new `cred_ver`.

    A secret is stored in the status Active only. `adopted` is the confirmed secret and the step of
    its code. `sparing` is the acting session, which continues under the new `cred_ver`. Raises
    NotInThisState, and ChangedMeanwhile when another transaction has changed the status.
    """
    before, to = account.mfa.status, after(account.mfa, event, u.now)
    cred_ver = administrators.change_mfa(u.connection, account.id, expected=before, to=to)
    if cred_ver is None:
        raise ChangedMeanwhile
    effects = transition(before, event).effects
    for effect in effects & EFFECTS.keys():
        EFFECTS[effect](u, account, sparing)
    if adopted and Effect.ADOPT_SECRET in effects:
        secret, step = adopted
        sealed = u.app.keyring.seal(secret_place(account.id), secret)
        authenticators.add_totp(u.connection, account.id, sealed, used_step=step, now=u.now)
    if sparing is not None:
        sessions.move_to_cred_ver(u.connection, sparing, cred_ver, ends_decision=True)
    return cred_ver


def end_all(u: Unit, account: Administrator) -> None:
    """Delete the account's login attempts, sessions and recognised browsers."""
    for effect in (Effect.END_ATTEMPTS, Effect.END_SESSIONS, Effect.FORGET_DEVICES):
        EFFECTS[effect](u, account, None)


def attach(u: Unit, session_id: int, enrolment_id: str, *, old: str | None) -> None:
    """Give a session an enrolment, and delete its old one."""
    authenticators.delete_enrolment(u.connection, old)
    sessions.attach_enrolment(u.connection, session_id, enrolment_id)


def recovery_macs(keyring: Keyring, administrator_id: int, code: str) -> list[str]:
    """Return the MACs under which a recovery code may be stored."""
    return keyring.macs("recovery-code", str(administrator_id), code)


def issue_recovery_codes(u: Unit, account: Administrator) -> tuple[Secret, ...]:
    """Replace the recovery codes. Returns the new ones, to be shown once."""
    codes = tokens.recovery_codes()
    macs = [_recovery_mac(u, account, code) for code in codes]
    credentials.replace_recovery_codes(u.connection, account.id, macs, u.now)
    u.record(AuditEvent.RECOVERY_GENERATED, account, count=len(codes))
    return tuple(codes)


def replace_used_recovery_code(u: Unit, account: Administrator) -> Secret:
    """Store a replacement of a used recovery code (NIST SP 800-63B-4, 4.2.1.1). Returns it, to be
    shown once.
    """
    code = tokens.recovery_codes()[0]
    credentials.add_recovery_code(u.connection, account.id, _recovery_mac(u, account, code), u.now)
    u.record(AuditEvent.RECOVERY_GENERATED, account, count=1)
    return code


def record_when_few_recovery_codes(u: Unit, account: Administrator) -> None:
    """Record that few recovery codes are left, if so."""
    left = credentials.recovery_codes_left(u.connection, account.id)
    if left <= recovery_code_rules.FEW:
        u.record(AuditEvent.RECOVERY_LOW, account, left=left)


def _recovery_mac(u: Unit, account: Administrator, code: Secret) -> str:
    return u.app.keyring.mac("recovery-code", str(account.id), code.reveal())
