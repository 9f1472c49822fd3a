""" "Try it": the gateway's decision about a request that is not made."""

from __future__ import annotations

from datetime import datetime

from watchword.domain import gateway_decision
from watchword.domain.accounts import Administrator
from watchword.domain.application_errors import NoSuchApplication
from watchword.domain.audit import Actor
from watchword.domain.errors import NoSuchAdministrator
from watchword.domain.gateway_decision import Decision, Proof, Visitor
from watchword.domain.mfa import Status
from watchword.domain.original_request import of_forward
from watchword.storage import account_groups, administrators, applications
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import reading


def decide(
    app: Watchword, actor: Actor, name: str, username: str, method: str, path: str
) -> Decision:
    """Return the decision about a request of a browser in which the account has just logged in; of
    one without a login for an empty username. Raises NoSuchApplication, NoSuchAdministrator.
    """
    now = app.clock.now()
    with reading(app, actor) as connection:
        application = applications.find(connection, name)
        if application is None:
            raise NoSuchApplication(application=name)
        account = administrators.find(connection, username) if username else None
        if username and account is None:
            raise NoSuchAdministrator(username=username)
        groups = account_groups.of_account(connection, account.id) if account else ()
    parts = {"method": method, "proto": "https", "host": application.hosts[0], "uri": path}
    request = of_forward([(f"x-forwarded-{k}".encode(), v.encode()) for k, v in parts.items()])
    shown = _visitor(account, groups, now) if account else None
    return gateway_decision.decide(application, request, shown, now)


def _visitor(account: Administrator, groups: tuple[str, ...], now: datetime) -> Visitor:
    return Visitor(
        account_id=account.id,
        username=account.username,
        full_name=account.full_name,
        email=account.email,
        groups=groups,
        is_administrator=account.is_administrator,
        is_disabled=account.is_disabled,
        proof=Proof.MFA if account.mfa.status is Status.ACTIVE else Proof.PASSWORD,
        proved_at=now,
    )
