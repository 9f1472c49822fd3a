"""Expiry of API passwords by age."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.acts import API, BY_CLI, CLI, Acts
from watchword.domain.api_password import Due
from watchword.domain.audit import AuditEvent
from watchword.domain.errors import LoginFailed
from watchword.domain.health_checks import Code, Level
from watchword.storage.audit_query import AuditFilter
from watchword.usecases.administrators import other_accounts
from watchword.usecases.api import api_password
from watchword.usecases.api.caller_cache import RememberedCallers
from watchword.usecases.audit import audit_log
from watchword.usecases.operations.data_checks import examine_data

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def limited(acts: Acts) -> Acts:
    """Limit the age of API passwords to thirty days."""
    acts.here.with_settings(api_password_max_days=30)
    return acts


def test_api_password_above_the_age_limit_is_refused_and_a_new_one_accepted(limited: Acts) -> None:
    old = api_password.generate_by_operator(limited.app, CLI, "alice").reveal()
    limited.here.clock.advance(30 * DAY - SECOND)
    assert limited.call_api(old).account.username == "alice"
    limited.here.clock.advance(SECOND)
    with pytest.raises(LoginFailed):
        limited.call_api(old)
    newest = audit_log.page(limited.app, CLI, AuditFilter(event=AuditEvent.API_AUTH_FAIL.value), 1)[
        0
    ]
    assert (newest.subject, newest.facts["reason"]) == ("alice", "api-password-expired")
    new = api_password.generate_by_operator(limited.app, CLI, "alice").reveal()
    assert limited.call_api(new).account.username == "alice"


def test_api_password_without_the_setting_does_not_expire(acts: Acts) -> None:
    old = api_password.generate_by_operator(acts.app, CLI, "alice").reveal()
    acts.here.clock.advance(4000 * DAY)
    assert acts.call_api(old).good_until is None


def test_cached_caller_is_forgotten_when_the_api_password_expires(limited: Acts) -> None:
    password = api_password.generate_by_operator(limited.app, CLI, "alice").reveal()
    limited.here.clock.advance(30 * DAY - 2 * SECOND)
    caller = limited.call_api(password)
    remembered = RememberedCallers(limited.app)
    digest = remembered.digest(b"Basic of a test", API.address)
    known = remembered.keep(digest, caller)
    limited.here.clock.advance(SECOND)
    assert remembered.get(digest) == known
    limited.here.clock.advance(SECOND)
    assert remembered.get(digest) is None


def test_administrator_list_shows_creation_and_last_use_of_the_api_password(acts: Acts) -> None:
    acts.create("bob")
    made = acts.here.clock.now()
    password = api_password.generate_by_operator(acts.app, CLI, "alice").reveal()
    acts.here.clock.advance(DAY)
    acts.call_api(password)
    alice, bob = other_accounts.page(acts.app, CLI)
    assert (alice.api_created_at, alice.api_last_used_at) == (made, made + DAY)
    assert (bob.has_api_password, bob.api_created_at, bob.api_last_used_at) == (False, None, None)
    assert api_password.due(acts.app, alice.api_created_at, alice.api_last_used_at) is None
    acts.here.clock.advance(180 * DAY + SECOND)
    assert api_password.due(acts.app, alice.api_created_at, alice.api_last_used_at) is Due.UNUSED


def test_doctor_names_accounts_with_expired_or_unused_api_passwords(limited: Acts) -> None:
    def judged() -> tuple[Code, dict[str, str | int]]:
        findings = examine_data(limited.here.settings, limited.here.clock.now())
        (found,) = (f for f in findings if f.check == "api-passwords")
        assert found.level is (Level.OK if found.code is Code.API_PASSWORDS_GOOD else Level.WARNING)
        return found.code, dict(found.facts)

    for name in ("bob", "carol", "dora"):
        limited.create(name)
    api_password.generate_by_operator(limited.app, CLI, "alice")
    assert judged() == (Code.API_PASSWORDS_GOOD, {})
    limited.here.clock.advance(14 * DAY)
    for name in ("bob", "carol"):
        api_password.generate_by_operator(limited.app, CLI, name)
    limited.here.clock.advance(16 * DAY)
    other_accounts.disable(limited.app, BY_CLI, "carol")  # disabled: her password is not reported
    assert judged() == (
        Code.API_PASSWORDS_DUE,
        {"expired": 1, "soon": 1, "unused": 0, "who": "alice, bob", "more": 0},
    )
    limited.here.with_settings(api_password_max_days=0)
    limited.here.clock.advance(160 * DAY)
    assert judged() == (
        Code.API_PASSWORDS_DUE,
        {"expired": 0, "soon": 0, "unused": 1, "who": "alice", "more": 0},
    )
