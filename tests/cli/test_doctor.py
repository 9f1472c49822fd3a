"""`watchword doctor`: lines for people, JSON for monitoring, three exit codes."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.test_command_line import command
from tests.support.backups import PASSPHRASE
from tests.support.clock import START
from tests.support.installation import settings_for
from tests.support.ports import free_port
from tests.support.served import PASSWORD, ROOT, Served
from watchword.cli.doctor_messages import SENTENCES, sentence
from watchword.domain import health_checks
from watchword.domain.health_checks import Code, Finding
from watchword.server.endpoint_checks import examine_interfaces
from watchword.usecases.operations.data_checks import examine_data
from watchword.usecases.operations.file_checks import examine_files

CHECKS = [
    "clock", "database", "schema", "keyring", "audit-log", "administrators", "api-passwords", "recovery-codes",
    "backup", "proxies", "origins", "file-modes", "file-owners", "leftovers", "disk-space", "file-system", "certificate",
    "certificate-names", "local-ca", "console-port", "api-port",
]  # fmt: skip


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """An installation with two administrators and a backup, in which all checks pass."""
    data = tmp_path / "data"
    for name in ("alice", "bob"):
        command(data, "administrator", "create", name, "--password-stdin", stdin=PASSWORD)
    done = command(data, "backup", str(tmp_path / "backup"), "--passphrase-stdin",
                   stdin=PASSPHRASE.reveal())  # fmt: skip
    assert done.returncode == 0
    return data


def ports() -> dict[str, str]:
    return {name: f"127.0.0.1:{free_port()}" for name in ("WATCHWORD_CONSOLE", "WATCHWORD_API")}


def test_without_findings_the_exit_code_is_0(installation: Path) -> None:
    done = command(installation, "doctor", environ=ports())
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [["ok", c] for c in CHECKS]


def test_with_only_warnings_the_exit_code_is_2(installation: Path) -> None:
    command(installation, "administrator", "disable", "bob", "--yes")
    done = command(installation, "doctor", environ=ports())
    assert done.returncode == 2
    (warning,) = [line for line in done.stdout.splitlines() if not line.startswith("ok")]
    assert warning.startswith("warning  administrators     Only one administrator can log in")


def test_a_clock_that_was_set_back_is_reported_with_the_newest_row(installation: Path) -> None:
    with closing(sqlite3.connect(installation / "watchword.db")) as database:
        database.execute("UPDATE audit_events SET at = at + 86400 * 1000000")
        database.commit()
    output = command(installation, "doctor", environ=ports()).stdout
    assert "or was ahead: the newest audit event is " in output.splitlines()[0]


def test_with_a_problem_and_warnings_the_exit_code_is_1(installation: Path) -> None:
    command(installation, "administrator", "disable", "bob", "--yes")
    installation.chmod(0o755)
    done = command(installation, "doctor", environ=ports())
    assert done.returncode == 1
    assert f"chmod go= {installation}" in done.stdout


def test_with_an_unknown_option_the_exit_code_is_2(tmp_path: Path) -> None:
    assert command(tmp_path, "doctor", "--nonsense").returncode == 2


@pytest.mark.parametrize("state", ["none", "damaged", "unreachable"])
def test_without_a_database_every_check_has_a_result(tmp_path: Path, state: str) -> None:
    environ = ports()
    if state == "damaged":
        (tmp_path / "watchword.db").write_bytes(b"no database" * 900)
    if state == "unreachable":
        environ["WATCHWORD_DATABASE_URL"] = "postgresql://u:swordfish@127.0.0.1:1/none"
    done = command(tmp_path, "doctor", "--json", environ=environ)
    assert (done.returncode, done.stderr) == (1, "")
    report = json.loads(done.stdout)
    assert [c["name"] for c in report["checks"]] == CHECKS
    assert {c["name"]: c["level"] for c in report["checks"]}["database"] == "problem"
    assert "swordfish" not in done.stdout


def test_json_has_the_same_keys_for_every_check(installation: Path) -> None:
    done = command(installation, "doctor", "--json", environ=ports())
    report = json.loads(done.stdout)
    assert report["status"] == "ok"
    assert [c["name"] for c in report["checks"]] == CHECKS
    for check in report["checks"]:
        assert set(check) == {"name", "level", "code", "message"}
        assert check["code"].startswith(check["name"] + ".")


def test_the_doctor_works_while_a_server_runs(served: Served) -> None:
    environ = {"WATCHWORD_CONSOLE": f"127.0.0.1:{served.console_port}",
               "WATCHWORD_API": f"127.0.0.1:{served.api_port}"}  # fmt: skip
    done = command(served.data, "doctor", "--json", environ=environ)
    codes = {c["name"]: c["code"] for c in json.loads(done.stdout)["checks"]}
    assert codes["console-port"] == "console-port.ours"
    assert codes["api-port"] == "api-port.ours"
    assert codes["certificate"] == "certificate.good"
    assert codes["certificate-names"] == "certificate-names.good"
    assert codes["clock"] == "clock.good"


@pytest.mark.parametrize("code", Code)
def test_every_finding_has_a_sentence(code: Code) -> None:
    facts = dict.fromkeys(
        ("now", "what", "seconds", "path", "paths", "free", "type", "kind", "reason", "found",
         "expected", "count", "closed", "days", "names", "address", "setting", "settings",
         "event_id", "since", "at", "origin", "asked", "peer", "who", "owner", "expired", "soon", "unused"), "x"
    )  # fmt: skip
    if code is Code.DATABASE_UNAVAILABLE:
        facts["reason"] = "unreachable"
    assert code in SENTENCES
    assert "%(" not in sentence(Finding(code, facts))


def test_more_than_ten_names_are_counted() -> None:
    few = sentence(health_checks.recovery_codes([f"n{number}" for number in range(10)]))
    many = sentence(health_checks.recovery_codes([f"n{number}" for number in range(13)]))
    assert "n8, n9. " in few
    assert "n8, n9 and 3 more. " in many


def test_the_facts_of_findings_fill_the_sentences(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    for finding in (*examine_data(settings, START), *examine_files(settings),
                    *examine_interfaces(settings, START)):  # fmt: skip
        assert sentence(finding)


def test_the_exit_codes_and_every_check_are_documented(tmp_path: Path) -> None:
    text = " ".join(command(tmp_path, "doctor", "--help").stdout.split())
    assert "0 all checks passed, 1 there is a problem, 2 there are only warnings" in text
    page = (ROOT / "docs" / "how-to" / "doctor.md").read_text()
    for name in CHECKS:
        assert f"| `{name}` |" in page
