"""The events of the state table, made with the use-cases.

An event takes the scene and whether its precondition is met. If a required precondition is not
met, the event raises the refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from tests.support.acts import API, BY_CLI, CLI, CONSOLE, PASSWORD
from tests.usecases.scene import Scene
from watchword.crypto.passwords import run
from watchword.domain.api_password import assemble
from watchword.domain.enrolment_code import MOST_FAILURES
from watchword.domain.errors import AttemptEnded, CodeUnavailable, LoginFailed, Refusal
from watchword.domain.login import Step
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.domain.throttle import CEILING, Kind
from watchword.storage import authenticators, schema
from watchword.usecases.account import own_mfa, own_password, recovery_codes
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.administrators.authorization import By
from watchword.usecases.api import api_password
from watchword.usecases.login import reauthentication, second_factor
from watchword.usecases.login.password_login import AttemptStarted, Browser
from watchword.usecases.login.reauthentication import Answer
from watchword.usecases.mfa import enrolment, enrolment_codes
from watchword.usecases.operations import after_restore, key_rotation, maintenance
from watchword.usecases.sessions import login_attempts
from watchword.usecases.sessions.login_attempts import OpenAttempt
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.usecases.throttling import reservations

Act = Callable[[Scene, bool], None]
HOUR = timedelta(hours=1)
NEW = Secret("another otter with pencils")
WRONG = "wrong wrong wrong"
EVENTS: Final[dict[str, Act]] = {}


def event(name: str) -> Callable[[Act], Act]:
    def put(act: Act) -> Act:
        EVENTS[name] = act
        return act

    return put


# --- MFA of the own account---------------------------------------------------------------------
def change_own(what: Event, s: Scene, proved: bool) -> None:
    own_mfa.change_own(s.app, s.actor, s.me(proved=proved), what)


EVENTS["enable by self"] = partial(change_own, Event.ENABLE)
EVENTS["reset by self"] = partial(change_own, Event.RESET)
EVENTS["disable by self"] = partial(change_own, Event.DISABLE)
EVENTS["disable by self, proved before the reset"] = partial(change_own, Event.DISABLE)


@event("disable by self, proved by a recovery code")
def _disable_by_recovery_code(s: Scene, proved: bool) -> None:
    me = s.me(proved=proved)
    if proved:
        answer = Answer(Secret(PASSWORD), recovery_code=s.codes[0].reveal())
        me = run(reauthentication.give(s.app, s.actor, me, answer))
    own_mfa.change_own(s.app, CONSOLE.known_as(s.account), me, Event.DISABLE)


@event("finish now")
def _finish_now(s: Scene, proved: bool) -> None:
    change_own(Event.ENABLE, s, proved)
    s.finish_now()


@event("new recovery codes")
def _new_recovery_codes(s: Scene, proved: bool) -> None:
    _left, mark = recovery_codes.state(s.app, CLI, s.account)
    s.here.clock.advance(timedelta(seconds=1))
    recovery_codes.generate(s.app, s.actor, s.me(proved=proved), seen=mark)


@event("recovery codes run out")
def _recovery_codes_run_out(s: Scene, _proved: bool) -> None:
    me, actor = s.me(), s.actor
    for code in s.codes[:6]:
        me = run(
            reauthentication.give(
                s.app, actor, me, Answer(Secret(PASSWORD), recovery_code=code.reveal())
            )
        )


# --- another's MFA ----------------------------------------------------------------------------
def change_others(what: Event, s: Scene, proved: bool, *, keep: bool = False) -> None:
    other_credentials.change_mfa(s.app, s.bob(proved=proved), s.name, what, keep_api_password=keep)


def by_operator(what: Event, s: Scene, _proved: bool) -> None:
    other_credentials.change_mfa(s.app, BY_CLI, s.name, what, keep_api_password=True)


def on_oneself(what: Event, s: Scene, proved: bool) -> None:
    me = s.me(proved=proved)
    other_credentials.change_mfa(s.app, By(s.actor, me.account, me), s.name, what)


EVENTS["enable by other"] = partial(change_others, Event.ENABLE)
EVENTS["reset by other"] = partial(change_others, Event.RESET)
EVENTS["disable by other"] = partial(change_others, Event.DISABLE)
EVENTS["disable by other, API password kept"] = partial(change_others, Event.DISABLE, keep=True)
EVENTS["reset on the command line"] = partial(by_operator, Event.RESET)
EVENTS["disable on the command line"] = partial(by_operator, Event.DISABLE)
EVENTS["enable by other on oneself"] = partial(on_oneself, Event.ENABLE)
EVENTS["reset by other on oneself"] = partial(on_oneself, Event.RESET)


# --- logging in -------------------------------------------------------------------------------
def password(s: Scene, typed: str = PASSWORD, browser: Browser | None = None) -> OpenAttempt:
    started = s.acts.password(typed, browser=browser)
    assert isinstance(started, AttemptStarted)
    return login_attempts.find(s.app, started.token.reveal())


@event("login by password")
def _login(s: Scene, proved: bool) -> None:
    assert isinstance(s.acts.password(PASSWORD if proved else WRONG), LoggedIn)


@event("login, proved")
def _login_proved(s: Scene, proved: bool) -> None:
    browser = Browser(enrolment=s.tokens_of_browser())
    found = password(s, PASSWORD if proved else WRONG, browser)
    again = password(s, browser=browser)
    assert found.attempt.enrolment_id
    shown = enrolment.show(s.app, CONSOLE, found.account, found.attempt.enrolment_id)
    other = enrolment.show(s.app, CONSOLE, again.account, again.attempt.enrolment_id)
    assert shown.secret.reveal() != other.secret.reveal(), "a fresh secret for each attempt"
    assert len(other.showings) == 1, "each page view is listed"


@event("login, not proved")
def _login_not_proved(s: Scene, proved: bool) -> None:
    assert password(s, PASSWORD if proved else WRONG).step is Step.ASK_ENROLMENT_CODE


@event("three logins, not proved")
def _three_logins(s: Scene, proved: bool) -> None:
    for _ in range(3):
        _login_not_proved(s, proved)


def enrolment_code(s: Scene, found: OpenAttempt, code: str) -> None:
    enrolment_codes.use_code(s.app, CONSOLE, found, code, None)


@event("enrolment code right")
def _enrolment_code(s: Scene, proved: bool) -> None:
    assert s.ticket is not None
    enrolment_code(s, password(s), s.ticket.reveal() if proved else "0" * 12)


@event("enrolment code wrong five times")
def _enrolment_code_wrong(s: Scene, _proved: bool) -> None:
    s.counted(Kind.CODE, 0)
    found = password(s)
    for number in range(5):
        with pytest.raises(AttemptEnded if number == 4 else Refusal):
            enrolment_code(s, found, "0" * 12)


@event("enrolment code wrong twenty times")
def _enrolment_code_void(s: Scene, _proved: bool) -> None:
    for _ in range(MOST_FAILURES):
        s.here.clock.advance(HOUR)
        with pytest.raises(Refusal):
            enrolment_code(s, password(s), "0" * 12)


def second(s: Scene, code: str) -> LoggedIn:
    return second_factor.code(s.app, CONSOLE, s.attempt(), code, Browser())


@event("first code wrong five times")
def _first_code_wrong(s: Scene, _proved: bool) -> None:
    for number in range(5):
        with pytest.raises(AttemptEnded if number == 4 else Refusal):
            second(s, wrong_code(s))


@event("first code right")
def _first_code(s: Scene, proved: bool) -> None:
    secret = s.enrolment_secret(s.attempt().attempt.enrolment_id or "")
    second(s, s.acts.code(secret) if proved else wrong_code(s))


@event("login by code")
def _login_by_code(s: Scene, proved: bool) -> None:
    second(s, s.acts.code() if proved else wrong_code(s))


@event("code right")
def _code_right(s: Scene, _proved: bool) -> None:
    second(s, s.acts.code())


def wrong_code(s: Scene) -> str:
    """Return six digits that are neither the phone's code nor one of the attempt."""
    id_ = s.attempt().attempt.enrolment_id
    secret = s.enrolment_secret(id_) if id_ else s.acts.phone
    right = {s.acts.code(secret, steps=step) for step in range(-25, 26)}
    return next(code for code in map("{:06}".format, range(100)) if code not in right)


