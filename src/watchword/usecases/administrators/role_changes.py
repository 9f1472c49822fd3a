"""Making a member an administrator, and an administrator a member.

The role decides what the one API password opens, so a change of the role revokes it: a secret that
was given to an application must not open the Management API. All sessions end.
"""

from __future__ import annotations

from watchword.domain.audit import AuditEvent
from watchword.domain.errors import AlreadySo, PasswordMissing
from watchword.domain.roles import Role
from watchword.storage import administrators
from watchword.usecases import accounts
from watchword.usecases.administrators.authorization import By, Changed, demand_person, on_other
from watchword.usecases.administrators.other_accounts import demand_another
from watchword.usecases.api import api_password
from watchword.usecases.context import Watchword
from watchword.usecases.mfa import lifecycle

ACTS = {Role.ADMINISTRATOR: "make-administrator", Role.MEMBER: "make-member"}


def change(app: Watchword, by: By, username: str, to: Role) -> Changed:
    """Give another account a role. Raises AlreadySo, LastAdministrator, PasswordMissing for a
    script account, and PersonNeeded on the API.
    """
    demand_person(by)
    with on_other(app, by, username, ACTS[to]) as (u, account):
        if account.role is to:
            raise AlreadySo(act=ACTS[to])
        if not account.has_password:
            raise PasswordMissing(username=account.username)
        demand_another(u, account)
        administrators.set_role(u.connection, account.id, to)
        administrators.raise_cred_ver(u.connection, account.id)
        lifecycle.end_all(u, account)
        revoked = api_password.take_away(u, account)
        u.record(AuditEvent.ROLE_CHANGED, account, role=to.value)
        return Changed(accounts.reread(u, account), api_password_revoked=revoked)
