"""Secrets, recovery codes, API passwords, login steps, sessions."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.domain import api_password, recovery
from watchword.domain.login import Factor, Step, next_step, safe_return_target
from watchword.domain.mfa import Status
from watchword.domain.secret import Secret
from watchword.domain.sessions import NO_PROOF, Limits, Session, has_recent_proof, is_alive

NOW = datetime(2026, 3, 14, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


# --- secrets ---------------------------------------------------------------------------------
def test_a_secret_is_redacted_however_it_is_written() -> None:
    secret = Secret("swordfish")
    written = [repr(secret), str(secret), f"{secret}", f"{secret:>20}", f"{[secret]}",
               "%s" % secret, json.dumps(secret, default=str)]  # noqa: UP031 # fmt: skip
    assert not any("swordfish" in text for text in written)
    assert secret.reveal() == "swordfish"


def test_a_secret_is_never_serialised_by_accident() -> None:
    with pytest.raises(TypeError):
        json.dumps(Secret("swordfish"))
    with pytest.raises(TypeError):
        pickle.dumps(Secret("swordfish"))


def test_secrets_are_equal_by_their_values() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


# --- recovery codes and API passwords --------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("0123-4567-89AB-CDEF-GHJK-MNPQ", "0123456789ABCDEFGHJKMNPQ"),
        ("0123456789abcdefghjkmnpq", "0123456789ABCDEFGHJKMNPQ"),
        ("O123-4567-89AB-CDEF-GHJK-MNPQ", "0123456789ABCDEFGHJKMNPQ"),
        ("0I23-4567-89ab-cdef-ghjk-mnpq", "0123456789ABCDEFGHJKMNPQ"),
        (" 0l23 4567 89ab cdef ghjk mnpq ", "0123456789ABCDEFGHJKMNPQ"),
        ("0123-4567", None),
        ("U123-4567-89AB-CDEF-GHJK-MNPQ", None),
        ("", None),
        ("A" * 10_000, None),
    ],
)
def test_a_recovery_code_is_read_as_it_was_meant(typed: str, read: str | None) -> None:
    assert recovery.normalise(typed) == read


@given(st.text(recovery.ALPHABET, min_size=24, max_size=24))
def test_a_recovery_code_survives_being_written(code: str) -> None:
    assert recovery.normalise(recovery.written(code).lower()) == code


@given(st.text(api_password.ALPHABET, min_size=32, max_size=32))
def test_an_api_password_is_well_formed_and_a_typing_error_is_not(random: str) -> None:
    password = api_password.assemble(random)
    assert api_password.is_well_formed(password)
    assert len(password) == 42
    swapped = password[:10] + ("a" if password[10] != "a" else "b") + password[11:]
    assert not api_password.is_well_formed(swapped)


# --- login -----------------------------------------------------------------------------------
P, C, R = Factor.PASSWORD, Factor.CODE, Factor.RECOVERY_CODE


@pytest.mark.parametrize(
    ("proved", "status", "step"),
    [
        (set(), Status.DISABLED, Step.ASK_PASSWORD),
        ({C}, Status.ACTIVE, Step.ASK_PASSWORD),
        ({P}, Status.DISABLED, Step.DONE),
        ({P}, Status.PENDING, Step.SHOW_SECRET),
        ({P, R}, Status.PENDING, Step.SHOW_SECRET),
        ({P, C}, Status.PENDING, Step.DONE),
        ({P}, Status.ACTIVE, Step.ASK_CODE),
        ({P, C}, Status.ACTIVE, Step.DONE),
        ({P, R}, Status.ACTIVE, Step.DONE),
    ],
)
def test_a_login_shows_what_the_status_asks_for(
    proved: set[Factor], status: Status, step: Step
) -> None:
    assert next_step(frozenset(proved), status) is step


@pytest.mark.parametrize(
    ("target", "safe"),
    [
        ("/your-mfa-settings", "/your-mfa-settings"),
        ("/", "/"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a?next=//evil", "/"),
        ("/a#b", "/"),
        ("/%2F%2Fevil", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
        ("/" + "a" * 300, "/"),
    ],
)
def test_a_return_target_is_one_of_our_own_pages(target: str, safe: str) -> None:
    assert safe_return_target(target) == safe


@given(st.text())
def test_no_return_target_leads_elsewhere(target: str) -> None:
    safe = safe_return_target(target)
    assert safe.startswith("/")
    assert not safe.startswith("//")
    assert ":" not in safe


# --- sessions --------------------------------------------------------------------------------
LIMITS = Limits(idle=15 * MINUTE, absolute=timedelta(hours=8), recent_proof=10 * MINUTE)
SESSION = Session(
    id=1, administrator_id=1, cred_ver=3, created_at=NOW, last_seen_at=NOW,
    expires_at=NOW + timedelta(hours=8), proved_at=NOW, proof_failures=0, factors="pwd",
    address="", user_agent="",
)  # fmt: skip


@pytest.mark.parametrize(
    ("session", "cred_ver", "after", "alive"),
    [
        (SESSION, 3, timedelta(0), True),
        (SESSION, 3, 14 * MINUTE, True),
        (SESSION, 3, 15 * MINUTE, False),
        (replace(SESSION, last_seen_at=NOW + timedelta(hours=8)), 3, timedelta(hours=8), False),
        (SESSION, 4, timedelta(0), False),
        (SESSION, 2, timedelta(0), False),
    ],
    ids=["fresh", "almost-idle", "idle", "eight-hours", "changed", "restored"],
)
def test_a_session_lives_within_its_limits(
    session: Session, cred_ver: int, after: timedelta, alive: bool
) -> None:
    assert is_alive(session, cred_ver, LIMITS, NOW + after) is alive


@pytest.mark.parametrize(
    ("after", "recent"),
    [(timedelta(0), True), (9 * MINUTE, True), (10 * MINUTE, False), (-MINUTE, False)],
    ids=["at-once", "nine", "ten", "clock-went-back"],
)
def test_a_proof_is_recent_for_ten_minutes(after: timedelta, recent: bool) -> None:
    assert has_recent_proof(SESSION, LIMITS, NOW + after) is recent


def test_with_a_limit_of_zero_a_proof_waits_some_minutes_for_its_one_act() -> None:
    limits = replace(LIMITS, recent_proof=timedelta(0))
    assert has_recent_proof(SESSION, limits, NOW + 9 * MINUTE)
    assert not has_recent_proof(SESSION, limits, NOW + 10 * MINUTE)
    assert not has_recent_proof(replace(SESSION, proved_at=NO_PROOF), limits, NOW)