@event("code wrong five times")
def _code_wrong(s: Scene, _proved: bool) -> None:
    s.counted(Kind.CODE, 0)
    for number in range(5):
        with pytest.raises(AttemptEnded if number == 4 else Refusal):
            second(s, wrong_code(s))


@event("code wrong for the hundredth time")
def _hundredth(s: Scene, _proved: bool) -> None:
    s.counted(Kind.CODE, CEILING - 1)
    with pytest.raises(Refusal):
        second(s, wrong_code(s))


@event("sixty wrong codes in a month")
def _sixty(s: Scene, _proved: bool) -> None:
    with s.app.database.writing() as connection:
        for _ in range(59):
            reservations.count_failure(connection, Kind.CODE_MONTH, str(s.id), s.now)
    with pytest.raises(Refusal):
        second(s, wrong_code(s))
    assert s.account.must_change_password


@event("login by recovery code")
def _by_recovery_code(s: Scene, proved: bool) -> None:
    code = s.codes[0].reveal() if proved else "0" * 24
    done = second_factor.recovery_code(s.app, CONSOLE, s.attempt(), code, Browser())
    assert done.must_decide
    assert len(done.recovery_codes) == 1, "the used code is replaced"


@event("a secret that does not open")
def _does_not_open(s: Scene, _proved: bool) -> None:
    with s.app.database.writing() as connection:
        stored = authenticators.totp_of(connection, s.id)
        assert stored is not None
        _store_secret(s, connection, b"\0" * 64)
    with pytest.raises(CodeUnavailable):
        second(s, s.acts.code())
    with s.app.database.writing() as connection:
        _store_secret(s, connection, stored.secret)


