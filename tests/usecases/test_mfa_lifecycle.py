"""The life cycle of MFA, driven at random against a model of three lines."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.support import installation
from tests.support.acts import BY_CLI, PASSWORD, Acts
from watchword.crypto.passwords import run
from watchword.domain.errors import LoginFailed, NotInThisState, Refusal
from watchword.domain.mfa import Event, Status
from watchword.domain.secret import Secret
from watchword.domain.totp import code_at, time_step
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.login.password_login import AttemptStarted
from watchword.usecases.sessions.sessions import LoggedIn

MODEL = {
    ("disabled", "enable"): "pending", ("pending", "confirm"): "active",
    ("pending", "disable"): "disabled", ("active", "reset"): "pending",
    ("active", "disable"): "disabled",
}  # fmt: skip


class LifeCycle(RuleBasedStateMachine):
    """The use-cases agree with the model, in any order of events."""

    template: tuple[Path, str]

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.here = installation.open_copy(self.template, Path(self.folder.name) / "d", None)
        self.acts = Acts(self.here)
        self.model = "disabled"
        self.api_password = ""
        self.old_secrets: list[bytes] = []

    def teardown(self) -> None:
        if hasattr(self, "here"):
            self.here.app.close()
            self.folder.cleanup()

    def _expect(self, event: str) -> bool:
        to = MODEL.get((self.model, event))
        self.model = to or self.model
        return to is not None

    def _agrees(self) -> None:
        assert self.acts.status.value == self.model

    def _log_in(self) -> object:
        self.here.clock.advance(timedelta(minutes=2))
        started = self.acts.password()
        if self.model == "disabled":
            assert isinstance(started, LoggedIn)
            return self.acts.principal(started)
        assert isinstance(started, AttemptStarted)
        if self.model == "pending":
            self._expect("confirm")
        self.old_secrets.append(self.acts.phone)
        principal = self.acts.login()
        if self.acts.phone == self.old_secrets[-1]:
            self.old_secrets.pop()
        return principal

    @rule()
    def log_in(self) -> None:
        self._log_in()
        self._agrees()

    @rule()
    def enable(self) -> None:
        if self.model == "disabled":
            self.acts.press(Event.ENABLE)
            self._expect("enable")
        self._agrees()

    @rule()
    def reset_by_operator(self) -> None:
        self._by_operator(Event.RESET)

    @rule()
    def disable_by_operator(self) -> None:
        self._by_operator(Event.DISABLE)

    def _by_operator(self, event: Event) -> None:
        if self._expect(event.value):
            other_credentials.change_mfa(
                self.here.app, BY_CLI, "alice", event, keep_api_password=True
            )
        else:
            with pytest.raises(NotInThisState):
                other_credentials.change_mfa(
                    self.here.app, BY_CLI, "alice", event, keep_api_password=True
                )
        self._agrees()

    @rule()
    def reset_own(self) -> None:
        self._log_in()
        if self.model == "active":
            self.acts.press(Event.RESET, self.acts.login())
            self._expect("reset")
        self._agrees()

    @rule()
    def set_password(self) -> None:
        """A new password does not change the MFA status."""
        run(other_accounts.set_password(self.here.app, BY_CLI, "alice", Secret(PASSWORD), must_change=False))  # fmt: skip
        self._agrees()

    @rule()
    def generate_api_password(self) -> None:
        self._log_in()
        self.api_password = self.acts.generate_api_password()
        self._agrees()

    @rule()
    def the_api_accepts_the_regular_password_only_while_disabled(self) -> None:
        if self.model == "disabled":
            assert self.acts.call_api(PASSWORD)
        else:
            with pytest.raises(LoginFailed):
                self.acts.call_api(PASSWORD)
            self.here.clock.advance(timedelta(minutes=5))

    @precondition(lambda self: self.api_password)
    @rule()
    def the_api_always_accepts_the_api_password(self) -> None:
        assert self.acts.call_api(self.api_password)

    @precondition(lambda self: self.model == "active" and any(self.old_secrets))
    @rule()
    def codes_of_old_secrets_are_refused(self) -> None:
        self.here.clock.advance(timedelta(hours=2))
        old = next(s for s in self.old_secrets if s)
        attempt = self.acts.attempt()
        with pytest.raises(Refusal):
            self.acts.second_step(attempt, code_at(old, time_step(self.here.clock.now())))


def test_use_cases_follow_the_model(sqlite_template: tuple[Path, str]) -> None:
    LifeCycle.template = sqlite_template
    machine = LifeCycle.TestCase
    machine.settings = settings(
        max_examples=25, stateful_step_count=15, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    machine().runTest()
    assert {status.value for status in Status} == set(MODEL.values())
