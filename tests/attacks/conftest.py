"""The attacked server: one per module, with accounts created through its database."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.support import phone
from tests.support.acts import BY_CLI, CLI, CONSOLE
from tests.support.attacker import Attacker
from tests.support.installation import CHEAP, settings_for
from tests.support.served import PASSWORD, Served
from watchword import bootstrap
from watchword.crypto.passwords import run
from watchword.domain import totp
from watchword.domain.accounts import Administrator
from watchword.domain.audit import AuditEvent
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.storage import schema
from watchword.usecases import accounts
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.api import api_password
from watchword.usecases.context import Watchword
from watchword.usecases.mfa import lifecycle
from watchword.usecases.unit_of_work import unit

_names = itertools.count(1)
NO_STEP = 0


@dataclass
class Owner:
    """The rightful owner of an account, with phone and recovery codes."""

    username: str
    secret: str = ""
    recovery_codes: list[str] = field(default_factory=list)
    api_password: str = ""

    def code(self, steps: int = 0) -> str:
        return phone.code(self.secret, datetime.now(UTC) + timedelta(seconds=30 * steps))


@dataclass
class House:
    """A running server and a second connection to its data, like that of the command line."""

    served: Served
    app: Watchword
    _opened: list[Attacker] = field(default_factory=list)

    def owner(
        self, username: str = "", *, mfa: str = "disabled", api: bool = False, **values: str
    ) -> Owner:
        """Create an account whose MFA is "disabled", "pending" or "active"."""
        owner = Owner(username or f"owner{next(_names)}")
        new = NewAdministrator(
            owner.username, values.get("full_name", ""), values.get("email", ""), Secret(PASSWORD)
        )
        run(other_accounts.create(self.app, BY_CLI, new))
        if mfa != "disabled":
            other_credentials.change_mfa(self.app, BY_CLI, owner.username, Event.ENABLE)
        if mfa == "active":
            self._enrol(owner)
        if api:
            made = api_password.generate_by_operator(self.app, BY_CLI.actor, owner.username)
            owner.api_password = made.reveal()
        return owner

    def _enrol(self, owner: Owner) -> None:
        with unit(self.app, CONSOLE) as u:
            account = accounts.locked_by_name(u, owner.username)
            secret = b"12345678901234567890"[:10] + owner.username.encode().ljust(10)[:10]
            # Two steps back: the codes of the last, this and the next step stay unused.
            step = totp.time_step(u.now) - 2
            lifecycle.apply(u, account, Event.CONFIRM, adopted=(secret, step))
            codes = lifecycle.issue_recovery_codes(u, account)
            u.record(AuditEvent.MFA_ENROL_CONFIRMED, account)
        owner.secret = base64.b32encode(secret).decode()
        owner.recovery_codes = [code.reveal() for code in codes]

    def account(self, owner: Owner) -> Administrator:
        return accounts.by_name(self.app, CLI, owner.username)

    def steps_pass(self, owner: Owner) -> None:
        """Make the steps whose codes were used old enough for another login."""
        with self.app.database.writing() as connection:
            table = schema.authenticators
            owned = table.c.administrator_id == self.account(owner).id
            connection.execute(table.update().where(owned).values(last_step=NO_STEP))

    def throttles_pass(self) -> None:
        """End all waits."""
        with self.app.database.writing() as connection:
            connection.execute(schema.throttles.delete())

    def count(self, table: sa.Table, **values: Any) -> int:
        """Return the number of rows with these values."""
        wanted = [table.c[name] == value for name, value in values.items()]
        with self.app.database.reading() as connection:
            query = sa.select(sa.func.count()).select_from(table).where(*wanted)
            return int(connection.execute(query).scalar_one())

    def browser(self, **cookies: str) -> Attacker:
        """Open a new browser without history."""
        opened = Attacker(self.served, cookies=dict(cookies))
        self._opened.append(opened)
        return opened

    def logged_in(self, owner: Owner) -> Attacker:
        """Return the owner's browser after a complete login."""
        browser = self.browser()
        browser.login(owner.username)
        if owner.secret:
            self.steps_pass(owner)
            browser.second_step(owner.code())
        assert browser.is_in(), f"{owner.username} is not logged in"
        return browser

    def close(self) -> None:
        for each in self._opened:
            each.close()
        self._opened.clear()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server per module; each test has its own accounts and addresses."""
    with Served.running(tmp_path_factory.mktemp("attacks") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def opened(served: Served) -> Iterator[Watchword]:
    app = bootstrap.open(settings_for(served.data), hashing=CHEAP, is_server=False)
    yield app
    app.close()


@pytest.fixture
def house(served: Served, opened: Watchword) -> Iterator[House]:
    house = House(served, opened)
    yield house
    house.close()