def _store_secret(s: Scene, connection: object, sealed: bytes) -> None:
    assert isinstance(connection, sa.Connection)
    row = schema.authenticators.c.administrator_id == s.id
    connection.execute(schema.authenticators.update().where(row).values(secret=sealed))


@event("API with the regular password")
def _regular_password(s: Scene, _proved: bool) -> None:
    with pytest.raises(LoginFailed):
        s.acts.call_api(PASSWORD)


@event("two weeks pass")
def _two_weeks(s: Scene, _proved: bool) -> None:
    s.here.clock.advance(timedelta(days=14))
    assert maintenance.record_long_pending(s.app) == 1
    assert maintenance.record_long_pending(s.app) == 0


# --- passwords and accounts -------------------------------------------------------------------
@event("password change by self")
def _change_password(s: Scene, proved: bool) -> None:
    changing = own_password.change(
        s.app, s.actor, s.me(proved=proved), current=Secret(PASSWORD), new=NEW, repeated=NEW
    )
    run(changing)


@event("password set by other")
def _set_password(s: Scene, proved: bool) -> None:
    run(other_accounts.set_password(s.app, s.bob(proved=proved), s.name, NEW))
    assert s.account.must_change_password


@event("a hundred wrong passwords")
def _hundred_passwords(s: Scene, _proved: bool) -> None:
    s.counted(Kind.PASSWORD, CEILING - 1)
    with pytest.raises(LoginFailed):
        s.acts.password(WRONG)


