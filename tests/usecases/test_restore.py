"""A restore is complete or changes nothing: invalid backups touch no existing data."""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import installation
from tests.support.acts import CLI
from tests.support.backups import (
    CHEAP_COST,
    NOW,
    PASSPHRASE,
    Backups,
    ca_of,
    events,
    make_ca,
    settled,
    tree,
)
from tests.support.installation import CHEAP
from tests.support.postgres import PostgresServer
from watchword import bootstrap
from watchword.crypto.sealed_stream import CHUNK, HEAD_BYTES, SealingWriter
from watchword.domain.operational_errors import (
    AlreadyServed,
    ArchiveClosed,
    ArchiveDamaged,
    ArchiveForeign,
    DatabaseUnavailable,
    InstallationExists,
    KeyForeign,
    KeyMissing,
    NotOnPostgreSQL,
    PlaceUnusable,
    SchemaForeign,
)
from watchword.domain.secret import Secret
from watchword.files import data_dir, data_dir_lock, swap
from watchword.usecases import accounts
from watchword.usecases.audit import login_counts
from watchword.usecases.audit.login_counts import LoginDay
from watchword.usecases.context import Watchword
from watchword.usecases.operations import archive, backup, restore
from watchword.usecases.operations.archive import Origin
from watchword.usecases.operations.restore import Wanted


def test_restore_keeps_the_old_data_aside(backups: Backups) -> None:
    backups.make()
    backups.acts.create("late")
    before = settled(backups)
    done = backups.restore()
    assert done.aside is not None
    assert done.aside.name.startswith("before-restore-2026")
    assert done.aside.stat().st_mode & 0o777 == 0o700
    assert tree(done.aside) == before
    assert not list(backups.here.folder.glob(".restore-*"))


def test_restored_charts_are_those_of_the_backup(backups: Backups) -> None:
    """Some logins of the backup are counted, some are not; the ids of later events are used again."""

    def days(app: Watchword) -> tuple[LoginDay, ...]:
        with app.database.reading() as connection:
            return login_counts.of_all(app, connection).days

    acts = backups.acts
    acts.login()
    login_counts.count_new(acts.app)
    acts.login()
    before = days(acts.app)
    backups.make()
    for _ in range(3):
        acts.login()
    login_counts.count_new(acts.app)
    backups.restore()
    with closing(bootstrap.open(acts.here.settings, clock=acts.here.clock, hashing=CHEAP)) as app:
        assert days(app) == before
        login_counts.count_new(app)
        assert days(app) == before


def test_restore_without_permission_replaces_nothing(backups: Backups) -> None:
    backups.make()
    before = settled(backups)
    with pytest.raises(InstallationExists):
        backups.restore(wanted=Wanted())
    assert settled(backups) == before


@pytest.mark.parametrize("left", ["watchword.db", "watchword.db-wal", "keys/keyring.json"])
def test_part_of_an_installation_is_not_replaced_without_permission(
    backups: Backups, tmp_path: Path, left: str
) -> None:
    backups.make()
    part = tmp_path / "part" / left
    part.parent.mkdir(parents=True)
    part.write_text("the only copy")
    with pytest.raises(InstallationExists):
        backups.restore(folder=tmp_path / "part", wanted=Wanted())
    assert part.read_text() == "the only copy"
    done = backups.restore(folder=tmp_path / "part")
    assert done.aside is not None
    assert (done.aside / left).read_text() == "the only copy"


def test_restore_while_a_server_runs_is_refused(backups: Backups) -> None:
    backups.make()
    before = settled(backups)
    with closing(data_dir_lock.hold(backups.here.folder)), pytest.raises(AlreadyServed):
        backups.restore()
    assert settled(backups) == before


def test_restore_with_a_wrong_passphrase_changes_nothing(backups: Backups) -> None:
    backups.make()
    before = settled(backups)
    with pytest.raises(ArchiveClosed):
        backups.restore(passphrase=Secret("glacier teapot orbit walnuT"))
    assert settled(backups) == before


DAMAGES = [
    ("magic", 0), ("version", 16), ("cost", 17), ("salt", 25), ("first chunk", HEAD_BYTES + 10),
    ("body", HEAD_BYTES + CHUNK + 2000), ("tail", -1),
]  # fmt: skip


