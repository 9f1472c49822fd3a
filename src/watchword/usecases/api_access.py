"""Who a request on the Management API comes from.

                      MFA disabled    MFA pending or active
  regular password    accepted        refused
  API password        accepted        accepted

The regular password of an account with MFA is refused right or wrong, after the same work and
with the same answer as any other refusal; it costs the account nothing, so that a script with
an old password locks nobody out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from watchword.crypto.passwords import Hashing
from watchword.domain.accounts import Administrator
from watchword.domain.api_password import network_of
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.basic import MOST_SPLITS, Candidate, Credentials
from watchword.domain.errors import Busy, LoginFailed, Throttled
from watchword.domain.sessions import TOUCH_INTERVAL
from watchword.domain.throttle import ADDRESS_KINDS, Kind, address_kinds
from watchword.storage import account_history, administrators, api_refusals, credentials
from watchword.storage.credentials import StoredApiPassword
from watchword.usecases import (
    api_password,
    known_addresses,
    password_budget,
    slots,
    spraying,
    untrusted_peers,
)
from watchword.usecases.context import Watchword
from watchword.usecases.login import password_subject
from watchword.usecases.slots import Slot
from watchword.usecases.unit import bookkeeping, unit

_TOLD_USES = (AuditEvent.API_PASSWORD_FIRST_USE, AuditEvent.API_PASSWORD_NEW_NETWORK)


class Credential(StrEnum):
    """What a caller came in with."""

    PASSWORD = "password"
    API_PASSWORD = "api_password"


@dataclass(frozen=True)
class Caller:
    """Who calls, and by what."""

    account: Administrator
    credential: Credential


@dataclass(frozen=True)
class _Try:
    """One reading of the credentials, as it is tried."""

    candidate: Candidate
    account: Administrator | None
    stored_hash: str | None
    known_address: str | None
    held: list[Slot]
    is_right: bool = False

    @property
    def is_locked_out(self) -> bool:
        return self.account is not None and self.account.mfa.is_enabled

    @property
    def may_enter(self) -> bool:
        account = self.account
        return account is not None and not account.is_disabled and not account.mfa.is_enabled


def authenticate(app: Watchword, actor: Actor, given: Credentials) -> Hashing[Caller]:
    """Return who the credentials belong to. Raises LoginFailed, Throttled, Busy."""
    if given.is_api_password:
        return _by_api_password(app, actor, given.candidates[0])
    return (yield from _by_password(app, actor, given.candidates))


def still_valid(app: Watchword, caller: Caller) -> bool:
    """Return whether a regular password that was right a moment ago still opens the door."""
    with app.database.reading() as connection:
        account = administrators.get(connection, caller.account.id)
    return (
        account is not None
        and account.cred_ver == caller.account.cred_ver
        and not account.is_disabled
        and not account.mfa.is_enabled
    )


def _by_api_password(app: Watchword, actor: Actor, candidate: Candidate) -> Caller:
    """Look an API password up. A right one passes before every throttle, so nobody's noise
    keeps a script out; a wrong one counts against its address.
    """
    now = app.clock.now()
    with app.database.reading() as connection:
        account = administrators.find(connection, candidate.username)
        # The same statements and the same MAC for a name nobody has: ids start at 1.
        stored = credentials.api_password(connection, account.id if account else 0)
    is_right = api_password.is_right(app.keyring, stored, candidate.password)
    if account is None or account.is_disabled or not is_right:
        raise _refusal(app, actor, account)
    is_due = stored.last_used_at is None or now - stored.last_used_at >= TOUCH_INTERVAL
    is_new = is_due or _is_from_new_network(app, actor, stored)
    if is_new and not _note_use(app, actor, account, stored):
        raise _refusal(app, actor, account)
    return Caller(account, Credential.API_PASSWORD)


def _note_use(
    app: Watchword, actor: Actor, account: Administrator, stored: StoredApiPassword
) -> bool:
    """Remember the use. False when it was revoked or replaced since it was looked up: no use
    is told that came after the end.
    """
    event = _use_to_tell(app, actor, stored)
    with bookkeeping(app) as u:
        is_noted = credentials.note_api_password_use(
            u.connection, account.id, stored.mac or "", actor.address, u.now
        )
        u.actor = actor.known_as(account.id, account.username)
        if is_noted:
            untrusted_peers.note(u, account)
        if is_noted and event is not None:
            u.record(event, account)
    return is_noted


def _use_to_tell(app: Watchword, actor: Actor, stored: StoredApiPassword) -> AuditEvent | None:
    if stored.last_used_at is None:
        return AuditEvent.API_PASSWORD_FIRST_USE
    is_new = _is_from_new_network(app, actor, stored)
    return AuditEvent.API_PASSWORD_NEW_NETWORK if is_new else None


def _is_from_new_network(app: Watchword, actor: Actor, stored: StoredApiPassword) -> bool:
    """Return whether this API password has not been used from there: what was told before is
    read from the log only when the use before came from elsewhere.
    """
    here = network_of(actor.address)
    if stored.created_at is None or here == network_of(stored.last_used_address):
        return False
    with app.database.reading() as connection:
        known = account_history.addresses_since(
            connection, stored.administrator_id, _TOLD_USES, stored.created_at
        )
    return here not in {network_of(address) for address in known}


def _refusal(app: Watchword, actor: Actor, account: Administrator | None) -> LoginFailed:
    held = slots.reserve(app, address_kinds(actor.address, is_shared=actor.is_shared))
    with unit(app, actor) as u:
        slots.settle(u.connection, held, is_right=False)
        u.record(AuditEvent.API_AUTH_FAIL, account, outcome="refused", reason="api-password")
    return LoginFailed()


def _by_password(
    app: Watchword, actor: Actor, candidates: tuple[Candidate, ...]
) -> Hashing[Caller]:
    """Try the readings: accounts that exist first, three at most, one hash for each, whether
    the names exist or not. Only when all fail is one failure counted, on the longest name.
    """
    tries = _reserve(app, actor, candidates)
    failed: list[_Try] = []
    for number, each in enumerate(tries):
        try:
            is_right = yield from app.pepper.verify(each.stored_hash, each.candidate.password)
        except Busy:
            for unsettled in tries:
                slots.give_back(app, unsettled.held)
            raise
        if is_right and each.account is not None and each.may_enter:
            for other in [*failed, *tries[number + 1 :]]:
                slots.give_back(app, other.held)
            with bookkeeping(app) as u:
                known_addresses.remember(u, actor, each.account)
                slots.settle(u.connection, each.held, is_right=True)
                u.actor = actor.known_as(each.account.id, each.account.username)
                untrusted_peers.note(u, each.account)
            return Caller(each.account, Credential.PASSWORD)
        failed.append(replace(each, is_right=is_right))
    raise LoginFailed(pause=_count_one(app, actor, failed))


def _reserve(app: Watchword, actor: Actor, candidates: tuple[Candidate, ...]) -> list[_Try]:
    """Reserve a slot for each reading. Raises Throttled when every one is throttled."""
    address = address_kinds(actor.address, is_shared=actor.is_shared)
    tries: list[_Try] = []
    waits: list[int] = []
    for trial in _readings(app, actor, candidates):
        wanted = [_own_slot(app, trial), *([] if tries else address)]
        try:
            held = slots.reserve(app, wanted)
        except Throttled as refusal:
            waits.append(int(str(refusal.facts["retry_after"])))
            continue
        tries.append(replace(trial, held=held))
    if not tries:
        raise Throttled(retry_after=max(waits))
    return tries


def _own_slot(app: Watchword, trial: _Try) -> tuple[Kind, str]:
    """Return what the guess is counted under: the address's own budget, where the password was
    right from there. With MFA it is nothing of the account's: a slot of its own, always given
    back, so that the same statements are made as for any other name.
    """
    known = trial.known_address or ""
    is_used_up = slots.is_closed(app, Kind.PASSWORD_KNOWN_ADDRESS, known)
    name = password_subject(app, trial.account, trial.candidate.username)
    if trial.is_locked_out:
        return Kind.PASSWORD, f"mfa:{name}"
    if known and not is_used_up:
        return Kind.PASSWORD_KNOWN_ADDRESS, known
    return Kind.PASSWORD, name


def _readings(app: Watchword, actor: Actor, candidates: tuple[Candidate, ...]) -> list[_Try]:
    readings: list[_Try] = []
    with app.database.reading() as connection:
        accounts = administrators.find_all(connection, [c.username for c in candidates])
        for candidate in sorted(candidates, key=lambda c: c.username not in accounts):
            if len(readings) == MOST_SPLITS:
                break
            account = accounts.get(candidate.username)
            stored = administrators.password_hash(connection, account.id if account else 0)
            known = known_addresses.find(app, connection, actor, account)
            readings.append(_Try(candidate, account, stored, known, []))
    return readings


def _count_one(app: Watchword, actor: Actor, failed: list[_Try]) -> int:
    """One request is one failure, however many colons it held. Returns the seconds that its
    answer has to wait.
    """
    known = [f for f in failed if f.account is not None] or failed
    known = [f for f in known if f.is_right] or known
    counted = max(known, key=lambda f: len(f.candidate.username))
    with unit(app, actor) as u:
        for each in failed:
            if each is counted:
                slots.settle(u.connection, _but_address(each.held), is_right=each.is_locked_out)
            else:
                slots.restore(u.connection, _but_address(each.held))
        # The one place that tells whether it was right is the owner's own page. The same
        # statements are made for a name that nobody has, or an account without MFA.
        noted = counted.account.id if counted.account and counted.is_locked_out else 0
        api_refusals.note(u.connection, noted, actor.address, is_right=counted.is_right, now=u.now)
        reason = "mfa-password" if counted.is_locked_out else "password"
        u.record(AuditEvent.API_AUTH_FAIL, counted.account, outcome="refused", reason=reason)
        if not counted.is_locked_out:
            password_budget.tell_when_closed(u, counted.account, counted.held)
        return spraying.count(u, counted.account)


def _but_address(held: list[Slot]) -> list[Slot]:
    return [s for s in held if s.kind not in ADDRESS_KINDS]
