"""Checks of `watchword doctor`: each finds its problem, and none changes anything."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.support import installation
from tests.support.acts import BY_CLI, CLI, Acts
from tests.support.backups import CHEAP_COST, PASSPHRASE
from tests.support.clock import MovableClock
from tests.support.installation import Installation
from tests.support.no_access import no_access
from tests.support.postgres import PostgresServer
from watchword import bootstrap
from watchword.domain.health_checks import Code, Finding, Level
from watchword.files import filesystem_type
from watchword.server.endpoint_checks import examine_interfaces
from watchword.storage import credentials
from watchword.usecases.administrators import other_accounts
from watchword.usecases.operations import backup
from watchword.usecases.operations.data_checks import examine_data
from watchword.usecases.operations.file_checks import examine_files


@pytest.fixture
def sqlite_acts(sqlite_template: tuple[Path, str], tmp_path: Path) -> Acts:
    """Alice's installation on SQLite, with the database closed."""
    acts = Acts(installation.open_copy(sqlite_template, tmp_path / "data", None))
    acts.app.close()
    _set_times(acts.here)
    return acts


def _set_times(here: Installation) -> None:
    """Set the times of all files to the tests' clock."""
    at = here.clock.now().timestamp()
    for path in here.folder.rglob("*"):
        os.utime(path, (at, at))


def found(here: Installation, *, of_files: bool = False) -> dict[str, Finding]:
    _set_times(here)
    findings = examine_data(here.settings, here.clock.now())
    if of_files:
        findings = examine_files(here.settings)
    assert len({f.check for f in findings}) == len(findings)
    return {f.check: f for f in findings}


def codes(here: Installation) -> dict[str, Code]:
    return {check: finding.code for check, finding in found(here).items()}


def test_installation_without_problems_has_good_findings_only(acts: Acts) -> None:
    acts.create("bob")
    acts.activate()
    on_sqlite = acts.here.database == "sqlite"
    assert codes(acts.here) == {
        # PostgreSQL has the machine's clock, which differs from the tests' clock.
        "clock": Code.CLOCK_GOOD if on_sqlite else Code.CLOCK_DIFFERS,
        "database": Code.DATABASE_GOOD,
        "schema": Code.SCHEMA_CURRENT,
        "keyring": Code.KEYRING_GOOD,
        "audit-log": Code.AUDIT_LOG_GOOD,
        "administrators": Code.ADMINISTRATORS_GOOD,
        "api-passwords": Code.API_PASSWORDS_GOOD,
        "recovery-codes": Code.RECOVERY_GOOD,
        "backup": Code.BACKUP_NEVER if on_sqlite else Code.BACKUP_ELSEWHERE,
        "proxies": Code.PROXIES_GOOD,
        "origins": Code.ORIGINS_GOOD,
    }
    assert found(acts.here)["keyring"].facts == {"count": 1}


def test_equal_clocks_are_good(
    postgres_template: tuple[Path, str], postgres_server: PostgresServer, tmp_path: Path
) -> None:
    here = installation.open_copy(postgres_template, tmp_path / "d", postgres_server)
    with closing(here.app):
        (clock, *_) = examine_data(here.settings, bootstrap.SystemClock().now())
    assert clock.code is Code.CLOCK_GOOD


def test_event_in_the_future_is_reported(sqlite_acts: Acts) -> None:
    sqlite_acts.here.clock.advance(timedelta(seconds=-31))
    finding = found(sqlite_acts.here)["clock"]
    assert finding == Finding(Code.CLOCK_BEHIND, {"seconds": 31, "what": "audit"})


def test_file_in_the_future_is_reported(sqlite_acts: Acts) -> None:
    at = sqlite_acts.here.clock.now().timestamp() + 3600
    os.utime(sqlite_acts.here.folder / "keys" / "keyring.json", (at, at))
    (finding, *_) = examine_data(sqlite_acts.here.settings, sqlite_acts.here.clock.now())
    assert finding.code is Code.CLOCK_BEHIND
    assert finding.facts == {"seconds": 3600, "what": "keyring.json"}


