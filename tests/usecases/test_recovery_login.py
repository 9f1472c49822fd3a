"""Login with a recovery code and the correct password while the password login is throttled.

Attackers must not learn from it whether a password is correct, nor make the server hash.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from tests.support import statements
from tests.support.acts import BY_CLI, PASSWORD, Acts, hashed
from tests.usecases.test_throttling import ELSEWHERE
from watchword.crypto.passwords import Hashing, run
from watchword.domain.audit import AuditEvent
from watchword.domain.errors import (
    Busy,
    LoginByRecoveryCodeFailed,
    RecoveryCodeMalformed,
    Refusal,
    Throttled,
)
from watchword.domain.login import Step
from watchword.domain.mfa import Event, Status
from watchword.domain.secret import Secret
from watchword.domain.throttle import CEILING, IN_FLIGHT, Kind, Throttle
from watchword.storage import administrators, credentials, schema, throttles
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.login import recovery_login
from watchword.usecases.login.password_login import AttemptStarted, Browser
from watchword.usecases.login.recovery_login import Given
from watchword.usecases.sessions import login_attempts
from watchword.usecases.sessions.sessions import LoggedIn, find

WRONG = "wrong wrong wrong"
NO_CODE = "0000-" * 5 + "0000"


def entering(
    acts: Acts, code: str, password: str = PASSWORD, username: str = "alice", at: int = 0
) -> Hashing[LoggedIn | AttemptStarted]:
    """Return the use-case before its first step."""
    given = Given(username, Secret(password), code)
    return recovery_login.enter(acts.app, ELSEWHERE[at], given, Browser(), "/audit-log")


def enter(
    acts: Acts, code: str, password: str = PASSWORD, username: str = "alice", at: int = 0
) -> LoggedIn:
    done = run(entering(acts, code, password, username, at))
    assert isinstance(done, LoggedIn)
    return done


def closed(acts: Acts) -> None:
    """Throttle the password login, as after a hundred wrong passwords in a row."""
    with acts.app.database.writing() as connection:
        throttles.hold(connection, Kind.PASSWORD, str(acts.account.id))
        full = Throttle(failures=CEILING)
        throttles.put(connection, Kind.PASSWORD, str(acts.account.id), full)
    with pytest.raises(Throttled):
        acts.password()


def counted(acts: Acts, kind: Kind) -> int:
    with acts.app.database.reading() as connection:
        return throttles.get(connection, kind, str(acts.account.id)).failures


def left(acts: Acts) -> int:
    with acts.app.database.reading() as connection:
        return credentials.recovery_codes_left(connection, acts.account.id)


def newest(acts: Acts) -> tuple[str, str]:
    c = schema.audit_events.c
    with acts.app.database.reading() as connection:
        row = connection.execute(sa.select(c.event, c.facts).order_by(c.id.desc()).limit(1)).one()
    return row.event, row.facts


# --- a successful login ----------------------------------------------------------------------
def test_recovery_code_with_the_password_opens_a_throttled_login(acts: Acts) -> None:
    acts.activate()
    closed(acts)
    done = enter(acts, acts.recovery_codes[0].reveal().lower())
    assert done.must_decide
    assert len(done.recovery_codes) == 1
    assert done.return_target == "/audit-log"
    principal = find(acts.app, done.session_token.reveal())
    assert principal.account.username == "alice"
    assert principal.must_decide
    assert left(acts) == 8
    # The failures of others at the name are reset, and the browser is recognised.
    assert counted(acts, Kind.PASSWORD) == 0
    acts.password(browser=Browser(known=done.browser_token.reveal()))


def test_recovery_code_is_used_up_by_a_recovery_login(acts: Acts) -> None:
    acts.activate()
    code = acts.recovery_codes[0].reveal()
    enter(acts, code)
    with pytest.raises(LoginByRecoveryCodeFailed):
        enter(acts, code)


def test_parallel_recovery_logins_with_one_code_open_one_session(acts: Acts) -> None:
    """Both logins have found the code and hashed the password; the first one took longer than its
    reservation. The deletion of the code decides.
    """
    acts.activate()
    code = acts.recovery_codes[0].reveal()
    first = entering(acts, code)
    work = next(first)
    acts.here.clock.advance(IN_FLIGHT)
    enter(acts, code, at=1)
    with pytest.raises(LoginByRecoveryCodeFailed):
        first.send(hashed(work))


def test_malformed_recovery_code_is_reported_and_not_counted(acts: Acts) -> None:
    for _ in range(30):
        with pytest.raises(RecoveryCodeMalformed):
            enter(acts, "12345")
    acts.password(actor=ELSEWHERE[0])


# --- refusals reveal nothing -----------------------------------------------------------------
def test_wrong_recovery_code_has_one_answer_for_all_names_and_nothing_is_hashed(
    acts: Acts,
) -> None:
    """Without a valid recovery code an attacker must not learn if the password is correct."""
    acts.activate()
    closed(acts)
    for name in ("plain", "disabled", "pending"):
        acts.create(name)
    other_accounts.disable(acts.app, BY_CLI, "disabled")
    other_credentials.change_mfa(acts.app, BY_CLI, "pending", Event.ENABLE)
    made = {}
    for at, name in enumerate(("nobody", "alice", "plain", "disabled", "pending")):
        for password in (PASSWORD, WRONG):
            with (
                statements.noted(acts.app) as caught,
                pytest.raises(LoginByRecoveryCodeFailed) as refused,
            ):
                # `next` and not `run`: if the use-case asked for a hash, it would return here.
                next(entering(acts, NO_CODE, password, name, at))
            made[name, password] = (caught, refused.value.facts)
    first = made["nobody", WRONG]
    assert first[0]
    assert {key: found == first for key, found in made.items()} == dict.fromkeys(made, True)


def test_recovery_code_of_another_account_is_refused_at_recovery_login(acts: Acts) -> None:
    acts.activate()
    acts.create("bob")
    with pytest.raises(LoginByRecoveryCodeFailed):
        next(entering(acts, acts.recovery_codes[0].reveal(), username="bob"))


@pytest.mark.parametrize("proof", ["off", "other_browser", "always"])
def test_recovery_login_after_a_reset_leads_to_the_new_secret(acts: Acts, proof: str) -> None:
    """After a reset the recovery codes are kept. One replaces the enrolment code, where the setting
    requires one, but not the code of the phone.
    """
    acts.press(Event.RESET, acts.activate())
    code = acts.recovery_codes[0].reveal()
    acts.here.with_settings(enrolment_proof=proof)
    closed(acts)
    started = run(entering(acts, code))
    assert isinstance(started, AttemptStarted)
    found = login_attempts.find(acts.app, started.token.reveal())
    assert found.step is Step.SHOW_SECRET
    assert (acts.status, left(acts)) == (Status.PENDING, 7)
    assert counted(acts, Kind.PASSWORD) == 0
    acts.second_step(found, acts.code(acts.secret_shown(found)))
    assert acts.status is Status.ACTIVE


def test_disabled_account_is_not_opened_by_recovery_login(acts: Acts) -> None:
    acts.activate()
    code = acts.recovery_codes[0].reveal()
    with acts.app.database.writing() as connection:
        administrators.set_disabled(connection, acts.account.id, is_disabled=True)
    with pytest.raises(LoginByRecoveryCodeFailed):
        enter(acts, code)
    assert left(acts) == 8


def test_recovery_login_is_refused_when_the_account_changes_during_the_hash(acts: Acts) -> None:
    acts.activate()
    waiting = entering(acts, acts.recovery_codes[0].reveal())
    work = next(waiting)
    with acts.app.database.writing() as connection:
        administrators.raise_cred_ver(connection, acts.account.id)
    with pytest.raises(LoginByRecoveryCodeFailed):
        waiting.send(hashed(work))
    assert left(acts) == 8


# --- limits ----------------------------------------------------------------------------------
def test_wrong_password_keeps_the_recovery_code_and_has_ten_attempts(acts: Acts) -> None:
    """An attacker with stolen codes has a limited number of guesses at the password."""
    acts.activate()
    code = acts.recovery_codes[0].reveal()
    for n in range(10):
        with pytest.raises(LoginByRecoveryCodeFailed):
            enter(acts, code, WRONG, at=n)
    assert left(acts) == 8
    assert newest(acts)[0] == AuditEvent.PASSWORD_FAIL
    with pytest.raises(Throttled):
        next(entering(acts, code, at=10))
    # Another code of the account allows no further guesses.
    with pytest.raises(Throttled):
        next(entering(acts, acts.recovery_codes[1].reveal(), at=11))
    other_accounts.unlock(acts.app, BY_CLI, "alice")
    enter(acts, code, at=12)
    assert counted(acts, Kind.PASSWORD_RECOVERY_CODE) == 0


def test_parallel_guesses_with_a_valid_code_use_one_reservation(acts: Acts) -> None:
    acts.activate()
    code = acts.recovery_codes[0].reveal()
    begun = entering(acts, code, WRONG)
    next(begun)

    def guess(number: int) -> str:
        try:
            enter(acts, code, WRONG, at=number + 1)
        except Refusal as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(guess, range(8))) == {"login-in-progress"}


def test_guesses_without_a_valid_code_do_not_use_the_ten_attempts(acts: Acts) -> None:
    acts.activate()
    for n in range(12):
        with pytest.raises(LoginByRecoveryCodeFailed):
            enter(acts, NO_CODE, WRONG, at=n)
    assert counted(acts, Kind.PASSWORD_RECOVERY_CODE) == 0
    assert counted(acts, Kind.PASSWORD) == 0
    enter(acts, acts.recovery_codes[0].reveal(), at=100)


def test_recovery_login_counts_towards_the_limit_of_its_address(acts: Acts) -> None:
    acts.activate()
    for n in range(20):
        with pytest.raises(LoginByRecoveryCodeFailed):
            enter(acts, NO_CODE, username=f"name{n}")
    with pytest.raises(Throttled):
        next(entering(acts, acts.recovery_codes[0].reveal()))
    with pytest.raises(Throttled):
        acts.password(actor=ELSEWHERE[0])


def test_successful_recovery_login_does_not_count_for_its_address(acts: Acts) -> None:
    acts.activate()
    for code in acts.recovery_codes[:7]:
        enter(acts, code.reveal())
    with acts.app.database.reading() as connection:
        address = throttles.get(connection, Kind.ADDRESS, ELSEWHERE[0].address)
    assert address.drained_at <= acts.here.clock.now()


def test_full_queue_counts_nothing_and_keeps_the_code(acts: Acts) -> None:
    acts.activate()
    waiting = entering(acts, acts.recovery_codes[0].reveal())
    next(waiting)
    with pytest.raises(Busy):
        waiting.throw(Busy(retry_after=2))
    assert counted(acts, Kind.PASSWORD_RECOVERY_CODE) == 0
    assert left(acts) == 8


def test_unknown_username_is_recorded_as_a_digest_only(acts: Acts) -> None:
    with pytest.raises(LoginByRecoveryCodeFailed):
        enter(acts, NO_CODE, username="hunter2 in the wrong field")
    event, facts = newest(acts)
    assert event == AuditEvent.RECOVERY_FAILED
    assert "name:" in facts
    assert "hunter2" not in facts
