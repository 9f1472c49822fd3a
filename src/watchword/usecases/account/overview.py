"""The content of the page Overview, read in one snapshot."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from watchword.domain.audit import Actor, AuditEvent
from watchword.storage import api_refusals, audit_history, counts, credentials, sessions
from watchword.storage.api_refusals import ApiRefusal
from watchword.storage.audit_history import Showing
from watchword.storage.counts import AdministratorCounts
from watchword.storage.credentials import StoredApiPassword
from watchword.storage.database import Connection
from watchword.storage.origin_refusals import OriginRefusals
from watchword.usecases.account import own_mfa
from watchword.usecases.audit import (
    banners,
    chain_watch,
    login_counts,
    proxy_warnings,
    refused_origins,
)
from watchword.usecases.audit.banners import Unseen
from watchword.usecases.audit.login_counts import LoginDays
from watchword.usecases.context import Watchword
from watchword.usecases.sessions.sessions import Principal
from watchword.usecases.unit_of_work import reading


class Overview(Struct, frozen=True):
    """What an administrator sees about the account and the server.

    `previous_login` is the login before this session, `failures` the number of logins that failed
    between the two. `broken_event_id`, `untrusted_peer` and `refused_origins` are
    findings about the server.
    `sessions` are the account's other sessions, by the time of their login.
    """

    previous_login: Showing | None
    failures: int
    recovery_codes_left: int
    api_password: StoredApiPassword
    api_refusals: list[ApiRefusal]
    unseen: Unseen
    is_new_to_mfa: bool
    broken_event_id: int | None
    untrusted_peer: str | None
    login_days: LoginDays
    administrators: AdministratorCounts
    last_backup: datetime | None
    sessions: dict[datetime, int]
    refused_origins: OriginRefusals | None


def read(app: Watchword, actor: Actor, principal: Principal) -> Overview:
    """Return the content of the page. Raises SessionEnded."""
    account, opened_at = principal.account, principal.session.created_at
    with reading(app, actor) as connection:
        return Overview(
            previous_login=audit_history.previous_login(connection, account.id, opened_at),
            failures=_failures_before(connection, principal),
            recovery_codes_left=credentials.recovery_codes_left(connection, account.id),
            api_password=credentials.api_password(connection, account.id),
            api_refusals=api_refusals.of_account(connection, account.id),
            unseen=banners.unseen(connection, principal),
            is_new_to_mfa=own_mfa.is_new_to(connection, account),
            broken_event_id=chain_watch.finding(connection),
            untrusted_peer=proxy_warnings.newest(connection, app.clock.now()),
            login_days=login_counts.of_all(app, connection),
            administrators=counts.of_administrators(connection),
            last_backup=audit_history.latest(connection, AuditEvent.SYSTEM_BACKUP),
            sessions={
                s.created_at: s.id
                for s in sessions.of_account(connection, account.id)
                if s.id != principal.session.id
            },
            refused_origins=refused_origins.newest(connection, app.clock.now()),
        )


def _failures_before(connection: Connection, principal: Principal) -> int:
    """Return how many logins failed between the login before and the one of this session."""
    event, opened_at = AuditEvent.LOGIN_AFTER_FAIL, principal.session.created_at
    found = audit_history.fact_at(connection, principal.account.id, event, opened_at, "failures")
    return int(found or 0)
