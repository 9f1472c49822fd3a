"""Rotation and retirement of the keys at rest, with other processes, on both databases."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from tests.support.acts import CLI, PASSWORD, Acts
from tests.support.installation import CHEAP, Installation
from tests.support.postgres import PostgresServer
from watchword import bootstrap
from watchword.crypto import keyring, ring_file
from watchword.crypto.passwords import run
from watchword.domain.audit import AuditEvent
from watchword.domain.errors import LoginFailed, RecoveryCodeWrong, SessionEnded
from watchword.domain.mfa import Event
from watchword.domain.operational_errors import (
    CannotDecrypt,
    KeyForeign,
    KeyInUse,
    KeyOutdated,
    PlaceUnusable,
)
from watchword.domain.secret import Secret
from watchword.storage import audit_history, sealed_rows
from watchword.storage.audit_query import AuditFilter, AuditRow, audit_page
from watchword.storage.schema import authenticators
from watchword.usecases.account import recovery_codes
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.administrators.authorization import By
from watchword.usecases.login.password_login import AttemptStarted, Browser
from watchword.usecases.mfa import enrolment_codes
from watchword.usecases.operations import key_retirement, key_rotation, maintenance
from watchword.usecases.operations.key_rotation import Rotation
from watchword.usecases.sessions import sessions
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.usecases.throttling import known_browsers


def rotate(acts: Acts) -> Rotation:
    return key_rotation.rotate(acts.app, CLI, lambda _done, _total: None)


def first_row(connection: sa.Connection, table: str) -> sealed_rows.SealedRow:
    (row,) = sealed_rows.next_rows(connection, table, after=None, most=1)
    return row


def logged_in(acts: Acts, browser: Browser | None = None) -> LoggedIn:
    result = acts.password(browser=browser)
    assert isinstance(result, LoggedIn)
    return result


def events(acts: Acts, event: AuditEvent) -> list[AuditRow]:
    with acts.app.database.reading() as connection:
        return audit_page(connection, AuditFilter(event=event.value), 50)


def renew_everything(acts: Acts) -> None:
    """Log in, and replace recovery codes and API password, as after a rotation."""
    principal = acts.login()
    _, mark = recovery_codes.state(acts.app, CLI, principal.account)
    acts.recovery_codes = recovery_codes.generate(acts.app, CLI, principal, seen=mark)
    acts.generate_api_password(principal)


def test_rotation_seals_every_value_with_the_new_key(acts: Acts) -> None:
    acts.activate()
    acts.create("bob")
    other_credentials.change_mfa(acts.app, By(CLI), "bob", Event.ENABLE)
    assert isinstance(acts.password(username="bob"), AttemptStarted)
    old = acts.app.keyring.current_id
    result = rotate(acts)
    assert list(acts.app.keyring.ids) == [old, result.key_id]
    assert acts.app.keyring.current_id == result.key_id
    assert result.proved == {
        "installation": 1, "authenticators": 1, "enrolments": 1, "audit_chain": 1,
    }  # fmt: skip
    assert result.sealed_anew == 4
    acts.login()
    done = [e for e in events(acts, AuditEvent.KEY_ROTATED) if e.outcome == "done"]
    assert [(e.interface, e.facts["new"], e.facts["rows"]) for e in done] == [
        ("cli", result.key_id, 4)
    ]


def test_other_process_uses_the_new_key_without_a_restart(acts: Acts) -> None:
    """The other process reads the changed file before its next use of a key."""
    acts.activate()
    elsewhere = acts.here.reopened()
    try:
        old = elsewhere.keyring.current_id
        result = rotate(acts)
        assert result.key_id != old
        mine, acts.here.app = acts.here.app, elsewhere
        acts.login()
        assert elsewhere.keyring.current_id == result.key_id
        acts.press(Event.RESET)
        acts.here.app = mine
        acts.login()
    finally:
        elsewhere.close()


def test_process_with_the_prepared_ring_decrypts_values_of_the_new_key(
    here: Installation, tmp_path: Path
) -> None:
    path = keyring.path_in(here.folder)
    here_place = keyring.Place("authenticators", "secret", "1")
    with ring_file.changing(path) as file:
        new = file.publish()
        copy = tmp_path / "keyring.json"
        shutil.copy(path, copy)
        file.activate(new)
    slow = keyring.load(copy)
    assert slow.current_id != new
    sealed_again = here.app.keyring.seal(here_place, b"x")
    assert keyring.sealed_under(sealed_again) == new
    assert slow.open(here_place, sealed_again) == b"x"
    assert slow.is_mac_of(here.app.keyring.mac("p", "a"), "p", "a")
    assert here.app.keyring.open(here_place, slow.seal(here_place, b"y")) == b"y"


def test_unknown_key_id_is_looked_up_in_the_file_again(here: Installation) -> None:
    here_place = keyring.Place("t", "c", "1")
    before = here.app.keyring
    with ring_file.changing(keyring.path_in(here.folder)) as file:
        file.activate(file.publish())
    value = keyring.load(keyring.path_in(here.folder)).seal(here_place, b"x")
    assert before.open(here_place, value) == b"x"


def test_keyring_file_of_another_installation_is_refused(
    here: Installation, tmp_path: Path
) -> None:
    path = keyring.path_in(here.folder)
    ids = here.app.keyring.ids
    other = tmp_path / "other.json"
    keyring.create(other)
    other.replace(path)
    assert here.app.keyring.ids == ids
    with pytest.raises(PlaceUnusable):
        maintenance.look_at_keyring(here.app)


def test_process_that_missed_rotation_and_retirement_reads_the_new_ring(acts: Acts) -> None:
    """The file contains no key of its ring, only the proof of the retired key."""
    asleep = acts.here.reopened()
    try:
        rotate(acts)
        key_retirement.retire(acts.app, CLI, force=True)
        ring = asleep.keyring
        assert ring.ids == acts.app.keyring.ids
        assert len(ring.ids) == 1
    finally:
        asleep.close()


def test_row_that_changed_meanwhile_keeps_its_new_value(acts: Acts) -> None:
    acts.activate()
    app = acts.app
    with app.database.reading() as connection:
        seen = first_row(connection, "authenticators")
    acts.press(Event.RESET)
    acts.login()
    with app.database.writing() as connection:
        assert not sealed_rows.replace(
            connection, seen, app.keyring.seal(key_rotation._place(seen), b"old")
        )
    acts.login()


def test_row_that_comes_late_under_the_old_key_is_sealed_again(acts: Acts) -> None:
    """A transaction that began before the new key became current commits after the pass."""
    acts.activate()
    app = acts.app
    with app.database.reading() as connection:
        old = first_row(connection, "installation")
    seen: list[int] = []

    def commit_late(done: int, _total: int) -> None:
        seen.append(done)
        if len(seen) == 2:  # the pass is already behind the table of this row
            with app.database.writing() as connection:
                now = first_row(connection, "installation")
                assert sealed_rows.replace(connection, now, old.value)

    result = key_rotation.rotate(app, CLI, commit_late)
    assert result.is_whole
    assert result.sealed_anew == 4


def test_rows_left_under_the_old_key_are_reported_as_late_and_not_as_broken(acts: Acts) -> None:
    acts.activate()
    with acts.app.database.reading() as connection:
        old = first_row(connection, "installation")

    def put_back(_done: int, _total: int) -> None:
        with acts.app.database.writing() as connection:
            now = first_row(connection, "installation")
            sealed_rows.replace(connection, now, old.value)

    result = key_rotation.rotate(acts.app, CLI, put_back)
    assert (result.broken, result.late, result.is_whole) == ((), 1, False)
    assert events(acts, AuditEvent.KEY_ROTATED)[0].outcome == "failed"
    assert rotate(acts).is_whole


def test_second_rotation_makes_a_third_key_only_when_the_first_is_complete(acts: Acts) -> None:
    acts.activate()
    with acts.app.database.reading() as connection:
        before = connection.execute(sa.select(authenticators.c.secret)).scalar_one()
    keys_before = acts.app.keyring.ids
    first = rotate(acts)
    with acts.app.database.writing() as connection:  # as if interrupted before this row
        connection.execute(authenticators.update().values(secret=before))
    again = rotate(acts)
    assert (again.key_id, again.sealed_anew) == (first.key_id, 1)
    assert [*acts.app.keyring.ids] == [*keys_before, first.key_id]
    second = rotate(acts)
    assert first.key_id != second.key_id
    assert len(acts.app.keyring.ids) == 3
    assert second.sealed_anew == 3


def test_preparing_twice_makes_one_key_and_activating_makes_none(acts: Acts) -> None:
    key_id = key_rotation.prepare(acts.app, CLI)
    assert key_rotation.prepare(acts.app, CLI) == key_id
    assert acts.app.keyring.current_id != key_id
    for _ in range(2):
        done = key_rotation.rotate(acts.app, CLI, lambda _d, _t: None, may_publish=False)
        assert done.key_id == key_id
    assert len(acts.app.keyring.ids) == 2


def test_row_that_opens_under_no_key_is_reported_and_keeps_the_rotation_open(acts: Acts) -> None:
    acts.activate()
    with acts.app.database.writing() as connection:
        stored = connection.execute(sa.select(authenticators.c.secret)).scalar_one()
        damaged = stored[:-1] + bytes([stored[-1] ^ 1])
        connection.execute(authenticators.update().values(secret=damaged))
    result = rotate(acts)
    assert [key_rotation.name_of(acts.app, row) for row in result.broken] == ["alice"]
    assert events(acts, AuditEvent.KEY_ROTATED)[0].outcome == "failed"
    assert rotate(acts).key_id == result.key_id
    with pytest.raises(KeyInUse):
        key_retirement.retire(acts.app, CLI, force=True)
    other_credentials.change_mfa(acts.app, By(CLI), "alice", Event.RESET)
    assert rotate(acts).broken == ()
    acts.login()


def test_two_commands_cannot_change_the_keyring_concurrently(acts: Acts) -> None:
    with ring_file.changing(keyring.path_in(acts.here.folder)):
        with pytest.raises(PlaceUnusable):
            rotate(acts)
        with pytest.raises(PlaceUnusable):
            key_retirement.retire(acts.app, CLI, force=True)
    assert len(acts.app.keyring.ids) == 1


def test_keyring_file_is_readable_by_its_owner_only_and_leaves_no_other_file(acts: Acts) -> None:
    path = keyring.path_in(acts.here.folder)
    left_by_a_crash = path.with_name(f".{path.name}.new")
    left_by_a_crash.write_text("half")
    left_by_a_crash.chmod(0o666)
    rotate(acts)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["keyring.json"]


# --- retiring --------------------------------------------------------------------------------
def test_key_is_kept_while_a_value_depends_on_it_and_is_retired_afterwards(
    acts: Acts,
) -> None:
    acts.activate()
    acts.generate_api_password()
    assert key_retirement.retire(acts.app, CLI, force=False) == []
    new = rotate(acts).key_id
    (holder,) = key_retirement.holders_of_old(acts.app, CLI)
    found = holder.username, holder.has_password, holder.recovery_codes, holder.has_api_password
    assert found == ("alice", True, 8, True)
    with pytest.raises(KeyInUse) as refused:
        key_retirement.retire(acts.app, CLI, force=False)
    assert refused.value.facts == {"sealed": 0, "accounts": 1}
    assert len(acts.app.keyring.ids) == 2
    renew_everything(acts)
    (old,) = key_retirement.retire(acts.app, CLI, force=False)
    assert old != new
    assert list(acts.app.keyring.ids) == [new]
    assert events(acts, AuditEvent.KEY_RETIRED)[0].facts["keys"] == old
    acts.login()
    acts.by_recovery_code(acts.attempt(), acts.recovery_codes[0].reveal())


def test_sessions_and_recognised_browsers_of_a_retired_key_end(acts: Acts) -> None:
    """Without the key they cannot be found: their owner must not see them as valid."""
    old, lost = logged_in(acts), logged_in(acts)
    rotate(acts)
    assert acts.principal(old).account.username == "alice"
    new = logged_in(acts, Browser(known=old.browser_token.reveal()))
    assert acts.times(AuditEvent.NEW_BROWSER) == 1
    key_retirement.retire(acts.app, CLI, force=False)
    assert events(acts, AuditEvent.KEY_RETIRED)[0].facts["sessions"] == 2
    with pytest.raises(SessionEnded):
        acts.principal(old)
    principal = acts.principal(new)
    assert [s.id for s in sessions.standing(acts.app, CLI, acts.account)] == [principal.session.id]
    with acts.app.database.reading() as connection:
        found = [known_browsers.find(acts.app, connection, b.browser_token.reveal(), acts.account)
                 for b in (old, lost, new)]  # fmt: skip
        count = connection.exec_driver_sql("SELECT count(*) FROM known_browsers").scalar_one()
    assert (found[:2], found[2] is not None, count) == ([None, None], True, 1)


def test_old_recovery_codes_and_api_passwords_work_until_the_key_is_retired(acts: Acts) -> None:
    acts.activate()
    password = acts.generate_api_password()
    rotate(acts)
    assert acts.call_api(password).account.username == "alice"
    acts.by_recovery_code(acts.attempt(), acts.recovery_codes[0].reveal())


@pytest.mark.parametrize("force", [True, False])
def test_enrolment_code_that_depends_on_a_key_prevents_its_retirement(
    acts: Acts, force: bool
) -> None:
    """The owner's code would be wrong, and the owner has no other one."""
    acts.here.with_settings(enrolment_proof="always")
    changed = other_credentials.change_mfa(acts.app, By(CLI), "alice", Event.ENABLE)
    rotate(acts)
    assert isinstance(acts.password(), AttemptStarted)  # the login renews the password's hash
    if not force:
        with pytest.raises(KeyInUse):
            key_retirement.retire(acts.app, CLI, force=False)
        code = changed.enrolment_code
        assert code is not None
        assert enrolment_codes.use_code(acts.app, CLI, acts.attempt(), code.reveal(), None)
    assert len(key_retirement.retire(acts.app, CLI, force=force)) == 1
    forced = [e.facts for e in events(acts, AuditEvent.KEY_RETIRED) if e.outcome == "forced"]
    assert [facts["enrolment_code"] for facts in forced] == [1] * int(force)


