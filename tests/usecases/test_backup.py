"""Backup and restore: a copy of one moment, without credentials that have ended since."""

from __future__ import annotations

import functools
import io
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.support import installation
from tests.support.acts import CLI, Acts
from tests.support.backups import (
    CHEAP_COST,
    NOW,
    PASSPHRASE,
    REPLACE,
    Backups,
    events,
    rows,
    settled,
)
from tests.support.installation import CHEAP, Installation
from tests.support.no_access import no_access
from watchword import bootstrap
from watchword.crypto import keyring
from watchword.domain.errors import (
    AttemptEnded,
    ChangedMeanwhile,
    CodeWrong,
    Invalid,
    RecoveryCodeWrong,
    Refusal,
    SessionEnded,
)
from watchword.domain.mfa import Event, Status
from watchword.domain.operational_errors import FileExists, PlaceUnusable
from watchword.domain.secret import Secret
from watchword.domain.throttle import IN_FLIGHT
from watchword.domain.totp import time_step
from watchword.files import data_dir
from watchword.storage import authenticators, restore_cleanup, snapshot
from watchword.storage.schema import REVISION
from watchword.usecases.administrators import first_run
from watchword.usecases.login.password_login import AttemptStarted
from watchword.usecases.operations import after_restore, archive, backup, key_rotation, restore
from watchword.usecases.operations.restore import Wanted
from watchword.usecases.sessions import login_attempts


# --- making one ------------------------------------------------------------------------------
def test_backup_contains_the_accounts_and_its_own_keys(backups: Backups, tmp_path: Path) -> None:
    backups.acts.activate()
    backups.make()
    backups.acts.create("late")
    done = backups.restore(folder=tmp_path / "other")
    assert done.aside is None
    app = bootstrap.open(
        msgspec.structs.replace(backups.here.settings, data_dir=tmp_path / "other"),
        clock=backups.here.clock, hashing=CHEAP,
    )  # fmt: skip
    with closing(app):
        there = Acts.__new__(Acts)
        there.here = Installation(
            "sqlite", tmp_path / "other", app.settings, backups.here.clock, app
        )
        there.username, there.phone = "alice", backups.acts.phone
        backups.here.clock.advance(timedelta(minutes=2))
        assert there.login().account.username == "alice"
    names = rows(tmp_path / "other" / "watchword.db", "SELECT username FROM administrators")
    assert names == [("alice",)]


def test_backup_is_readable_by_its_owner_only_and_leaves_no_other_file(backups: Backups) -> None:
    file = backups.make()
    assert file.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in backups.folder.iterdir()] == [file.name]
    assert not list(backups.here.folder.glob(".backup-*"))


def test_stray_files_in_the_key_folder_are_not_copied(backups: Backups, tmp_path: Path) -> None:
    for name in ("keyring.json~", "old keyring.json", ".keyring.json.swp", "retired.json"):
        (backups.here.folder / "keys" / name).write_text("{}")
    backups.make()
    backups.restore(folder=tmp_path / "other")
    keys = {p.name for p in (tmp_path / "other" / "keys").iterdir()}
    assert keys == {"keyring.json", "retired.json"}


def test_backup_is_recorded_in_the_audit_log(backups: Backups) -> None:
    backups.make()
    assert events(backups.here, "system.backup") == [{"interface": "cli", "actor": "operator"}]


def test_backup_contains_no_secret_in_plain_text(backups: Backups) -> None:
    """Names, keys and SQLite's header are all encrypted."""
    content = backups.make().read_bytes()
    keyring = (backups.here.folder / "keys" / "keyring.json").read_text()
    key = json.loads(keyring)["keys"][0]
    for word in (b"alice", b"SQLite", b"keyring", key["key"].encode(), key["id"].encode()):
        assert word not in content


@pytest.mark.parametrize("kind", ["file", "folder", "broken link"])
def test_backup_does_not_replace_another_file(backups: Backups, kind: str) -> None:
    if kind == "file":
        backups.file.write_text("precious")
    elif kind == "folder":
        backups.file.mkdir()
    else:
        backups.file.symlink_to("nowhere")
    with pytest.raises(FileExists):
        backups.make()
    assert kind != "file" or backups.file.read_text() == "precious"
    assert events(backups.here, "system.backup") == []


def test_backup_into_a_missing_folder_is_refused(backups: Backups) -> None:
    with pytest.raises(PlaceUnusable):
        backups.make(backups.folder / "nowhere" / "x")


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        ("", "required"), ("1234567", "too-short"), ("12345678", "too-short"),
        ("123456789012345", "guessable"), ("qwertyuiopasdfgh", "guessable"),
        ("aaaaaaaaaaaaaaaa", "few-characters"),
    ],
)  # fmt: skip
def test_passphrase_that_is_no_valid_password_is_refused(
    backups: Backups, typed: str, rule: str
) -> None:
    with pytest.raises(Invalid) as refused:
        backups.make(passphrase=Secret(typed))
    assert [(p.field, p.rule) for p in refused.value.problems] == [("passphrase", rule)]
    assert not backups.file.exists()


