"""A new script account for an application: account, API password and grant in one step."""

from __future__ import annotations

from msgspec.structs import replace

from watchword.domain.accounts import Administrator
from watchword.domain.secret import Secret
from watchword.usecases import accounts
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import script_accounts
from watchword.usecases.administrators.authorization import (
    By,
    acting,
    demand_may_begin,
    demand_person,
)
from watchword.usecases.applications import applications
from watchword.usecases.applications.applications import Managed
from watchword.usecases.context import Watchword


def create(app: Watchword, by: By, name: str, username: str) -> tuple[Administrator, Secret]:
    """Create a script account that may enter the application, which accepts API passwords from then
    on. Raises Invalid, UsernameTaken, NoSuchApplication, PersonNeeded.
    """
    demand_person(by)
    demand_may_begin(app, by)
    new = NewAdministrator(username, "", "", None)
    accounts.demand_valid(app, script_accounts.scripted(new))

    def admitting(before: Managed) -> Managed:
        open_to_scripts = before.but(accept_api_passwords=True)
        return replace(open_to_scripts, usernames=(*before.usernames, username))

    with acting(app, by) as u:
        account, secret = script_accounts.insert(u, new)
        applications.change_in(u, by, name, admitting)
        return account, secret
