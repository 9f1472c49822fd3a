"""Short calls of the use-cases, as one administrator."""

from __future__ import annotations

import base64
from dataclasses import InitVar, dataclass, field

from msgspec.structs import replace

from tests.support.installation import Installation
from watchword.crypto.passwords import Derivation, Work, derive, run
from watchword.domain import basic_auth, totp
from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, AuditEvent, Interface
from watchword.domain.mfa import Event, Status
from watchword.domain.secret import Secret
from watchword.storage.audit_query import AuditFilter
from watchword.usecases import accounts
from watchword.usecases.account import overview, own_mfa
from watchword.usecases.account.overview import Overview
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import other_accounts
from watchword.usecases.administrators.authorization import By
from watchword.usecases.api import api_password, authentication
from watchword.usecases.api.authentication import Caller
from watchword.usecases.audit import audit_log
from watchword.usecases.context import Watchword
from watchword.usecases.login import password_login, second_factor
from watchword.usecases.login.password_login import AttemptStarted, Browser
from watchword.usecases.mfa import enrolment
from watchword.usecases.sessions import login_attempts, sessions
from watchword.usecases.sessions.login_attempts import OpenAttempt
from watchword.usecases.sessions.sessions import LoggedIn, Principal

PASSWORD = "otter pencil gravel monsoon"
CONSOLE = Actor(Interface.CONSOLE, address="192.0.2.7", user_agent="tests")
API = Actor(Interface.API, address="192.0.2.9", user_agent="curl")
CLI = Actor(Interface.CLI, name="operator")
BY_CLI = By(CLI)


@dataclass
class Acts:
    """The actions of one administrator, alice by default. `phone` is the secret in her phone."""

    here: Installation
    username: str = "alice"
    phone: bytes = b""
    recovery_codes: tuple[Secret, ...] = field(default=())
    is_there: InitVar[bool] = False

    def __post_init__(self, is_there: bool) -> None:
        if not is_there:
            self.create(self.username)

    @property
    def app(self) -> Watchword:
        return self.here.app

    def create(self, username: str) -> Administrator:
        new = NewAdministrator(username, "", "", Secret(PASSWORD))
        return run(other_accounts.create(self.app, BY_CLI, new))

    @property
    def account(self) -> Administrator:
        return accounts.by_name(self.app, CLI, self.username)

    @property
    def status(self) -> Status:
        return self.account.mfa.status

    def times(self, event: AuditEvent) -> int:
        """Return how often the audit log contains the event, for any account."""
        return len(audit_log.page(self.app, CLI, AuditFilter(event=event.value), 500))

    # --- logging in --------------------------------------------------------------------------
    def password(
        self,
        password: str = PASSWORD,
        *,
        browser: Browser | None = None,
        username: str | None = None,
        actor: Actor = CONSOLE,
    ) -> LoggedIn | AttemptStarted:
        return run(
            password_login.password(
                self.app,
                actor,
                username=self.username if username is None else username,
                typed=Secret(password),
                browser=browser or Browser(),
            )
        )

    def attempt(self, *, browser: Browser | None = None) -> OpenAttempt:
        """Enter username and password of an account with MFA. Returns the open second step."""
        started = self.password(browser=browser)
        assert isinstance(started, AttemptStarted)
        return login_attempts.find(self.app, started.token.reveal())

    def secret_shown(self, attempt: OpenAttempt) -> bytes:
        shown = enrolment.show(self.app, CONSOLE, attempt.account, attempt.attempt.enrolment_id)
        return base64.b32decode(shown.secret.reveal())

    def code(self, secret: bytes | None = None, *, steps: int = 0) -> str:
        step = totp.time_step(self.here.clock.now()) + steps
        return totp.code_at(secret or self.phone, step)

    def second_step(self, attempt: OpenAttempt, code: str | None = None) -> LoggedIn:
        return second_factor.code(self.app, CONSOLE, attempt, code or self.code(), Browser())

    def by_recovery_code(self, attempt: OpenAttempt, code: str) -> LoggedIn:
        return second_factor.recovery_code(self.app, CONSOLE, attempt, code, Browser())

    def principal(self, logged_in: LoggedIn) -> Principal:
        return sessions.find(self.app, logged_in.session_token.reveal())

    def principal_again(self, principal: Principal) -> Principal:
        """Return the session as the next request reads it."""
        account = accounts.by_name(self.app, CLI, self.username)
        return replace(principal, account=account)

    def login(self) -> Principal:
        """Complete a login in any MFA status. While pending it enrols."""
        result = self.password()
        if isinstance(result, LoggedIn):
            return self.principal(result)
        attempt = login_attempts.find(self.app, result.token.reveal())
        if self.status is Status.PENDING:
            self.phone = self.secret_shown(attempt)
            self.here.clock.next_step()
        else:
            self.here.clock.next_step()
        done = self.second_step(attempt)
        self.recovery_codes = done.recovery_codes or self.recovery_codes
        return self.principal(done)

    # --- Your MFA Settings -------------------------------------------------------------------
    def press(self, event: Event, principal: Principal | None = None) -> None:
        own_mfa.change_own(self.app, CONSOLE, principal or self.login(), event)

    def activate(self) -> Principal:
        """Enable MFA and enrol, from Disabled."""
        self.press(Event.ENABLE)
        return self.login()

    def generate_api_password(self, principal: Principal | None = None) -> str:
        principal = principal or self.login()
        seen = api_password.read(self.app, CLI, principal.account).generation
        return api_password.generate(self.app, CONSOLE, principal, seen=seen).reveal()

    def call_api(self, password: str, *, username: str | None = None, actor: Actor = API) -> Caller:
        given = basic_auth.parse(basic_header(username or self.username, password))
        assert given is not None
        return run(authentication.authenticate(self.app, actor, given))


def page_of(app: Watchword, principal: Principal) -> Overview:
    """Return the content of the page Overview."""
    actor = CONSOLE.known_as(principal.account)
    return overview.read(app, actor, principal)


def hashed(work: Work) -> bytes:
    """Do the hashing work that a use-case has yielded."""
    assert isinstance(work, Derivation)
    return derive(work)


def basic_header(username: str, password: str, charset: str = "utf-8") -> bytes:
    return b"Basic " + base64.b64encode(f"{username}:{password}".encode(charset))