def test_unknown_username_is_refused_after_the_first_key_is_retired(acts: Acts) -> None:
    """The dummy hash was made with the first key."""
    rotate(acts)
    key_retirement.retire(acts.app, CLI, force=True)
    with pytest.raises(LoginFailed):
        acts.password(username="nobody")


def test_forced_retirement_ends_dependent_credentials_and_records_it(acts: Acts) -> None:
    acts.activate()
    password = acts.generate_api_password()
    attempt = acts.attempt()
    rotate(acts)
    key_retirement.retire(acts.app, CLI, force=True)
    assert len(acts.app.keyring.ids) == 1
    with pytest.raises(LoginFailed):
        acts.password()
    with pytest.raises(LoginFailed):
        acts.call_api(password)
    forced = [e for e in events(acts, AuditEvent.KEY_RETIRED) if e.outcome == "forced"]
    assert [(e.subject, e.facts) for e in forced] == [
        ("alice", {"password": 1, "recovery_codes": 8, "api_password": 1, "enrolment_code": 0})
    ]
    run(
        other_accounts.set_password(acts.app, By(CLI), "alice", Secret(PASSWORD), must_change=False)
    )
    with pytest.raises(RecoveryCodeWrong):
        acts.by_recovery_code(acts.attempt(), acts.recovery_codes[0].reveal())
    acts.login()
    assert attempt.account.username == "alice"


