"""Retirement of keys before the current one, once no value depends on them.

Sealed values are always sealed under the current key first. Owners renew passwords, recovery codes
and API passwords; enrolment codes expire after three days. `force` ends the remaining ones.
"""

from __future__ import annotations

from watchword.crypto import keyring, ring_file
from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.operational_errors import KeyInUse
from watchword.domain.throttle import Kind
from watchword.storage import (
    administrators,
    credentials,
    enrolment_proofs,
    key_usage,
    replaced_api_passwords,
    sealed_rows,
    throttles,
)
from watchword.storage.key_usage import Holder
from watchword.usecases.context import Watchword
from watchword.usecases.mfa import lifecycle
from watchword.usecases.operations import key_rotation
from watchword.usecases.operations.key_rotation import KeyState
from watchword.usecases.unit_of_work import Unit, reading, unit


def old_keys(app: Watchword, actor: Actor) -> list[KeyState]:
    """Return the keys before the current one."""
    return [key for key in key_rotation.states(app, actor) if key.state == "old"]


def holders_of_old(app: Watchword, actor: Actor) -> list[Holder]:
    """Return the accounts whose password, recovery codes or API password would become invalid."""
    ids = [key.id for key in old_keys(app, actor)]
    with reading(app, actor) as connection:
        return key_usage.holders(connection, ids)


def retire(app: Watchword, actor: Actor, *, force: bool) -> list[str]:
    """Drop the keys before the current one. Returns their ids, which may be none.

    Raises KeyInUse while a value depends on one of them. With `force` such credentials are ended
    first; sealed values still keep their keys. Sessions, login attempts and recognised browsers of
    these keys end.
    """
    with ring_file.changing(keyring.path_in(app.settings.data_dir)) as file:
        ids = [key.id for key in old_keys(app, actor)]
        if not ids:
            return []
        with unit(app, actor) as u:
            _demand_free(u, ids, force=force)
            ended = key_usage.delete_tokens(u.connection, ids)
            u.record(AuditEvent.KEY_RETIRED, keys=" ".join(ids), sessions=ended)
        # After the log: if the process is killed here, the next run drops the keys.
        file.drop(frozenset(ids))
    return ids


def _demand_free(u: Unit, ids: list[str], *, force: bool) -> None:
    administrators.lock_all(u.connection)
    count = sealed_rows.count_not_under(u.connection, keyring.head_of(u.app.keyring.current_id))
    holders = key_usage.holders(u.connection, ids)
    if count or (holders and not force):
        raise KeyInUse(sealed=count, accounts=len(holders))
    locked = [administrators.get(u.connection, each.id, for_change=True) for each in holders]
    for holder, account in zip(holders, locked, strict=True):
        if account is not None:
            _end_credentials(u, holder, account, ids)


def _end_credentials(u: Unit, holder: Holder, account: Administrator, ids: list[str]) -> None:
    if holder.has_api_password:
        credentials.revoke_api_password(u.connection, account.id)
        u.record(AuditEvent.API_PASSWORD_REVOKED, account, reason="key-retired")
    elif holder.has_old_api_password:
        replaced_api_passwords.end_old(u.connection, account.id)
        u.record(AuditEvent.API_PASSWORD_OLD_ENDED, account, reason="key-retired")
    key_usage.forget_recovery_codes(u.connection, account.id, ids)
    if holder.has_enrolment_code:
        enrolment_proofs.forget_code(u.connection, account.id)
    if holder.has_password:
        nothing = u.app.pepper.bound(account.id, u.app.pepper.hash_of_nothing())
        administrators.set_password(u.connection, account.id, nothing, must_change=False, now=u.now)
        lifecycle.end_all(u, account)
        throttles.clear(u.connection, Kind.PASSWORD, str(account.id))
    u.record(
        AuditEvent.KEY_RETIRED, account, outcome="forced",
        password=int(holder.has_password), recovery_codes=holder.recovery_codes,
        api_password=int(holder.has_api_password), enrolment_code=int(holder.has_enrolment_code),
    )  # fmt: skip
