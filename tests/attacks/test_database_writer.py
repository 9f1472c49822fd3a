"""An attacker with write access to the database, but without keys, gains no administrator."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

import pytest
import sqlalchemy as sa

from tests.support.acts import BY_CLI, CLI, CONSOLE, PASSWORD, Acts
from tests.support.installation import Installation
from watchword.crypto import tokens
from watchword.crypto.passwords import run
from watchword.domain.api_password import LONGEST_OVERLAP
from watchword.domain.errors import (
    AttemptEnded,
    FirstRunOver,
    LoginByRecoveryCodeFailed,
    LoginFailed,
    ProofFailed,
    SessionEnded,
)
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.storage import schema
from watchword.usecases import accounts
from watchword.usecases.account import own_password
from watchword.usecases.administrators import first_run, other_accounts, other_credentials
from watchword.usecases.api import api_password
from watchword.usecases.login import reauthentication, recovery_login
from watchword.usecases.login.password_login import Browser
from watchword.usecases.login.reauthentication import Answer
from watchword.usecases.login.recovery_login import Given
from watchword.usecases.mfa import enrolment_codes
from watchword.usecases.sessions import login_attempts, sessions
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.usecases.throttling import known_browsers
from watchword.usecases.unit_of_work import bookkeeping

NEW: Final = "another otter with pencils"
KEYED: Final = re.compile(r"[0-9a-f]{16}:[0-9a-f]{64}")
ADDRESS: Final = re.compile(r"address:[0-9]+:.*")
"""Not a token: recognised addresses have attempts of their own and prove nothing."""


@pytest.fixture
def mallory(acts: Acts) -> Acts:
    """The attacker: writes to the database and has an account with another password."""
    found = Acts(acts.here, "mallory")
    run(other_accounts.set_password(acts.app, BY_CLI, "mallory", Secret(NEW), must_change=False))
    return found


def write(here: Installation, statement: Any) -> None:
    with here.app.database.writing() as connection:
        assert connection.execute(statement).rowcount == 1


def plain_digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def forged(acts: Acts, token: str) -> list[str]:
    """Return the values that can be stored for a token without a key."""
    digest = plain_digest(token)
    return [digest, f"{acts.app.keyring.current_id}:{digest}", token]


def logged_in(acts: Acts, password: str = PASSWORD) -> LoggedIn:
    result = acts.password(password)
    assert isinstance(result, LoggedIn)
    return result


# --- tokens ----------------------------------------------------------------------------------
def test_session_with_a_forged_token_is_not_found(acts: Acts) -> None:
    session_id = acts.principal(logged_in(acts)).session.id
    table = schema.sessions
    for token in (f"{acts.account.id}.{tokens.token().reveal()}", tokens.token().reveal()):
        for value in forged(acts, token):
            own = table.update().where(table.c.id == session_id)
            for column in ("token_digest", "previous_token_digest"):
                write(acts.here, own.values(**{column: value}))
                with pytest.raises(SessionEnded):
                    sessions.find(acts.app, token)


def test_session_moved_to_another_account_is_not_found(acts: Acts, mallory: Acts) -> None:
    token = logged_in(mallory, NEW).session_token.reveal()
    principal = sessions.find(acts.app, token)
    table, alice = schema.sessions, acts.account
    moved = table.update().where(table.c.id == principal.session.id)
    write(acts.here, moved.values(administrator_id=alice.id, cred_ver=alice.cred_ver))
    renamed = token.replace(f"{mallory.account.id}.", f"{alice.id}.", 1)
    for sent in (token, renamed):
        with pytest.raises(SessionEnded):
            sessions.find(acts.app, sent)


def test_attempt_moved_to_another_account_is_not_found(acts: Acts, mallory: Acts) -> None:
    for name in ("alice", "mallory"):
        other_credentials.change_mfa(acts.app, BY_CLI, name, Event.ENABLE)
    started = mallory.password(NEW)
    assert not isinstance(started, LoggedIn)
    token, alice = started.token.reveal(), acts.account
    values = {"administrator_id": alice.id, "cred_ver": alice.cred_ver}
    write(acts.here, schema.login_attempts.update().values(**values))
    for sent in (token, token.replace(f"{mallory.account.id}.", f"{alice.id}.", 1)):
        with pytest.raises(AttemptEnded):
            login_attempts.find(acts.app, sent)


def test_attempt_with_a_forged_token_is_not_found(acts: Acts) -> None:
    other_credentials.change_mfa(acts.app, BY_CLI, "alice", Event.ENABLE)
    acts.password()
    token = f"{acts.account.id}.{tokens.token().reveal()}"
    for value in forged(acts, token):
        write(acts.here, schema.login_attempts.update().values(token_digest=value))
        with pytest.raises(AttemptEnded):
            login_attempts.find(acts.app, token)


def test_browser_with_a_forged_or_moved_token_is_not_recognised(acts: Acts, mallory: Acts) -> None:
    browser = logged_in(mallory, NEW).browser_token.reveal()
    alice = acts.account
    values = {"administrator_id": alice.id, "cred_ver": alice.cred_ver}
    write(acts.here, schema.known_browsers.update().values(**values))
    with acts.app.database.reading() as connection:
        assert known_browsers.find(acts.app, connection, browser, alice) is None
    for value in forged(acts, browser):
        write(acts.here, schema.known_browsers.update().values(token_digest=value))
        with acts.app.database.reading() as connection:
            assert known_browsers.find(acts.app, connection, browser, alice) is None


def test_enrolment_browser_with_a_forged_or_moved_token_needs_the_code(
    acts: Acts, mallory: Acts
) -> None:
    acts.here.with_settings(enrolment_proof="other_browser")
    for name in ("alice", "mallory"):
        other_credentials.change_mfa(acts.app, BY_CLI, name, Event.ENABLE)
    alice, table = acts.account, schema.enrolment_browsers
    with bookkeeping(acts.app) as u:
        token = enrolment_codes.remember(u, mallory.account).reveal()
        assert enrolment_codes.is_given(u, mallory.account, token)
    write(acts.here, table.update().values(administrator_id=alice.id, cred_ver=alice.cred_ver))
    for value in ("", *forged(acts, token)):
        if value:
            write(acts.here, table.update().values(token_digest=value))
        with bookkeeping(acts.app) as u:
            assert not enrolment_codes.is_given(u, alice, token)


def test_first_run_link_with_a_forged_token_does_not_open(here: Installation) -> None:
    first_run.issue_link(here.app)
    token = tokens.first_run_token().reveal()
    digest = plain_digest(token)
    for value in (digest, f"{here.app.keyring.current_id}:{digest}"):
        write(here, schema.first_run_links.update().values(token_digest=value))
        with pytest.raises(FirstRunOver):
            first_run.demand_open(here.app, token)


def stored_macs(acts: Acts) -> dict[str, set[str]]:
    """Return the values of every column of MACs or digests, by table."""
    found: dict[str, set[str]] = {}
    with acts.app.database.reading() as connection:
        for column in (c for table in schema.metadata.sorted_tables for c in table.c):
            if column.name == "mac" or column.name.endswith("digest"):
                query = sa.select(column).where(column.is_not(None))
                values = set(connection.execute(query).scalars())
                found.setdefault(column.table.name, set()).update(values)
    return found


def test_every_stored_token_and_code_is_a_keyed_mac(acts: Acts) -> None:
    """All columns are checked, so that a new one with a plain digest is found."""
    principal = acts.activate()
    for _ in range(2):  # the first one becomes a former API password
        acts.call_api(acts.generate_api_password(acts.principal_again(principal)))
    api_password.generate_by_operator(acts.app, CLI, "alice", LONGEST_OVERLAP)  # keeps the old one
    acts.here.with_settings(enrolment_proof="other_browser")
    acts.press(Event.RESET, acts.principal_again(principal))
    acts.password()
    found = stored_macs(acts)
    for name in ("audit_events", "audit_chain"):  # its own chain (test_audit_chain.py)
        del found[name]
    empty = {"first_run_links", "gateway_sessions", "gateway_codes"}
    assert {name for name, values in found.items() if not values} == empty
    plain = {v for values in found.values() for v in values if not KEYED.fullmatch(v)}
    assert {v for v in plain if not ADDRESS.fullmatch(v)} == set()


def principal_of(acts: Acts) -> sessions.Principal:
    with bookkeeping(acts.app) as u:
        token = sessions.start(u, acts.account, frozenset(), None)
    return sessions.find(acts.app, token.reveal())


# --- passwords -------------------------------------------------------------------------------
def copy_hash(acts: Acts) -> None:
    """Copy Mallory's hash into Alice's row."""
    c = schema.administrators.c
    theirs = sa.select(c.password_hash).where(c.username == "mallory").scalar_subquery()
    of_alice = schema.administrators.update().where(c.username == "alice")
    write(acts.here, of_alice.values(password_hash=theirs))


def by_login(acts: Acts) -> None:
    acts.password(NEW)


def by_api(acts: Acts) -> None:
    acts.call_api(NEW)


def by_recovery_code(acts: Acts) -> None:
    given = Given("alice", Secret(NEW), acts.recovery_codes[0].reveal())
    run(recovery_login.enter(acts.app, CONSOLE, given, Browser()))


def by_confirming(acts: Acts) -> None:
    principal = principal_of(acts)
    run(reauthentication.give_password(acts.app, CONSOLE, principal, Answer(Secret(NEW)).password))


@pytest.mark.parametrize(
    ("way", "refusal"),
    [
        (by_login, LoginFailed),
        (by_api, LoginFailed),
        (by_recovery_code, LoginByRecoveryCodeFailed),
        (by_confirming, ProofFailed),
    ],
)
def test_password_hash_copied_from_another_account_is_not_accepted(
    acts: Acts, mallory: Acts, way: Callable[[Acts], None], refusal: type[Exception]
) -> None:
    if way is by_recovery_code:
        acts.activate()
    copy_hash(acts)
    with pytest.raises(refusal):
        way(acts)


def test_every_way_of_setting_a_password_binds_it_to_its_account(acts: Acts, mallory: Acts) -> None:
    """Created, set by another administrator, and changed by the owner."""
    own = acts.principal(logged_in(acts))
    current, new = Secret(PASSWORD), Secret(NEW)
    run(own_password.change(acts.app, CONSOLE, own, current=current, new=new, repeated=new))
    hashes = sa.select(schema.administrators.c.password_hash)
    with acts.app.database.reading() as connection:
        assert {h.partition("$")[0] for h in connection.execute(hashes).scalars()} == {"v2"}
    assert [a.username for a in accounts.everyone(acts.app, CLI)] == ["alice", "mallory"]
    assert isinstance(acts.password(NEW), LoggedIn)