def test_even_forced_retirement_keeps_a_key_that_a_sealed_value_needs(acts: Acts) -> None:
    acts.activate()
    with acts.app.database.reading() as connection:
        old = connection.execute(sa.select(authenticators.c.secret)).scalar_one()
    rotate(acts)
    with acts.app.database.writing() as connection:
        connection.execute(authenticators.update().values(secret=old))
    with pytest.raises(KeyInUse) as refused:
        key_retirement.retire(acts.app, CLI, force=True)
    assert refused.value.facts["sealed"] == 1
    acts.login()
    assert rotate(acts).sealed_anew == 1
    assert len(acts.app.keyring.ids) == 2


# --- older copies of the keyring -------------------------------------------------------------
def test_node_with_an_outdated_ring_is_refused_with_the_key_to_copy(
    acts: Acts, tmp_path: Path
) -> None:
    acts.activate()
    here = acts.here
    old = tmp_path / "node"
    shutil.copytree(here.folder / "keys", old / "keys")
    node = msgspec.structs.replace(here.settings, data_dir=old)
    if here.database == "sqlite":
        (old / "watchword.db").symlink_to(here.folder / "watchword.db")
    running = bootstrap.open(node, clock=here.clock, hashing=CHEAP)
    try:
        maintenance.demand_ready(running)
        new = rotate(acts).key_id
        with pytest.raises(KeyOutdated) as refused:
            maintenance.demand_ready(running)
        assert refused.value.facts == {"path": str(keyring.path_in(old)), "key_id": new}
        with pytest.raises(CannotDecrypt) as unknown:
            running.keyring.open(key_rotation._place(_first_row(acts)), _first_row(acts).value)
        assert unknown.value.facts["unknown_key"] == new
    finally:
        running.close()
    with pytest.raises(KeyOutdated):
        bootstrap.open(node, clock=here.clock, hashing=CHEAP)
    keyring.path_in(old).unlink()
    keyring.create(keyring.path_in(old))
    with pytest.raises(KeyForeign):
        bootstrap.open(node, clock=here.clock, hashing=CHEAP)