def test_checks_change_nothing(sqlite_acts: Acts) -> None:
    here = sqlite_acts.here

    def state() -> dict[str, tuple[int, int, bytes]]:
        return {
            str(p): (p.stat().st_mtime_ns, p.stat().st_mode, p.read_bytes() if p.is_file() else b"")
            for p in [here.folder, *here.folder.rglob("*")]
        }

    before = state()
    examine_data(here.settings, here.clock.now())
    examine_files(here.settings)
    assert state() == before
    assert not list(here.folder.glob("*-wal"))


def test_doctor_reads_rows_that_a_running_server_has_just_written(acts: Acts) -> None:
    """On SQLite the row is still in the write-ahead log."""
    assert codes(acts.here)["administrators"] is Code.ADMINISTRATORS_ONE
    acts.create("bob")
    assert codes(acts.here)["administrators"] is Code.ADMINISTRATORS_GOOD


def test_disabled_administrator_is_not_counted(acts: Acts) -> None:
    acts.create("bob")
    other_accounts.disable(acts.app, BY_CLI, "bob")
    assert codes(acts.here)["administrators"] is Code.ADMINISTRATORS_ONE


def test_accounts_with_mfa_and_without_recovery_codes_are_named(acts: Acts) -> None:
    """Accounts with pending MFA and disabled accounts are not reported."""
    bob = Acts(acts.here, "bob")
    for each in (acts, bob):
        each.activate()
    acts.create("carol")
    with acts.app.database.writing() as connection:
        for account in (acts.account, bob.account):
            credentials.replace_recovery_codes(connection, account.id, [], acts.here.clock.now())
    finding = found(acts.here)["recovery-codes"]
    assert finding == Finding(Code.RECOVERY_NONE_LEFT, {"count": 2, "who": "alice, bob", "more": 0})
    assert finding.level is Level.WARNING
    other_accounts.disable(acts.app, BY_CLI, "bob")
    assert found(acts.here)["recovery-codes"].facts["who"] == "alice"


def test_installation_without_administrators_is_reported(here: Installation) -> None:
    assert codes(here)["administrators"] is Code.ADMINISTRATORS_NONE


def test_age_of_the_last_backup_is_reported(
    sqlite_template: tuple[Path, str], tmp_path: Path
) -> None:
    here = installation.open_copy(sqlite_template, tmp_path / "data", None)
    with closing(here.app):
        for name in ("first", "second"):
            backup.create(here.app, CLI, tmp_path / name, PASSPHRASE, CHEAP_COST)
            here.clock.advance(timedelta(days=5))
        assert found(here)["backup"] == Finding(Code.BACKUP_RECENT, {"days": 5})
        here.clock.advance(timedelta(days=5))
        assert found(here)["backup"] == Finding(Code.BACKUP_OLD, {"days": 10})


# --- the audit log ---------------------------------------------------------------------------
def test_missing_audit_chain_is_reported(acts: Acts) -> None:
    with acts.app.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM audit_chain")
    assert found(acts.here)["audit-log"] == Finding(Code.AUDIT_LOG_MISSING)


# --- the database ----------------------------------------------------------------------------
UNCHECKED = {
    "keyring": Code.KEYRING_UNCHECKED,
    "audit-log": Code.AUDIT_LOG_UNCHECKED,
    "administrators": Code.ADMINISTRATORS_UNCHECKED,
    "api-passwords": Code.API_PASSWORDS_UNCHECKED,
    "recovery-codes": Code.RECOVERY_UNCHECKED,
    "backup": Code.BACKUP_UNCHECKED,
    "proxies": Code.PROXIES_UNCHECKED,
    "origins": Code.ORIGINS_UNCHECKED,
}
BLIND = {"clock": Code.CLOCK_GOOD, "schema": Code.SCHEMA_UNCHECKED, **UNCHECKED}


def test_missing_database_is_reported_and_not_created(tmp_path: Path) -> None:
    settings = installation.settings_for(tmp_path / "nowhere")
    clock = MovableClock()
    here = Installation("sqlite", tmp_path / "nowhere", settings, clock, None)  # type: ignore[arg-type]
    assert codes(here) == {**BLIND, "database": Code.DATABASE_MISSING}
    assert found(here, of_files=True)["file-modes"].code is Code.MODES_NO_FOLDER
    assert not (tmp_path / "nowhere").exists()


def test_damaged_database_is_reported_and_the_doctor_continues(sqlite_acts: Acts) -> None:
    (sqlite_acts.here.folder / "watchword.db").write_bytes(b"no database at all" * 1000)
    seen = found(sqlite_acts.here)
    assert {c: f.code for c, f in seen.items()} == {**BLIND, "database": Code.DATABASE_UNAVAILABLE}
    assert seen["database"].facts["reason"] == "damaged"


