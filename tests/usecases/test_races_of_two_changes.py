"""Two conflicting changes at the same moment, from two processes, on both databases.

One process makes the first change to several accounts, the other process the second one. The
result must be the result of one of the two orders.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from tests.soak import invariants
from tests.support.acts import API, BY_CLI, CLI, CONSOLE, PASSWORD, Acts, basic_header, hashed
from tests.support.installation import Installation
from tests.support.race import race
from tests.usecases.test_races import tokens_of, use_code
from watchword.crypto.passwords import run
from watchword.domain import basic_auth
from watchword.domain.audit import AuditEvent
from watchword.domain.errors import CodeWrong, LoginFailed, SessionEnded
from watchword.domain.mfa import Event, Status
from watchword.domain.secret import Secret
from watchword.storage import credentials
from watchword.usecases import accounts
from watchword.usecases.account import own_mfa, own_password, own_sessions
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.administrators.authorization import By
from watchword.usecases.api import api_password, authentication
from watchword.usecases.audit import audit_log
from watchword.usecases.context import Watchword
from watchword.usecases.login import password_login, reauthentication
from watchword.usecases.login.password_login import AttemptStarted, Browser
from watchword.usecases.login.reauthentication import Answer
from watchword.usecases.sessions import login_attempts, sessions
from watchword.usecases.sessions.sessions import LoggedIn

PAIRS = 6
NEW = "lantern quartz meadow cobalt"
Act = Callable[[Watchword, str, str], None]


# --- the changes, in a process that has only the database and two words ----------------------
def log_in(app: Watchword, username: str, password: str) -> str:
    made = run(
        password_login.password(
            app, CONSOLE, username=username, typed=Secret(password), browser=Browser()
        )
    )  # fmt: skip
    return made.token.reveal() if isinstance(made, AttemptStarted) else made.session_token.reveal()


def by_api(app: Watchword, name: str) -> By:
    account = accounts.by_name(app, CLI, name)
    return By(API.known_as(account), account)


def disable_other(app: Watchword, actor: str, other: str) -> None:
    other_accounts.disable(app, by_api(app, actor), other)


def delete_other(app: Watchword, actor: str, other: str) -> None:
    other_accounts.delete(app, by_api(app, actor), other)


def delete(app: Watchword, username: str, _text: str) -> None:
    other_accounts.delete(app, BY_CLI, username)


def lock_down_other(app: Watchword, actor: str, other: str) -> None:
    other_accounts.lock_down(app, by_api(app, actor), other)


def lock_down(app: Watchword, username: str, _text: str) -> None:
    other_accounts.lock_down(app, BY_CLI, username)


def disable(app: Watchword, username: str, _text: str) -> None:
    other_accounts.disable(app, BY_CLI, username)


def reset(app: Watchword, username: str, _text: str) -> None:
    other_credentials.change_mfa(app, BY_CLI, username, Event.RESET)


def generate(app: Watchword, token: str, seen: str) -> None:
    api_password.generate(app, CONSOLE, sessions.find(app, token), seen=int(seen))


def revoke(app: Watchword, username: str, _text: str) -> None:
    other_credentials.revoke_api_password(app, BY_CLI, username)


def use(app: Watchword, username: str, password: str) -> None:
    given = basic_auth.parse(basic_header(username, password))
    assert given is not None
    run(authentication.authenticate(app, API, given))


def use_from(app: Watchword, address: str, password: str) -> None:
    given = basic_auth.parse(basic_header("alice", password))
    assert given is not None
    run(authentication.authenticate(app, replace(API, address=address), given))


def visit_from(app: Watchword, address: str, token: str) -> None:
    sessions.find(app, token, replace(CONSOLE, address=address))


def change_password(app: Watchword, token: str, current: str) -> None:
    new = Secret(NEW)
    changing = own_password.change(
        app, CONSOLE, sessions.find(app, token), current=Secret(current), new=new, repeated=new
    )
    run(changing)


def enable(app: Watchword, token: str, _text: str) -> None:
    own_mfa.change_own(app, CONSOLE, sessions.find(app, token), Event.ENABLE)


def end_others(app: Watchword, token: str, _text: str) -> None:
    own_sessions.end_others(app, CONSOLE, sessions.find(app, token))


ACTS: dict[str, Act] = {
    act.__name__: act
    for act in (change_password, delete, delete_other, disable, disable_other, enable, end_others,
                generate, lock_down, lock_down_other, reset, revoke, use, use_code)
}  # fmt: skip


def act_named(app: Watchword, job: str, text: str) -> None:
    name, _, first = job.partition(" ")
    if name == "log_in":
        log_in(app, first, text)
    else:
        ACTS[name](app, first, text)


def against(
    here: Installation, ones: list[tuple[str, str]], twos: list[tuple[str, str]]
) -> list[str]:
    """Return the outcomes in the order of the jobs: first of `ones`, then of `twos`."""
    both = [job for pair in zip(ones, twos, strict=True) for job in pair]
    return race(here, act_named, both)


# --- accounts and checks ---------------------------------------------------------------------
@pytest.fixture
def cast(acts: Acts) -> list[Acts]:
    """Several administrators with one clock."""
    return [Acts(acts.here, f"a{n}") for n in range(PAIRS)]


def broken(here: Installation) -> list[str]:
    audit_log.verify(here.app, CLI)
    with here.app.database.reading() as connection:
        return invariants.broken(connection)


def count(here: Installation, acts: Acts, table: str = "sessions") -> int:
    sql = f"SELECT count(*) FROM {table} WHERE administrator_id = {acts.account.id}"
    with here.app.database.reading() as connection:
        return int(connection.exec_driver_sql(sql).scalar_one())


def session(acts: Acts) -> str:
    made = acts.password()
    assert isinstance(made, LoggedIn)
    return made.session_token.reveal()


# --- the races -------------------------------------------------------------------------------
@pytest.mark.parametrize("names", [("disable_other", "disable_other"),
                                   ("delete_other", "delete_other"),
                                   ("lock_down_other", "lock_down_other"),
                                   ("disable_other", "delete_other")])  # fmt: skip
def test_last_two_administrators_cannot_remove_each_other(
    acts: Acts, names: tuple[str, str]
) -> None:
    acts.create("bob")
    ones = [(f"{names[0]} alice", "bob")] * PAIRS
    twos = [(f"{names[1]} bob", "alice")] * PAIRS
    outcomes = against(acts.here, ones, twos)
    assert outcomes.count("done") == 1
    usable = [a for a in accounts.everyone(acts.app, CLI) if not a.is_disabled]
    assert len(usable) == 1
    assert broken(acts.here) == []


def test_reset_during_a_confirmation_leaves_the_result_of_one(acts: Acts, cast: list[Acts]) -> None:
    ones = []
    for each in cast:
        each.press(Event.ENABLE)
        token = tokens_of(each, 1)[0]
        secret = each.secret_shown(login_attempts.find(acts.app, token))
        ones.append((f"use_code {token}", each.code(secret)))
    twos = [(f"reset {each.username}", "") for each in cast]
    outcomes = against(acts.here, ones, twos)
    assert outcomes[:PAIRS] == ["done"] * PAIRS
    for each, came in zip(cast, outcomes[PAIRS:], strict=True):
        assert came in {"done", "not-in-this-state", "changed-meanwhile"}
        assert each.status is (Status.PENDING if came == "done" else Status.ACTIVE)
        assert count(acts.here, each) == (0 if came == "done" else 1)
    assert broken(acts.here) == []


def test_login_during_a_deletion_leaves_no_session(acts: Acts, cast: list[Acts]) -> None:
    ones = [(f"log_in {each.username}", PASSWORD) for each in cast]
    twos = [(f"delete {each.username}", "") for each in cast]
    outcomes = against(acts.here, ones, twos)
    assert outcomes[PAIRS:] == ["done"] * PAIRS
    assert set(outcomes[:PAIRS]) <= {"done", "login-failed"}
    assert [a.username for a in accounts.everyone(acts.app, CLI)] == ["alice"]
    assert broken(acts.here) == []


def test_login_during_disabling_leaves_no_session(acts: Acts, cast: list[Acts]) -> None:
    for each in cast:
        each.activate()
    acts.here.clock.next_step()
    ones = [(f"use_code {tokens_of(each, 1)[0]}", each.code()) for each in cast]
    twos = [(f"disable {each.username}", "") for each in cast]
    outcomes = against(acts.here, ones, twos)
    assert outcomes[PAIRS:] == ["done"] * PAIRS
    assert set(outcomes[:PAIRS]) <= {"done", "attempt-ended"}
    assert [count(acts.here, each) for each in cast] == [0] * PAIRS
    assert broken(acts.here) == []


@pytest.mark.parametrize("act", ["log_in", "generate"])
def test_lock_down_during_a_login_or_a_new_api_password_leaves_neither(
    acts: Acts, cast: list[Acts], act: str
) -> None:
    if act == "log_in":
        ones = [(f"log_in {each.username}", PASSWORD) for each in cast]
    else:
        ones = [(f"generate {session(each)}", "0") for each in cast]
    twos = [(f"lock_down {each.username}", "") for each in cast]
    outcomes = against(acts.here, ones, twos)
    assert outcomes[PAIRS:] == ["done"] * PAIRS
    assert set(outcomes[:PAIRS]) <= {"done", "login-failed", "session-ended"}
    for each in cast:
        assert count(acts.here, each) == 0
        with acts.app.database.reading() as connection:
            assert credentials.api_password(connection, each.account.id).mac is None
    assert broken(acts.here) == []


def test_form_sent_by_two_processes_generates_one_api_password(
    acts: Acts, cast: list[Acts]
) -> None:
    ones = [(f"generate {session(each)}", "0") for each in cast]
    outcomes = against(acts.here, ones, ones)
    pairs = zip(outcomes[:PAIRS], outcomes[PAIRS:], strict=True)
    assert [sorted(pair) for pair in pairs] == [["already-generated", "done"]] * PAIRS
    assert broken(acts.here) == []


def test_revoked_api_password_is_refused_and_not_recorded_as_used(
    acts: Acts, cast: list[Acts]
) -> None:
    ones = [(f"use {each.username}", each.generate_api_password()) for each in cast]
    twos = [(f"revoke {each.username}", "") for each in cast]
    outcomes = against(acts.here, ones, twos)
    assert outcomes[PAIRS:] == ["done"] * PAIRS
    for each, (_, password), came in zip(cast, ones, outcomes[:PAIRS], strict=True):
        assert came in {"done", "login-failed"}
        with pytest.raises(LoginFailed):
            each.call_api(password)
        with acts.app.database.reading() as connection:
            assert credentials.api_password(connection, each.account.id).last_used_at is None
            rows = connection.exec_driver_sql(
                "SELECT event FROM audit_events WHERE event LIKE 'api_password.%%'"
                f" AND subject_id = {each.account.id} ORDER BY id"
            )
            recorded = [row[0].partition(".")[2] for row in rows]
        # Recording the use is skipped while another process holds the lock.
        possible = [[], ["first_use"]] if came == "done" else [[]]
        assert recorded in [["generated", *first_use, "revoked"] for first_use in possible]


def test_parallel_uses_of_an_api_password_from_a_new_network_are_recorded_once(acts: Acts) -> None:
    password = acts.generate_api_password()
    for address, event in (
        (API.address, AuditEvent.API_PASSWORD_FIRST_USE),
        ("198.51.100.1", AuditEvent.API_PASSWORD_NEW_NETWORK),
    ):
        assert race(acts.here, use_from, [(address, password)] * 50) == ["done"] * 50
        assert acts.times(event) == 1


def test_parallel_requests_of_a_session_from_a_new_network_are_recorded_once(acts: Acts) -> None:
    jobs = [("198.51.100.1", session(acts))] * 50
    assert race(acts.here, visit_from, jobs) == ["done"] * 50
    assert acts.times(AuditEvent.SESSION_NEW_NETWORK) == 1


def test_login_with_the_old_password_ends_with_the_password_change(
    acts: Acts, cast: list[Acts]
) -> None:
    ones = [(f"log_in {each.username}", PASSWORD) for each in cast]
    twos = [(f"change_password {session(each)}", PASSWORD) for each in cast]
    outcomes = against(acts.here, ones, twos)
    assert outcomes[PAIRS:] == ["done"] * PAIRS
    assert set(outcomes[:PAIRS]) <= {"done", "login-failed"}
    assert [count(acts.here, each) for each in cast] == [1] * PAIRS
    for each in cast:
        with pytest.raises(LoginFailed):
            each.password()
        each.here.clock.next_step()
        assert isinstance(each.password(NEW), LoggedIn)
    assert broken(acts.here) == []


def test_second_of_two_confirmations_is_refused_with_its_secret(
    acts: Acts, cast: list[Acts]
) -> None:
    secrets: list[list[bytes]] = []
    jobs: list[list[tuple[str, str]]] = [[], []]
    for each in cast:
        each.press(Event.ENABLE)
        tokens = tokens_of(each, 2)
        secrets.append(
            [each.secret_shown(login_attempts.find(acts.app, token)) for token in tokens]
        )
        for number, token in enumerate(tokens):
            jobs[number].append((f"use_code {token}", each.code(secrets[-1][number])))
    outcomes = against(acts.here, *jobs)
    acts.here.clock.next_step()
    for each, shown, came in zip(
        cast, secrets, zip(outcomes[:PAIRS], outcomes[PAIRS:], strict=True), strict=True
    ):
        assert sorted(came) == ["attempt-ended", "done"]
        winner = came.index("done")
        with pytest.raises(CodeWrong):
            each.second_step(each.attempt(), each.code(shown[1 - winner]))
        each.here.clock.next_step()
        assert isinstance(each.second_step(each.attempt(), each.code(shown[winner])), LoggedIn)
    assert broken(acts.here) == []


def test_ended_session_changes_nothing_after_its_end(acts: Acts, cast: list[Acts]) -> None:
    ones = [(f"generate {session(each)}", "0") for each in cast]
    twos = [(f"end_others {session(each)}", "") for each in cast]
    outcomes = against(acts.here, ones, twos)
    assert outcomes[PAIRS:] == ["done"] * PAIRS
    for each, came in zip(cast, outcomes[:PAIRS], strict=True):
        assert came in {"done", "session-ended"}
        with acts.app.database.reading() as connection:
            rows = connection.exec_driver_sql(
                "SELECT event FROM audit_events WHERE event IN"
                " ('api_password.generated', 'session.ended')"
                f" AND subject_id = {each.account.id} ORDER BY id"
            )
            recorded = [row[0] for row in rows]
        generated = ["api_password.generated"] if came == "done" else []
        assert recorded == [*generated, "session.ended"]
    assert broken(acts.here) == []


@pytest.mark.parametrize("end", ["by_owner", "by_logout", "by_other"])
def test_accepted_request_whose_session_ended_meanwhile_changes_nothing(
    acts: Acts, end: str
) -> None:
    """The session ends between the check of the cookie and the transaction."""
    token, other = session(acts), session(acts)
    principal, owner = sessions.find(acts.app, token), sessions.find(acts.app, other)
    if end == "by_owner":
        own_sessions.end(acts.app, CONSOLE, owner, principal.session.id)
    elif end == "by_logout":
        sessions.logout(acts.app, CONSOLE, principal)
    else:
        other_credentials.end_sessions(acts.app, BY_CLI, "alice")
    acts.create("bob")
    with pytest.raises(SessionEnded):
        own_mfa.change_own(acts.app, CONSOLE, principal, Event.ENABLE)
    with pytest.raises(SessionEnded):
        other_accounts.disable(
            acts.app, By(CONSOLE.known_as(principal.account), principal.account, principal), "bob"
        )
    assert acts.status is Status.DISABLED


@pytest.mark.parametrize("act", ["set_password", "delete"])
def test_reauthentication_is_refused_when_the_account_was_changed_meanwhile(
    acts: Acts, act: str
) -> None:
    """The password changes while the correct one is being hashed."""
    acts.create("bob")
    principal = sessions.find(acts.app, session(acts))
    checking = reauthentication.give(acts.app, CONSOLE, principal, Answer(Secret(PASSWORD)))
    work = next(checking)
    if act == "set_password":
        run(other_accounts.set_password(acts.app, BY_CLI, "alice", Secret(NEW), must_change=False))
    else:
        other_accounts.delete(acts.app, BY_CLI, "alice")
    with pytest.raises(SessionEnded):
        checking.send(hashed(work))
    assert acts.times(AuditEvent.REAUTH_OK) == 0