@pytest.mark.parametrize(("where", "at"), DAMAGES, ids=[d[0] for d in DAMAGES])
def test_backup_with_a_changed_byte_is_refused_and_changes_nothing(
    backups: Backups, where: str, at: int
) -> None:
    content = bytearray(backups.make().read_bytes())
    assert len(content) > HEAD_BYTES + 2 * CHUNK
    content[at] ^= 0x40
    before = settled(backups)
    broken = backups.folder / "broken"
    broken.write_bytes(content)
    with pytest.raises((ArchiveClosed, ArchiveDamaged, ArchiveForeign)):
        backups.restore(broken)
    assert settled(backups) == before


@pytest.mark.parametrize("kept", [0, 10, HEAD_BYTES, HEAD_BYTES + 500, HEAD_BYTES + CHUNK + 16, -1])
def test_truncated_backup_is_refused_and_changes_nothing(backups: Backups, kept: int) -> None:
    content = backups.make().read_bytes()
    before = settled(backups)
    broken = backups.folder / "broken"
    broken.write_bytes(content[:kept])
    with pytest.raises((ArchiveClosed, ArchiveDamaged, ArchiveForeign)):
        backups.restore(broken)
    assert settled(backups) == before


def pack(file: Path, contents: list[tuple[str, Path]], revision: str = "0001") -> Path:
    with file.open("wb") as target:
        archive.pack(target, PASSPHRASE, Origin("0.1.0", revision, NOW), contents, CHEAP_COST)
    return file


def copied(backups: Backups) -> tuple[Path, Path]:
    """Return copies of database and keyring, to be damaged and packed again."""
    backups.here.app.close()
    for name in ("watchword.db", "keys/keyring.json"):
        shutil.copy(backups.here.folder / name, backups.folder)
    backups.here.app = backups.here.reopened()
    return backups.folder / "watchword.db", backups.folder / "keyring.json"


def test_backup_with_a_newer_schema_is_refused_and_changes_nothing(backups: Backups) -> None:
    database, keys = copied(backups)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    file = pack(backups.file, [("watchword.db", database), (archive.KEYRING, keys)], "9999")
    before = settled(backups)
    with pytest.raises(SchemaForeign):
        backups.restore(file)
    assert settled(backups) == before


def test_backup_with_a_foreign_keyring_is_refused_and_changes_nothing(
    backups: Backups, tmp_path: Path
) -> None:
    database, _ = copied(backups)
    bootstrap.open(installation.settings_for(tmp_path / "foreign"), hashing=CHEAP).close()
    foreign = tmp_path / "foreign" / "keys" / "keyring.json"
    file = pack(backups.file, [("watchword.db", database), (archive.KEYRING, foreign)])
    before = settled(backups)
    with pytest.raises(ArchiveDamaged):
        backups.restore(file)
    assert settled(backups) == before


def test_backup_with_a_damaged_database_is_refused(backups: Backups) -> None:
    database, keys = copied(backups)
    content = bytearray(database.read_bytes())
    content[4096 * 3 : 4096 * 5] = bytes(8192)
    database.write_bytes(content)
    file = pack(backups.file, [("watchword.db", database), (archive.KEYRING, keys)])
    before = settled(backups)
    with pytest.raises(ArchiveDamaged):
        backups.restore(file)
    assert settled(backups) == before


@pytest.mark.parametrize(
    "names",
    [
        ["watchword.db"], [archive.KEYRING], [],
        ["watchword.db", archive.KEYRING, "../outside"],
        ["watchword.db", archive.KEYRING, "keys/../../outside"],
        ["watchword.db", archive.KEYRING, "/tmp/outside"],
        ["watchword.db", archive.KEYRING, "keys/.hidden"],
        ["watchword.db", archive.KEYRING, "tls/ca.key"],  # without its certificate
        ["watchword.db", archive.KEYRING, "tls/ca.crt", "tls/ca.key", "tls/server.key"],
        ["watchword.db", archive.KEYRING, "watchword.db"],
        ["watchword.db", archive.KEYRING, "keys/a\n"],
    ],
)  # fmt: skip
def test_archive_with_unexpected_file_names_is_refused(tmp_path: Path, names: list[str]) -> None:
    content = tmp_path / "content"
    content.write_text("x")
    file = pack(tmp_path / "file", [(name, content) for name in names])
    into = tmp_path / "a" / "into"
    into.mkdir(parents=True)
    with file.open("rb") as source, pytest.raises(ArchiveDamaged):
        archive.unpack(source, PASSPHRASE, into)
    assert list(into.iterdir()) == []
    assert list(into.parent.iterdir()) == [into]