@event("account disabled")
def _disabled(s: Scene, proved: bool) -> None:
    other_accounts.disable(s.app, s.bob(proved=proved), s.name)
    for enter in (s.acts.password, lambda: s.acts.call_api(s.api_passwords[-1])):
        with s.unrecorded(), pytest.raises(LoginFailed):
            enter()


@event("account enabled again")
def _enabled(s: Scene, proved: bool) -> None:
    other_accounts.disable(s.app, BY_CLI, s.name)
    changed = other_accounts.enable(s.app, s.bob(proved=proved), s.name)
    assert not changed.account.must_change_password
    assert changed.enrolment_code is None


@event("account enabled again after long disuse")
def _enabled_after_long(s: Scene, proved: bool) -> None:
    s.here.clock.advance(timedelta(days=91))
    other_accounts.disable(s.app, BY_CLI, s.name)
    changed = other_accounts.enable(s.app, s.bob(proved=proved), s.name)
    asks = s.here.settings.enrolment_proof != "off"
    assert changed.account.must_change_password is asks
    assert (changed.enrolment_code is not None) is (asks and s.start in {"P0", "PR"})


@event("deleted")
def _deleted(s: Scene, proved: bool) -> None:
    other_accounts.delete(s.app, s.bob(proved=proved), s.name)
    with s.unrecorded():
        again = s.acts.create(s.name)
        other_accounts.delete(s.app, BY_CLI, s.name)
    assert again.id > s.id, "an id is never reused"


@event("unlocked")
def _unlocked(s: Scene, proved: bool) -> None:
    other_accounts.unlock(s.app, s.bob(proved=proved), s.name)


@event("all sessions ended by other")
def _sessions_ended(s: Scene, proved: bool) -> None:
    assert other_credentials.end_sessions(s.app, s.bob(proved=proved), s.name) == 2


def last_one(act: Callable[..., object], s: Scene, _proved: bool) -> None:
    all_others = schema.administrators.c.id != s.id
    changing = schema.administrators.update().where(all_others)
    with s.app.database.writing() as connection:
        connection.execute(changing.values(is_disabled=True))
    try:
        act(s.app, BY_CLI, s.name)
    finally:
        with s.app.database.writing() as connection:
            connection.execute(changing.values(is_disabled=False))


EVENTS["last one disabled"] = partial(last_one, other_accounts.disable)
EVENTS["last one deleted"] = partial(last_one, other_accounts.delete)


# --- API passwords ----------------------------------------------------------------------------
@event("API password generated")
def _generated(s: Scene, proved: bool) -> None:
    seen = api_password.read(s.app, CLI, s.account).generation
    api_password.generate(s.app, s.actor, s.me(proved=proved), seen=seen)


@event("API password revoked by self")
def _revoked(s: Scene, proved: bool) -> None:
    api_password.revoke(s.app, s.actor, s.me(proved=proved))


@event("API password revoked by other")
def _revoked_by_other(s: Scene, proved: bool) -> None:
    other_credentials.revoke_api_password(s.app, s.bob(proved=proved), s.name)


@event("API password used for the first time")
def _first_use(s: Scene, proved: bool) -> None:
    s.acts.call_api(s.api_passwords[-1] if proved else assemble("A" * 32))


@event("API password used from another network")
def _another_network(s: Scene, proved: bool) -> None:
    _first_use(s, proved)
    s.acts.call_api(s.api_passwords[-1], actor=replace(API, address="198.51.100.1"))


# --- the installation -------------------------------------------------------------------------
@event("restore")
def _restore(s: Scene, _proved: bool) -> None:
    after_restore.end_what_was_open(s.app, CLI)


@event("restore, API passwords too")
def _restore_all(s: Scene, _proved: bool) -> None:
    after_restore.end_what_was_open(s.app, CLI, revoke_api_passwords=True)


@event("key rotation")
def _rotation(s: Scene, _proved: bool) -> None:
    assert key_rotation.rotate(s.app, CLI, lambda _done, _of: None).is_whole
