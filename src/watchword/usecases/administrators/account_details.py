"""The content of an account's page, read in one snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor
from watchword.domain.roles import Role
from watchword.domain.sessions import Session, is_alive
from watchword.storage import (
    account_groups,
    administrators,
    audit_history,
    credentials,
    known_browsers,
    sessions,
)
from watchword.storage.audit_history import Showing
from watchword.storage.audit_query import AuditFilter, AuditRow, audit_page
from watchword.storage.credentials import StoredApiPassword
from watchword.storage.database import Connection
from watchword.storage.known_browsers import KnownBrowser
from watchword.usecases import accounts
from watchword.usecases.account.recognised_browsers import MOST
from watchword.usecases.audit import login_counts
from watchword.usecases.audit.login_counts import LoginDays
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import reading

MOST_EVENTS: Final = 10
MOST_SHOWINGS: Final = 20


class Details(Struct, frozen=True):
    """An account with its credentials, sessions and browsers (the most recently used first) and its
    newest events. `showings` are the views of its QR code while MFA is pending.
    """

    account: Administrator
    groups: tuple[str, ...]
    recovery_codes_left: int
    showings: Sequence[Showing]
    api_password: StoredApiPassword
    sessions: list[Session]
    browsers: list[KnownBrowser]
    events: list[AuditRow]
    login_days: LoginDays


def with_groups(
    app: Watchword, actor: Actor, username: str, role: Role
) -> tuple[Administrator, tuple[str, ...]]:
    """Return an account and its groups. Raises NoSuchAdministrator, NoSuchMember."""
    with reading(app, actor) as connection:
        found = administrators.find(connection, username)
        account = accounts.demand_role(found, username, role)
        return account, account_groups.of_account(connection, account.id)


def read(app: Watchword, actor: Actor, username: str, role: Role | None = None) -> Details:
    """Return the content of the page. Raises NoSuchAdministrator, NoSuchMember, SessionEnded."""
    now = app.clock.now()
    with reading(app, actor) as connection:
        found = administrators.find(connection, username)
        account = accounts.demand_role(found, username, role)
        id_, version = account.id, account.cred_ver
        opened = sessions.of_account(connection, id_)
        return Details(
            account=account,
            groups=account_groups.of_account(connection, id_),
            recovery_codes_left=credentials.recovery_codes_left(connection, id_),
            showings=_showings(connection, account),
            api_password=credentials.api_password(connection, id_),
            sessions=[s for s in opened if is_alive(s, version, app.limits, now)],
            browsers=known_browsers.of_account(connection, id_, version, now, MOST),
            events=audit_page(connection, AuditFilter(account=account.username), MOST_EVENTS),
            login_days=login_counts.of_account(app, connection, id_),
        )


def _showings(connection: Connection, account: Administrator) -> Sequence[Showing]:
    if (since := account.mfa.pending_since) is None:
        return []
    return audit_history.enrolment_showings(connection, account.id, since)[:MOST_SHOWINGS]
