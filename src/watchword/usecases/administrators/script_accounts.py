"""Script accounts: members without a password, whose API passwords administrators generate."""

from __future__ import annotations

from msgspec.structs import replace

from watchword.domain.accounts import Administrator
from watchword.domain.errors import HasPassword
from watchword.domain.roles import Role
from watchword.domain.secret import Secret
from watchword.usecases import accounts
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators.authorization import (
    By,
    acting,
    demand_may_begin,
    demand_person,
    on_other,
)
from watchword.usecases.api import api_password
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import Unit

GENERATE = "generate-api-password"


def create(app: Watchword, by: By, new: NewAdministrator) -> tuple[Administrator, Secret]:
    """Create a script account and its API password. Raises Invalid, UsernameTaken, PersonNeeded."""
    demand_person(by)
    demand_may_begin(app, by)
    accounts.demand_valid(app, scripted(new))
    with acting(app, by) as u:
        return insert(u, new)


def scripted(new: NewAdministrator) -> NewAdministrator:
    """Return the input for a member without a password."""
    return replace(new, password=None, must_change_password=False, role=Role.MEMBER)


def insert(u: Unit, new: NewAdministrator) -> tuple[Administrator, Secret]:
    """Insert a script account and its API password in the caller's unit. Raises UsernameTaken."""
    account = accounts.insert(u, scripted(new), None)
    return account, api_password.issue(u, account)


def generate_api_password(app: Watchword, by: By, username: str, *, seen: int) -> Secret:
    """Replace the API password of a script account. Raises HasPassword for another account, whose
    owner generates it; AlreadyGenerated; PersonNeeded.
    """
    demand_person(by)
    with on_other(app, by, username, GENERATE) as (u, account):
        if account.has_password:
            raise HasPassword(username=account.username)
        return api_password.issue(u, account, seen)