def test_database_damaged_in_its_middle_is_reported(sqlite_acts: Acts) -> None:
    database = sqlite_acts.here.folder / "watchword.db"
    content = bytearray(database.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    database.write_bytes(content)
    assert codes(sqlite_acts.here)["database"] is Code.DATABASE_UNAVAILABLE


def test_unreachable_postgresql_is_reported(sqlite_acts: Acts) -> None:
    here = sqlite_acts.here
    here.settings = msgspec.structs.replace(
        here.settings, database_url="postgresql://nobody@127.0.0.1:1/none"
    )
    assert codes(here)["database"] is Code.DATABASE_UNAVAILABLE


@pytest.mark.parametrize(
    ("statement", "code", "level"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", Code.SCHEMA_FOREIGN, Level.PROBLEM),
        ("DROP TABLE alembic_version", Code.SCHEMA_OLDER, Level.WARNING),
    ],
)
def test_other_schema_revision_is_reported_and_its_data_is_not_checked(
    sqlite_acts: Acts, statement: str, code: Code, level: Level
) -> None:
    with closing(sqlite3.connect(sqlite_acts.here.folder / "watchword.db")) as connection:
        connection.execute(statement)
        connection.commit()
    seen = found(sqlite_acts.here)
    assert (seen["schema"].code, seen["schema"].level) == (code, level)
    assert {check: seen[check].code for check in UNCHECKED} == UNCHECKED


# --- the keyring -----------------------------------------------------------------------------
def keyring(here: Installation) -> Path:
    return here.folder / "keys" / "keyring.json"


def test_missing_keyring_is_reported_and_not_created(acts: Acts) -> None:
    keyring(acts.here).unlink()
    assert codes(acts.here)["keyring"] is Code.KEYRING_MISSING
    assert not keyring(acts.here).exists()


def test_invalid_keyring_is_reported_without_its_content(acts: Acts) -> None:
    keyring(acts.here).write_text('{"keys": [{"id": "00", "key": "c3dvcmRmaXNo!"}]}')
    finding = found(acts.here)["keyring"]
    assert finding.code is Code.KEYRING_UNREADABLE
    assert "c3dvcmRmaXNo" not in str(finding.facts)


def test_keyring_of_another_installation_is_reported(acts: Acts) -> None:
    ring = json.loads(keyring(acts.here).read_text())
    ring["keys"][0]["key"] = "A" * 43 + "="
    keyring(acts.here).write_text(json.dumps(ring))
    assert codes(acts.here)["keyring"] is Code.KEYRING_FOREIGN


def test_secret_that_cannot_be_decrypted_is_reported_with_a_valid_check_value(acts: Acts) -> None:
    """The seal of an authenticator is bound to its account: moved, it cannot be decrypted."""
    acts.activate()
    acts.create("bob")
    with acts.app.database.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE authenticators SET administrator_id = (SELECT max(id) FROM administrators)"
        )
    finding = found(acts.here)["keyring"]
    assert finding == Finding(Code.KEYRING_SECRETS, {"closed": 1, "count": 1})


# --- files -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "mode"),
    [(".", 0o755), (".", 0o710), ("keys", 0o750), ("keys/keyring.json", 0o640),
     ("watchword.db", 0o604), ("watchword.db.before-0001", 0o644), ("tls/server.key", 0o640),
     ("tls/ca.key", 0o602)],
)  # fmt: skip
def test_open_file_mode_is_reported_and_the_advice_corrects_it(
    sqlite_acts: Acts, name: str, mode: int
) -> None:
    here = sqlite_acts.here
    path = here.folder / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_text("")
        path.chmod(0o600)
    assert found(here, of_files=True)["file-modes"].code is Code.MODES_GOOD
    path.chmod(mode)
    finding = found(here, of_files=True)["file-modes"]
    assert (finding.code, finding.level) == (Code.MODES_OPEN, Level.PROBLEM)
    subprocess.run(f"chmod go= {finding.facts['paths']}", shell=True, check=True)
    assert found(here, of_files=True)["file-modes"].code is Code.MODES_GOOD