def _first_row(acts: Acts) -> sealed_rows.SealedRow:
    with acts.app.database.reading() as connection:
        return first_row(connection, "authenticators")


def test_backup_from_before_a_rotation_opens_with_its_own_ring(
    acts: Acts, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    acts.activate()
    here = acts.here
    here.app.close()
    backup = tmp_path / "backup"
    shutil.copytree(here.folder, backup)
    url = here.settings.database_url
    if url:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        name = url.split("/")[3].partition("?")[0]
        url = server.url(server.new_database(name))
    here.app = here.reopened()
    rotate(acts)
    key_retirement.retire(acts.app, CLI, force=True)
    here.app.close()
    here.settings = msgspec.structs.replace(here.settings, data_dir=backup, database_url=url)
    here.app = here.reopened()
    acts.login()
    assert acts.app.keyring.ids != keyring.load(keyring.path_in(here.folder)).ids


def test_newest_event_is_found_among_others(acts: Acts) -> None:
    for _ in range(2):
        last = rotate(acts)
    with acts.app.database.reading() as connection:
        facts = audit_history.newest_facts(connection, AuditEvent.KEY_ROTATED, "done")
        assert audit_history.newest_facts(connection, AuditEvent.KEY_RETIRED, "done") is None
    assert facts is not None
    assert facts["new"] == last.key_id