def test_a_backup_with_a_weak_passphrase_of_an_earlier_version_is_restored(
    backups: Backups,
) -> None:
    weak, app, data = Secret("12345678"), backups.here.app, backups.here.folder
    with snapshot.of(app.database, data) as copy, backups.file.open("wb") as file:
        contents = [(archive.KEYRING, keyring.path_in(data)), (data_dir.DATABASE, copy)]
        origin = archive.Origin("0.9", REVISION, app.clock.now())
        archive.pack(file, weak, origin, contents, CHEAP_COST)
    assert backups.restore(passphrase=weak).manifest.version == "0.9"


def test_a_backup_during_a_stream_of_logins_restores_to_one_moment(backups: Backups) -> None:
    """Each login writes a session and an audit row in one transaction: the copy contains the same
    number of both, and the log is not older than the account.
    """
    begun, stop = threading.Event(), threading.Event()

    def log_in() -> None:
        while not stop.is_set():
            backups.acts.password()
            begun.set()

    thread = threading.Thread(target=log_in)
    thread.start()
    try:
        assert begun.wait(20)
        files = [backups.make(backups.folder / f"{n}") for n in range(3)]
    finally:
        stop.set()
        thread.join()
    counts = []
    for file in files:
        unpacked = file.with_suffix(".d")
        unpacked.mkdir()
        with file.open("rb") as source:
            archive.unpack(source, PASSPHRASE, unpacked)
        database = unpacked / "watchword.db"
        assert rows(database, "PRAGMA integrity_check") == [("ok",)]
        logins = rows(database, "SELECT count(*) FROM audit_events WHERE event = 'auth.login'")
        made = rows(database, "SELECT seq FROM sqlite_sequence WHERE name = 'sessions'")
        assert logins == made
        counts.append(int(str(logins[0][0])))
    assert counts == sorted(counts)
    backups.restore(files[-1])
    backups.here.clock.advance(IN_FLIGHT)  # a reservation of a login is in the copy
    assert backups.acts.login().account.username == "alice"


def test_backup_of_an_unreadable_key_folder_is_refused(backups: Backups) -> None:
    keys = backups.here.folder / "keys"
    with no_access(keys), pytest.raises(PlaceUnusable) as refused:
        backup._keys(keys)
    assert refused.value.facts["what"] == str(keys)


def test_key_rotation_during_a_backup_makes_it_fail(backups: Backups) -> None:
    """The database may contain values of a key that the copied keyring does not contain."""
    tls = backups.here.folder / "tls"
    tls.mkdir(mode=0o700)
    os.mkfifo(tls / "ca.crt")
    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(backups.make)
        with (tls / "ca.crt").open("wb") as ca:  # waits until the backup looks at the CA
            key_rotation.rotate(backups.here.app, CLI, lambda _done, _total: None)
            ca.write(b"no certificate")
        with pytest.raises(ChangedMeanwhile):
            making.result()
    assert list(backups.folder.iterdir()) == []
    assert events(backups.here, "system.backup") == []
    (tls / "ca.crt").unlink()
    backups.make()


def test_packing_a_file_that_becomes_shorter_fails(tmp_path: Path) -> None:
    """The manifest already contains the size: a shorter file makes the archive unreadable."""
    first, second, shortened = tmp_path / "first", tmp_path / "second", tmp_path / "shortened"
    os.mkfifo(first)
    os.mkfifo(second)
    shortened.write_bytes(bytes(100))
    origin = archive.Origin("1", "0001", NOW)
    contents = [("watchword.db", first), ("tls/ca.crt", second), ("keys/keyring.json", shortened)]
    with ThreadPoolExecutor(1) as pool:
        packing = pool.submit(archive.pack, io.BytesIO(), PASSPHRASE, origin, contents, CHEAP_COST)
        first.open("wb").close()  # blocks until the sizes are read
        shortened.write_bytes(bytes(99))
        second.open("wb").close()  # the packing continues only now
        with pytest.raises(OSError, match="shorter"):
            packing.result()


def test_restore_of_an_unreadable_backup_names_the_file(backups: Backups) -> None:
    before = settled(backups)
    with pytest.raises(PlaceUnusable) as refused:
        backups.restore()
    assert refused.value.facts["what"] == str(backups.file)
    assert settled(backups) == before


# --- credentials that end ----------------------------------------------------------------------
def test_code_used_after_the_backup_is_refused_after_the_restore(
    backups: Backups,
) -> None:
    """RFC 6238, 5.2: no code works twice, also after a restore."""
    acts = backups.acts
    acts.activate()
    backups.here.clock.next_step()
    backups.make()
    used = acts.code()
    acts.second_step(acts.attempt(), used)
    backups.restore()
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt(), used)


