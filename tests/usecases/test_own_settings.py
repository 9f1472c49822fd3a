"""Changes of administrators to their own account: re-authentication, sessions, credentials."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.support.acts import API, BY_CLI, CLI, CONSOLE, PASSWORD, Acts, hashed
from watchword.crypto.passwords import run
from watchword.domain.audit import AuditEvent
from watchword.domain.errors import (
    AlreadyGenerated,
    CodeMalformed,
    CodeUnavailable,
    FirstRunOver,
    Invalid,
    LoginFailed,
    NoSuchAdministrator,
    NothingToRevoke,
    NotInThisState,
    Problem,
    ProofFailed,
    ProofNeeded,
    Refusal,
    SessionEnded,
    UsernameTaken,
)
from watchword.domain.mfa import Event, Status
from watchword.domain.secret import Secret
from watchword.domain.throttle import Kind
from watchword.storage import schema, throttles
from watchword.storage import sessions as stored_sessions
from watchword.usecases import accounts
from watchword.usecases.account import own_password, recovery_codes
from watchword.usecases.account.own_password import NewTokens
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import first_run, other_accounts, other_credentials
from watchword.usecases.administrators.authorization import By
from watchword.usecases.api import api_password
from watchword.usecases.login import reauthentication
from watchword.usecases.login.reauthentication import Answer
from watchword.usecases.mfa import enrolment
from watchword.usecases.sessions import sessions
from watchword.usecases.sessions.sessions import LoggedIn, Principal
from watchword.usecases.unit_of_work import unit

NEW = Secret("another otter with pencils")


def again(acts: Acts, principal: Principal, token: Secret) -> Principal:
    return sessions.find(acts.app, token.reveal())


def logged_in(acts: Acts) -> LoggedIn:
    result = acts.password()
    assert isinstance(result, LoggedIn)
    return result


# --- sessions that a change of MFA ends -------------------------------------------------------
@pytest.mark.parametrize("event", [Event.ENABLE])
def test_enabling_mfa_ends_the_other_sessions_and_keeps_this_one(acts: Acts, event: Event) -> None:
    other, mine = logged_in(acts), logged_in(acts)
    acts.press(event, acts.principal(mine))
    assert acts.principal(mine).account.mfa.status is Status.PENDING
    with pytest.raises(SessionEnded):
        acts.principal(other)


def test_activation_ends_all_sessions_except_the_new_one(acts: Acts) -> None:
    mine = logged_in(acts)
    acts.press(Event.ENABLE, acts.principal(mine))
    acts.login()
    with pytest.raises(SessionEnded):
        acts.principal(mine)


def test_mfa_change_forgets_recognised_browsers(acts: Acts) -> None:
    mine = logged_in(acts)
    acts.press(Event.ENABLE, acts.principal(mine))
    with acts.app.database.reading() as connection:
        from watchword.usecases.throttling import known_browsers

        found = known_browsers.find(acts.app, connection, mine.browser_token.reveal(), acts.account)
    assert found is None


@pytest.mark.parametrize(
    ("status", "event"),
    [
        (Status.DISABLED, Event.DISABLE),
        (Status.DISABLED, Event.RESET),
        (Status.PENDING, Event.ENABLE),
        (Status.PENDING, Event.RESET),
        (Status.ACTIVE, Event.ENABLE),
    ],
)
def test_own_mfa_change_that_the_status_does_not_allow_is_refused(
    acts: Acts, status: Status, event: Event
) -> None:
    principal = acts.login()
    if status is not Status.DISABLED:
        acts.press(Event.ENABLE, principal)
    if status is Status.ACTIVE:
        principal = acts.login()
    principal = acts.login() if status is Status.ACTIVE else _refound(acts, principal)
    with pytest.raises(NotInThisState):
        acts.press(event, principal)
    assert acts.status is status


def _refound(acts: Acts, principal: Principal) -> Principal:
    from msgspec.structs import replace

    account = acts.account
    session = replace(principal.session, cred_ver=account.cred_ver)
    return replace(principal, account=account, session=session)


def test_page_from_before_a_change_in_another_session_changes_nothing(acts: Acts) -> None:
    stale = acts.principal(logged_in(acts))
    acts.press(Event.ENABLE, acts.principal(logged_in(acts)))
    with pytest.raises(SessionEnded):
        acts.press(Event.ENABLE, stale)


# --- re-authentication -----------------------------------------------------------------------
def test_sensitive_changes_require_recent_reauthentication(acts: Acts) -> None:
    result = logged_in(acts)
    acts.here.clock.advance(timedelta(minutes=10))
    principal = acts.principal(result)
    for act in (
        lambda: acts.press(Event.ENABLE, principal),
        lambda: acts.generate_api_password(principal),
        lambda: api_password.revoke(acts.app, CONSOLE, principal),
        lambda: recovery_codes.generate(acts.app, CONSOLE, principal, seen=0),
        lambda: enrolment.finish_now(acts.app, CONSOLE, principal),
        lambda: change_password(acts, principal),
    ):
        with pytest.raises(ProofNeeded):
            act()
    proved = run(reauthentication.give(acts.app, CONSOLE, principal, Answer(Secret(PASSWORD))))
    acts.press(Event.ENABLE, proved)
    assert acts.status is Status.PENDING


def test_reauthentication_for_one_change_serves_no_parallel_one(acts: Acts) -> None:
    """Both requests passed the check of the interface before either of them ran."""
    acts.here.with_settings(recent_proof_minutes=0)
    Acts(acts.here, "bob")

    def own(proved: Principal) -> None:
        acts.generate_api_password(proved)

    def of_bob(proved: Principal) -> None:
        by = By(CONSOLE.known_as(proved.account), proved.account, proved)
        other_credentials.end_sessions(acts.app, by, "bob")

    for first, second in ((own, of_bob), (of_bob, own)):
        principal = acts.principal(logged_in(acts))
        proved = run(reauthentication.give(acts.app, CONSOLE, principal, Answer(Secret(PASSWORD))))
        first(proved)
        with pytest.raises(ProofNeeded):
            second(proved)


def test_current_password_does_not_renew_the_reauthentication(acts: Acts) -> None:
    """With MFA active, re-authentication takes a code too, and Change Password asks for none."""
    principal = acts.activate()
    acts.here.clock.advance(timedelta(minutes=9))
    with pytest.raises(ProofFailed):
        run(reauthentication.give_password(acts.app, CONSOLE, principal, Secret("wrong")))
    run(reauthentication.give_password(acts.app, CONSOLE, principal, Secret(PASSWORD)))
    with acts.app.database.reading() as connection:
        (session,) = stored_sessions.of_account(connection, acts.account.id)
    assert session.proved_at == principal.session.proved_at
    assert session.proof_failures == 0


def test_reauthentication_with_active_mfa_requires_a_code(acts: Acts) -> None:
    principal = acts.activate()
    acts.here.clock.advance(timedelta(minutes=11))
    with pytest.raises(CodeMalformed):
        run(reauthentication.give(acts.app, CONSOLE, principal, Answer(Secret(PASSWORD))))
    with pytest.raises(ProofFailed):
        run(
            reauthentication.give(
                acts.app, CONSOLE, principal, Answer(Secret(PASSWORD), code="000000")
            )
        )
    with pytest.raises(ProofFailed):
        run(
            reauthentication.give(
                acts.app, CONSOLE, principal, Answer(Secret("wrong"), code=acts.code())
            )
        )
    run(
        reauthentication.give(
            acts.app, CONSOLE, principal, Answer(Secret(PASSWORD), code=acts.code())
        )
    )


def test_recovery_code_reauthenticates_and_is_used_up(acts: Acts) -> None:
    principal = acts.activate()
    code = acts.recovery_codes[0].reveal()
    answer = Answer(Secret(PASSWORD), recovery_code=code)
    run(reauthentication.give(acts.app, CONSOLE, principal, answer))
    with pytest.raises(ProofFailed):
        run(reauthentication.give(acts.app, CONSOLE, principal, answer))


def test_fifth_wrong_answer_ends_the_session(acts: Acts) -> None:
    result = logged_in(acts)
    principal = acts.principal(result)
    for _ in range(4):
        with pytest.raises(ProofFailed):
            run(reauthentication.give(acts.app, CONSOLE, principal, Answer(Secret("wrong"))))
    with pytest.raises(SessionEnded):
        run(reauthentication.give(acts.app, CONSOLE, principal, Answer(Secret("wrong"))))
    with pytest.raises(SessionEnded):
        acts.principal(result)
    assert acts.times(AuditEvent.REAUTH_FAIL) == 5
    assert acts.times(AuditEvent.SESSION_ENDED) == 1


def test_correct_answer_after_the_fifth_wrong_one_is_refused(acts: Acts) -> None:
    """The session ends while the correct password is being hashed."""
    principal = acts.principal(logged_in(acts))
    right = reauthentication.give(acts.app, CONSOLE, principal, Answer(Secret(PASSWORD)))
    derivation = next(right)
    for _ in range(3):
        with pytest.raises(ProofFailed):
            run(reauthentication.give(acts.app, CONSOLE, principal, Answer(Secret("wrong"))))
    with pytest.raises(SessionEnded):
        run(reauthentication.give(acts.app, CONSOLE, principal, Answer(Secret("wrong"))))
    with pytest.raises(SessionEnded):
        right.send(hashed(derivation))
    assert not acts.times(AuditEvent.REAUTH_OK)


def test_code_for_a_secret_that_cannot_be_read_is_no_wrong_answer(acts: Acts) -> None:
    """The code cannot be checked, and a recovery code works."""
    principal = acts.activate()
    with acts.app.database.writing() as connection:
        connection.execute(schema.authenticators.update().values(secret=b"damaged"))
    for _ in range(10):
        acts.here.clock.next_step()
        answer = Answer(Secret(PASSWORD), code=acts.code())
        with pytest.raises(CodeUnavailable):
            run(reauthentication.give(acts.app, CONSOLE, principal, answer))
    with acts.app.database.reading() as connection:
        assert (
            connection.execute(sa.select(schema.sessions.c.proof_failures)).scalars().all()[-1] == 0
        )
        for kind in (Kind.CODE, Kind.CODE_MONTH, Kind.PASSWORD):
            counted = throttles.get(connection, kind, str(acts.account.id))
            assert (kind, counted.failures) == (kind, 0)
            assert counted.drained_at <= acts.here.clock.now()
    by_recovery = Answer(Secret(PASSWORD), recovery_code=acts.recovery_codes[0].reveal())
    run(reauthentication.give(acts.app, CONSOLE, principal, by_recovery))


def test_wrong_password_counts_when_the_secret_is_unreadable(acts: Acts) -> None:
    principal = acts.activate()
    with acts.app.database.writing() as connection:
        connection.execute(schema.authenticators.update().values(secret=b"damaged"))
    for _ in range(4):
        with pytest.raises(ProofFailed):
            run(
                reauthentication.give(
                    acts.app, CONSOLE, principal, Answer(Secret("wrong"), code="000000")
                )
            )
    with pytest.raises(SessionEnded):
        run(
            reauthentication.give(
                acts.app, CONSOLE, principal, Answer(Secret("wrong"), code="000000")
            )
        )


def test_login_code_for_a_secret_that_cannot_be_read_uses_no_attempt(acts: Acts) -> None:
    acts.activate()
    with acts.app.database.writing() as connection:
        connection.execute(schema.authenticators.update().values(secret=b"damaged"))
    attempt = acts.attempt()
    for _ in range(10):
        with pytest.raises(CodeUnavailable):
            acts.second_step(attempt)
    acts.by_recovery_code(attempt, acts.recovery_codes[0].reveal())


def test_correct_answer_resets_the_five_attempts(acts: Acts) -> None:
    principal = acts.principal(logged_in(acts))
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(ProofFailed):
                run(reauthentication.give(acts.app, CONSOLE, principal, Answer(Secret("wrong"))))
        run(reauthentication.give(acts.app, CONSOLE, principal, Answer(Secret(PASSWORD))))


def test_wrong_password_with_a_code_does_not_change_code_counts(acts: Acts) -> None:
    """Otherwise an attacker with a stolen session could reset the failures of guessed codes."""
    principal = acts.activate()
    attempt = acts.attempt()
    for _ in range(4):
        with pytest.raises(Refusal):
            acts.second_step(attempt, "000000")
    with pytest.raises(ProofFailed):
        run(
            reauthentication.give(
                acts.app, CONSOLE, principal, Answer(Secret("wrong"), code="111111")
            )
        )
    with pytest.raises(Refusal):
        acts.second_step(attempt, "000000")
    with pytest.raises(Refusal) as refused:
        acts.second_step(acts.attempt(), "000000")
    assert refused.value.code == "throttled"


# --- passwords -------------------------------------------------------------------------------
def change_password(acts: Acts, principal: Principal, **changes: Any) -> NewTokens:
    values = {"current": Secret(PASSWORD), "new": NEW, "repeated": NEW} | changes
    return run(own_password.change(acts.app, CONSOLE, principal, **values))


def test_change_password_to_the_current_one_is_refused(acts: Acts) -> None:
    same = Secret(PASSWORD)
    with pytest.raises(Invalid) as refused:
        change_password(acts, acts.login(), new=same, repeated=same)
    assert refused.value.problems == (Problem("new_password", "same-as-before"),)


def test_password_change_ends_other_sessions_and_keeps_mfa_and_api_password(
    acts: Acts,
) -> None:
    other, mine = logged_in(acts), logged_in(acts)
    api = acts.generate_api_password(acts.principal(mine))
    change_password(acts, acts.principal(mine))
    assert acts.principal(mine)
    with pytest.raises(SessionEnded):
        acts.principal(other)
    with pytest.raises(LoginFailed):
        acts.password()
    assert isinstance(acts.password(NEW.reveal()), LoggedIn)
    assert acts.call_api(api).account.username == "alice"


def test_password_change_revokes_the_api_password_on_request(acts: Acts) -> None:
    mine = logged_in(acts)
    api = acts.generate_api_password(acts.principal(mine))
    change_password(acts, acts.principal(mine), revokes_api_password=True)
    with pytest.raises(LoginFailed):
        acts.call_api(api)
    assert acts.times(AuditEvent.API_PASSWORD_REVOKED) == 1
    run(
        other_accounts.set_password(
            acts.app, BY_CLI, "alice", Secret(PASSWORD), revokes_api_password=True
        )
    )
    assert acts.times(AuditEvent.API_PASSWORD_REVOKED) == 1, "there was none to revoke"
    again = acts.generate_api_password()
    run(other_accounts.set_password(acts.app, BY_CLI, "alice", NEW))
    assert acts.call_api(again).account.username == "alice"
    run(
        other_accounts.set_password(
            acts.app, BY_CLI, "alice", Secret(PASSWORD), revokes_api_password=True
        )
    )
    with pytest.raises(LoginFailed):
        acts.call_api(again)


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"current": Secret("wrong")}, "current_password", "wrong"),
        ({"current": Secret("")}, "current_password", "required"),
        ({"repeated": Secret("x")}, "repeat_new_password", "not-the-same"),
        ({"new": Secret("short"), "repeated": Secret("short")}, "new_password", "too-short"),
        (
            {"new": Secret("passwordpassword"), "repeated": Secret("passwordpassword")},
            "new_password",
            "guessable",
        ),
    ],
    ids=["wrong", "empty", "not-the-same", "short", "guessable"],
)
def test_invalid_new_password_is_reported_with_its_field(
    acts: Acts, changes: dict[str, Secret], field: str, rule: str
) -> None:
    with pytest.raises(Invalid) as refused:
        change_password(acts, acts.principal(logged_in(acts)), **changes)
    assert [(p.field, p.rule) for p in refused.value.problems] == [(field, rule)]


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("VAULT.zwiebelfisch.example", "context-word"),
        ("elpmaxe.hcsiflebeiwz.tluav", "context-word"),
        ("Zwiebelfisch2026!", "guessable"),
        ("hcsiflebeiwz2026", "guessable"),
        ("schnabeltier2026", "guessable"),
    ],
)
def test_names_of_the_public_addresses_are_rejected_as_passwords(
    acts: Acts, password: str, rule: str
) -> None:
    """Host and organisation, also reversed; the same rule as for username and product."""

    def problems() -> list[str]:
        found = accounts.new_password_problems(acts.app, Secret(password), acts.account)
        return [p.rule for p in found]

    assert problems() == []  # the words are unknown without the setting
    acts.here.with_settings(
        console_url="https://vault.zwiebelfisch.example:8470",
        api_url="https://schnabeltier.zwiebelfisch.example",
    )
    assert problems() == [rule]


@pytest.mark.parametrize("password", ["watchword1234567", "bartholomaeus2026"])
@pytest.mark.parametrize("is_reversed", [False, True])
def test_product_and_username_are_rejected_as_passwords(
    acts: Acts, password: str, is_reversed: bool
) -> None:
    word, digits = password.rstrip("0123456789"), password.lstrip("abcdefghijklmnopqrstuvwxyz")
    new = Secret((word[::-1] if is_reversed else word) + digits)
    theirs = Acts(acts.here, "bartholomaeus")
    with pytest.raises(Invalid) as refused:
        change_password(acts, theirs.principal(logged_in(theirs)), new=new, repeated=new)
    assert [(p.field, p.rule) for p in refused.value.problems] == [("new_password", "guessable")]


# --- API password and recovery codes ---------------------------------------------------------
def test_form_sent_twice_generates_one_api_password(acts: Acts) -> None:
    principal = acts.login()
    seen = api_password.read(acts.app, CLI, principal.account).generation
    first = api_password.generate(acts.app, CONSOLE, principal, seen=seen)
    with pytest.raises(AlreadyGenerated):
        api_password.generate(acts.app, CONSOLE, principal, seen=seen)
    assert acts.call_api(first.reveal())


def test_revoked_api_password_is_refused(acts: Acts) -> None:
    principal = acts.login()
    password = acts.generate_api_password(principal)
    api_password.revoke(acts.app, CONSOLE, principal)
    with pytest.raises(LoginFailed):
        acts.call_api(password)
    with pytest.raises(NothingToRevoke):
        api_password.revoke(acts.app, CONSOLE, principal)


def test_api_password_of_another_account_is_refused(acts: Acts) -> None:
    password = acts.generate_api_password()
    acts.create("bob")
    with pytest.raises(LoginFailed):
        acts.call_api(password, username="bob")


def test_api_password_use_is_stored_once_a_minute(acts: Acts) -> None:
    password = acts.generate_api_password()
    acts.call_api(password)
    first = api_password.read(acts.app, CLI, acts.account)
    assert (first.last_used_at, first.last_used_address) == (acts.here.clock.now(), API.address)
    acts.here.clock.advance(timedelta(seconds=59))
    acts.call_api(password)
    assert api_password.read(acts.app, CLI, acts.account).last_used_at == first.last_used_at
    acts.here.clock.advance(timedelta(seconds=1))
    acts.call_api(password)
    assert api_password.read(acts.app, CLI, acts.account).last_used_at == acts.here.clock.now()


def test_own_reset_and_disable_keep_the_api_password(acts: Acts) -> None:
    principal = acts.activate()
    password = acts.generate_api_password(principal)
    acts.press(Event.RESET, principal)
    assert acts.call_api(password)
    acts.press(Event.DISABLE, _refound(acts, principal))
    assert acts.call_api(password)
    assert acts.call_api(PASSWORD)


def test_new_recovery_codes_replace_the_old_ones_and_a_repeated_form_makes_none(acts: Acts) -> None:
    principal = acts.activate()
    old = acts.recovery_codes[0].reveal()
    _left, mark = recovery_codes.state(acts.app, CLI, principal.account)
    acts.here.clock.advance(timedelta(seconds=1))
    new = recovery_codes.generate(acts.app, CONSOLE, principal, seen=mark)
    with pytest.raises(AlreadyGenerated):
        recovery_codes.generate(acts.app, CONSOLE, principal, seen=mark)
    with pytest.raises(Refusal):
        acts.by_recovery_code(acts.attempt(), old)
    acts.by_recovery_code(acts.attempt(), new[0].reveal())
    assert (
        recovery_codes.state(acts.app, CLI, principal.account)[0] == 8
    )  # the used one is replaced


def test_recovery_codes_without_active_mfa_are_refused(acts: Acts) -> None:
    with pytest.raises(NotInThisState):
        recovery_codes.generate(acts.app, CONSOLE, acts.login(), seen=0)


def test_recovery_codes_stay_until_a_new_secret_is_confirmed(acts: Acts) -> None:
    principal = acts.activate()
    old = acts.recovery_codes
    acts.press(Event.RESET, principal)
    assert recovery_codes.state(acts.app, CLI, acts.account)[0] == 8
    acts.here.clock.next_step()
    acts.login()
    assert acts.recovery_codes != old


# --- finish now ------------------------------------------------------------------------------
def test_finish_now_activates_without_a_further_login(acts: Acts) -> None:
    result = logged_in(acts)
    acts.press(Event.ENABLE, acts.principal(result))
    principal = acts.principal(result)
    shown = enrolment.show(acts.app, CONSOLE, principal.account, principal.enrolment_id)
    import base64

    acts.phone = base64.b32decode(shown.secret.reveal())
    named = principal.enrolment_id or ""
    done = enrolment.confirm_now(acts.app, CONSOLE, principal, named, acts.code())
    assert len(done.recovery_codes) == 8
    assert acts.status is Status.ACTIVE
    assert acts.principal(result).account.mfa.status is Status.ACTIVE


def test_every_view_of_the_enrolment_page_is_listed(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    for _ in range(2):
        attempt = acts.attempt()
        acts.secret_shown(attempt)
        acts.secret_shown(attempt)  # a reload is not listed again
        acts.here.clock.advance(timedelta(minutes=1))
    listed = enrolment.showings(acts.app, CLI, acts.account)
    assert [s.address for s in listed] == [CONSOLE.address] * 2
    assert listed[0].at - listed[1].at == timedelta(minutes=1)


# --- the operator ----------------------------------------------------------------------------
def test_operator_resets_and_disables_mfa_of_any_account(acts: Acts) -> None:
    acts.activate()
    acts.generate_api_password()
    after = other_credentials.change_mfa(
        acts.app, BY_CLI, "alice", Event.RESET, keep_api_password=True
    ).account
    assert after.mfa.status is Status.PENDING
    assert recovery_codes.state(acts.app, CLI, after)[0] == 0
    assert api_password.read(acts.app, CLI, after).mac is not None
    after = other_credentials.change_mfa(acts.app, BY_CLI, "alice", Event.DISABLE).account
    assert after.mfa.status is Status.DISABLED
    assert api_password.read(acts.app, CLI, after).mac is None
    with pytest.raises(NotInThisState):
        other_credentials.change_mfa(
            acts.app, BY_CLI, "alice", Event.DISABLE, keep_api_password=True
        )
    with pytest.raises(NoSuchAdministrator):
        other_credentials.change_mfa(acts.app, BY_CLI, "bob", Event.DISABLE, keep_api_password=True)


# --- the first administrator -----------------------------------------------------------------
def newcomer(username: str = "first") -> NewAdministrator:
    return NewAdministrator(username, "", "", Secret(PASSWORD))


def test_first_run_link_is_not_issued_once_an_administrator_exists(acts: Acts) -> None:
    assert first_run.issue_link(acts.app) is None


def test_username_that_looks_like_another_is_refused(acts: Acts) -> None:
    with pytest.raises(UsernameTaken):
        acts.create("ALICE")
    with pytest.raises(Invalid):
        acts.create(" alice")


def test_unit_of_work_that_records_nothing_cannot_commit(acts: Acts) -> None:
    with pytest.raises(RuntimeError, match="record"), unit(acts.app, CLI):
        pass


def test_refused_first_run_creates_no_account(acts: Acts) -> None:
    with pytest.raises(FirstRunOver):
        run(first_run.create_first(acts.app, CONSOLE, "X", newcomer(), Secret(PASSWORD)))
    assert [a.username for a in accounts.everyone(acts.app, CLI)] == ["alice"]