@given(st.binary(max_size=300), st.booleans())
@settings(max_examples=150)
def test_random_content_under_a_valid_seal_is_refused(content: bytes, has_length: bool) -> None:
    """A faulty writer with the correct passphrase could have written it."""
    file = io.BytesIO()
    writer = SealingWriter(file, PASSPHRASE, CHEAP_COST)
    writer.write((len(content).to_bytes(4, "big") if has_length else b"") + content)
    writer.finish()
    file.seek(0)
    with pytest.raises(ArchiveDamaged):
        archive.unpack(file, PASSPHRASE, Path("/nonexistent"))


def test_failed_rename_leaves_all_files_unchanged(tmp_path: Path) -> None:
    """The last rename fails: all the renames before it are undone."""
    new, data = tmp_path / "new", tmp_path / "data"
    for folder, word in ((new, "new"), (data, "old")):
        (folder / "keys").mkdir(parents=True)
        (folder / "keys" / "keyring.json").write_text(word)
        (folder / "tls").mkdir()
        for name in data_dir.CA:
            (folder / "tls" / name).write_text(word)
    (data / "watchword.db").write_text("old")
    (data / "watchword.db-wal").write_text("old log")
    before = tree(data)
    with pytest.raises(PlaceUnusable):
        swap.put_in_place(new, data, data / "aside")  # the new database is missing
    assert tree(data) == before
    assert (data / "watchword.db-wal").read_text() == "old log"
    assert not (data / "aside").exists()


class Crash(BaseException):
    """A power failure: neither later steps nor the clean-up run."""


@pytest.mark.parametrize("done", range(9))
def test_crash_between_two_renames_leaves_no_empty_folder(
    backups: Backups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    """The server refuses to start, or serves the old or the new data. It must never find an empty
    folder, which it would fill with a new installation. The old data still exists.
    """
    here = backups.here
    here.app.close()
    other = installation.settings_for(tmp_path / "other")
    bootstrap.open(other, clock=here.clock, hashing=CHEAP).close()
    for folder in (other.data_dir, here.folder):
        make_ca(folder)
    authority = ca_of(here.folder)
    (here.folder / "watchword.db-wal").touch()
    old = (here.folder / "watchword.db").read_bytes()
    steps = count()

    def crashing(step: Callable[..., None]) -> Callable[..., None]:
        def act(*arguments: object) -> None:
            if next(steps) == done:
                raise Crash
            step(*arguments)

        return act

    with monkeypatch.context() as patched:
        for name in ("rename", "replace", "link"):
            patched.setattr(os, name, crashing(getattr(os, name)))
        with pytest.raises(Crash):
            swap.put_in_place(other.data_dir, here.folder, here.folder / "aside")
    assert old in {p.read_bytes() for p in here.folder.rglob("watchword.db")}
    assert set(authority.values()) <= {p.read_bytes() for p in here.folder.rglob("ca.*")}
    assert ca_of(here.folder), "otherwise a server would make a new one"
    try:
        app = here.reopened()
    except (KeyMissing, KeyForeign):
        here.app = bootstrap.open(installation.settings_for(tmp_path / "any"), clock=here.clock)
        return
    here.app = app
    assert [a.username for a in accounts.everyone(app, CLI)] == ["alice"]


def test_two_restores_in_the_same_second_lose_nothing(backups: Backups) -> None:
    backups.make()
    done = backups.restore()
    assert done.aside is not None
    before, kept = settled(backups), tree(done.aside)
    with pytest.raises(PlaceUnusable):
        backups.restore()
    assert settled(backups) == before
    assert tree(done.aside) == kept


def test_backup_and_restore_on_postgresql_are_refused(
    postgres_server: PostgresServer, postgres_template: tuple[Path, str], tmp_path: Path
) -> None:
    here = installation.open_copy(postgres_template, tmp_path / "d", postgres_server)
    with closing(here.app):
        with pytest.raises(NotOnPostgreSQL):
            backup.create(here.app, CLI, tmp_path / "file", PASSPHRASE, CHEAP_COST)
        with pytest.raises(NotOnPostgreSQL):
            restore.demand_possible(here.settings, tmp_path / "file", Wanted())
    assert not (tmp_path / "file").exists()


def _grow(backups: Backups) -> None:
    """Make the database larger than a small disk."""
    with backups.here.app.database.writing() as connection:
        connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
            "INSERT INTO audit_events (at, event, outcome, interface, actor_name, subject_name, "
            "address, user_agent, request_id, session_ref, facts) SELECT i, 'x', 'x', 'x', 'x', "
            "'x', 'x', hex(randomblob(500)), 'x', 'x', '{}' FROM n"
        )