@pytest.mark.parametrize("window", [0, 1, 2])
def test_codes_within_the_drift_window_are_refused_after_a_restore(
    backups: Backups, window: int
) -> None:
    """A drift window of 2 accepts codes of two later steps: all of them count as used."""
    acts = backups.acts
    acts.activate()
    backups.make()
    backups.here.with_settings(drift_window=window)
    backups.restore()
    for steps in range(-window, window + 1):
        with pytest.raises(CodeWrong):
            acts.second_step(acts.attempt(), acts.code(steps=steps))
    backups.here.clock.advance(timedelta(seconds=30 * (max(1, window) + 1)))
    acts.second_step(acts.attempt(), acts.code())


def test_later_stored_step_is_kept_by_a_restore(backups: Backups) -> None:
    """The clock was set back: stored later steps are kept."""
    acts = backups.acts
    acts.activate()
    later = time_step(backups.here.clock.now()) + 1000
    with backups.here.app.database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE authenticators SET last_step = {later}")
    backups.make()
    backups.restore()
    with acts.app.database.reading() as connection:
        stored = authenticators.totp_of(connection, acts.account.id)
    assert stored is not None
    assert stored.last_step == later


def test_restore_ends_sessions_attempts_browsers_and_recovery_codes(backups: Backups) -> None:
    acts = backups.acts
    acts.activate()
    code = acts.recovery_codes[0].reveal()
    waiting = acts.password()
    assert isinstance(waiting, AttemptStarted)
    backups.here.clock.next_step()
    session = acts.second_step(acts.attempt())
    backups.make()
    done = backups.restore()
    assert done.ended == restore_cleanup.Ended(sessions=2, recovery_codes=8)
    with pytest.raises(SessionEnded):
        acts.principal(session)
    with pytest.raises(AttemptEnded):
        login_attempts.find(backups.here.app, waiting.token.reveal())
    with pytest.raises(RecoveryCodeWrong):
        acts.by_recovery_code(acts.attempt(), code)
    database = backups.here.folder / "watchword.db"
    for table in ("sessions", "enrolments", "known_browsers", "recovery_codes"):
        assert rows(database, f"SELECT count(*) FROM {table}") == [(0,)], table


def test_restore_ends_an_open_enrolment_and_mfa_stays_pending(backups: Backups) -> None:
    acts = backups.acts
    acts.press(Event.ENABLE)
    acts.secret_shown(acts.attempt())
    backups.make()
    backups.restore()
    assert acts.status is Status.PENDING
    assert rows(backups.here.folder / "watchword.db", "SELECT * FROM enrolments") == []
    assert acts.login().account.mfa.status is Status.ACTIVE


def test_first_run_link_is_invalid_after_a_restore(
    sqlite_template: tuple[Path, str], tmp_path: Path
) -> None:
    here = installation.open_copy(sqlite_template, tmp_path / "data", None)
    link = first_run.issue_link(here.app)
    assert link is not None
    file = tmp_path / "backup"
    backup.create(here.app, CLI, file, PASSPHRASE, CHEAP_COST)
    here.app.close()
    opening = functools.partial(bootstrap.open, clock=here.clock, hashing=CHEAP)
    restore.from_backup(here.settings, CLI, file, PASSPHRASE, REPLACE, opening)
    with closing(here.reopened()) as app, pytest.raises(Refusal) as refused:
        first_run.demand_open(app, link.reveal())
    assert refused.value.code == "first-run-over"


def test_restore_keeps_api_passwords_unless_asked_to_revoke_them(backups: Backups) -> None:
    acts = backups.acts
    password = acts.generate_api_password()
    backups.make()
    backups.restore()
    assert acts.call_api(password).account.username == "alice"
    backups.here.clock.advance(timedelta(minutes=1))
    backups.restore(wanted=Wanted(may_replace=True, revoke_api_passwords=True))
    with pytest.raises(Refusal):
        acts.call_api(password)
    (revoked,) = events(backups.here, "api_password.revoked")
    assert revoked["reason"] == "restored"


def test_restore_is_recorded_in_the_restored_audit_log(backups: Backups) -> None:
    backups.acts.login()
    backups.make()
    made_at = backups.here.clock.now()
    backups.here.clock.advance(timedelta(days=3))
    backups.restore()
    assert events(backups.here, "system.restored") == [
        {
            "interface": "cli", "actor": "operator", "sessions": 1, "recovery_codes": 0,
            "api_passwords_revoked": 0, "copied_at": made_at.isoformat(),
        }
    ]  # fmt: skip


def test_after_database_restore_ends_the_same_credentials(acts: Acts) -> None:
    """`--after-database-restore`, on both databases."""
    principal = acts.activate()
    acts.here.clock.next_step()
    used = acts.code()
    acts.second_step(acts.attempt(), used)
    with acts.app.database.writing() as connection:
        connection.exec_driver_sql("UPDATE authenticators SET last_step = 0")
    after_restore.end_what_was_open(acts.app, CLI)
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt(), used)
    with pytest.raises(RecoveryCodeWrong):
        acts.by_recovery_code(acts.attempt(), acts.recovery_codes[0].reveal())
    assert principal.account.username == "alice"