@pytest.mark.parametrize(
    ("mode", "code"),
    [(0o600, Code.MODES_GOOD), (0o640, Code.MODES_GROUP), (0o644, Code.MODES_OPEN),
     (0o660, Code.MODES_OPEN)],
)  # fmt: skip
def test_operators_key_that_its_group_can_read_is_a_warning(
    sqlite_acts: Acts, tmp_path: Path, mode: int, code: Code
) -> None:
    key = tmp_path / "a key.pem"
    key.write_text("")
    key.chmod(mode)
    here = sqlite_acts.here
    here.settings = msgspec.structs.replace(here.settings, tls_key=str(key))
    assert found(here, of_files=True)["file-modes"].code is code


def test_free_space_is_that_of_the_data_folders_disk(sqlite_acts: Acts) -> None:
    here = sqlite_acts.here
    df = ["df", "--output=avail", "-m", str(here.folder)]
    shown = subprocess.run(df, capture_output=True, text=True, check=True)
    free = int(str(found(here, of_files=True)["disk-space"].facts["free"]))
    assert abs(free - int(shown.stdout.split()[-1])) < 200  # other processes write too


def test_unreadable_data_folder_is_reported(sqlite_acts: Acts) -> None:
    settings, now = sqlite_acts.here.settings, sqlite_acts.here.clock.now()
    with no_access(settings.data_dir):
        findings = [*examine_data(settings, now), *examine_files(settings),
                    *examine_interfaces(settings, now)]  # fmt: skip
    seen = {f.check: f.code for f in findings}
    assert seen["database"] is Code.DATABASE_UNAVAILABLE
    assert seen["file-modes"] is Code.MODES_UNCHECKED
    assert seen["certificate"] is Code.CERTIFICATE_UNUSABLE


MOUNTS = r"""
/dev/sda1 / ext4 rw 0 0
proc /proc proc rw 0 0
server:/export /srv/data nfs4 rw 0 0
/dev/sdb1 /srv/data/local xfs rw 0 0
//host/share /mnt/with\040space cifs rw 0 0
old /mnt/twice ext4 rw 0 0
me@host: /mnt/twice fuse.sshfs rw 0 0
""".lstrip()


@pytest.mark.parametrize(
    ("folder", "type_", "is_network"),
    [
        ("/home/watchword", "ext4", False),
        ("/srv/data", "nfs4", True),
        ("/srv/data/watchword/deep", "nfs4", True),
        ("/srv/data/local/watchword", "xfs", False),
        ("/srv/database", "ext4", False),
        ("/mnt/with space/x", "cifs", True),
        ("/mnt/twice/x", "fuse.sshfs", True),
    ],
)
def test_file_system_of_a_folder_is_that_of_its_nearest_mount(
    tmp_path: Path, folder: str, type_: str, is_network: bool
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert filesystem_type.type_of(Path(folder), mounts) == type_
    assert filesystem_type.is_network(type_) is is_network


def test_file_system_of_a_linked_folder_is_that_of_its_target(tmp_path: Path) -> None:
    mounts, link = tmp_path / "mounts", tmp_path / "link"
    mounts.write_text(MOUNTS)
    link.symlink_to("/srv/data")
    assert filesystem_type.type_of(link / "watchword", mounts) == "nfs4"


def test_file_system_without_a_list_of_mounts_is_unknown(tmp_path: Path) -> None:
    assert filesystem_type.type_of(tmp_path, tmp_path / "no mounts") == ""
    assert not filesystem_type.is_network("")


def test_network_file_system_is_a_problem_for_sqlite_only(
    sqlite_acts: Acts, tmp_path: Path
) -> None:
    mounts, settings = tmp_path / "mounts", sqlite_acts.here.settings
    mounts.write_text("server:/export / nfs4 rw 0 0\n")
    assert examine_files(settings, mounts=mounts)[-1].code is Code.FILE_SYSTEM_NETWORK
    settings = msgspec.structs.replace(settings, database_url="postgresql:///x")
    assert examine_files(settings, mounts=mounts)[-1].code is Code.FILE_SYSTEM_NO_MATTER


def test_mounts_of_this_machine_are_parsed(tmp_path: Path) -> None:
    shown = subprocess.run(["stat", "-f", "-c", "%T", "/proc"], capture_output=True, text=True)
    assert shown.stdout.strip() == "proc" == filesystem_type.type_of(Path("/proc/self"))