def test_restore_onto_a_full_disk_keeps_the_old_data_usable(
    backups: Backups, small_disk: Path
) -> None:
    backups.make(backups.folder / "small")
    _grow(backups)
    backups.make()
    data = small_disk / "data"
    backups.restore(backups.folder / "small", folder=data)
    before = tree(data)
    with pytest.raises((PlaceUnusable, DatabaseUnavailable)):
        backups.restore(folder=data)
    assert tree(data) == before
    settings = msgspec.structs.replace(backups.here.settings, data_dir=data)
    with closing(bootstrap.open(settings, clock=backups.here.clock, hashing=CHEAP)) as app:
        assert [a.username for a in accounts.everyone(app, CLI)] == ["alice"]


def test_backup_onto_a_full_disk_leaves_no_partial_file(backups: Backups, small_disk: Path) -> None:
    _grow(backups)
    with pytest.raises(PlaceUnusable):
        backups.make(small_disk / "backup")
    assert list(small_disk.iterdir()) == []
    assert events(backups.here, "system.backup") == []


def sealed(tmp_path: Path, content: bytes) -> Path:
    file = tmp_path / "sealed"
    with file.open("wb") as target:
        writer = SealingWriter(target, PASSPHRASE, CHEAP_COST)
        writer.write(content)
        writer.finish()
    return file


MANIFEST = (
    b'{"version":"V","revision":"0001","created_at":"2026-03-14T00:00:00Z","files":'
    b'[{"name":"watchword.db","size":1},{"name":"keys/keyring.json","size":1}]}'
)


@pytest.mark.parametrize(
    ("manifest", "files", "is_good"),
    [
        (MANIFEST, b"ab", True),
        (MANIFEST, b"abc", False),  # more than the manifest lists
        (MANIFEST, b"a", False),
        (MANIFEST.replace(b"V", b"\xff"), b"ab", False),  # msgspec raises another error
        (MANIFEST.replace(b":1}", b":-1}"), b"ab", False),
        (MANIFEST.replace(b'"V"', b"1"), b"ab", False),
        # The command line prints these values; a terminal would execute the control codes.
        (MANIFEST.replace(b'"V"', b'"\\u001b]0;x"'), b"ab", False),
        (MANIFEST.replace(b'"V"', b'"\xc2\x9b2J"'), b"ab", False),
        (MANIFEST.replace(b'"0001"', b'"00\\n01"'), b"ab", False),
        (MANIFEST.replace(b'"V"', b'"1.2.3+local-x"'), b"ab", True),
    ],
)
def test_archive_content_must_match_its_manifest(
    tmp_path: Path, manifest: bytes, files: bytes, is_good: bool
) -> None:
    file = sealed(tmp_path, len(manifest).to_bytes(4, "big") + manifest + files)
    into = tmp_path / "into"
    into.mkdir()
    with file.open("rb") as source:
        if is_good:
            assert archive.unpack(source, PASSPHRASE, into).revision == "0001"
            assert (into / "watchword.db").read_bytes() == b"a"
            assert (into / "keys" / "keyring.json").read_bytes() == b"b"
            return
        with pytest.raises(ArchiveDamaged):
            archive.unpack(source, PASSPHRASE, into)
