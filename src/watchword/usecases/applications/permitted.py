"""The applications that an account may enter."""

from __future__ import annotations

from watchword.domain.accounts import Administrator
from watchword.domain.applications import Application
from watchword.storage import account_groups, applications
from watchword.usecases.context import Watchword


def to(app: Watchword, account: Administrator) -> list[Application]:
    """Return the enabled applications that admit the account, by name. An account reads its own."""
    with app.database.reading() as connection:
        groups = account_groups.of_account(connection, account.id)
        every = applications.every(connection)
    return [each for each in every if each.is_enabled and each.who.permits(account.id, groups)]
