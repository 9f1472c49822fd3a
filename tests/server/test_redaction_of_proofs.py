"""No secret of a re-authentication, an enrolment code, a recovery login or a backup is written.

The search also covers the metrics, the backup and the data restored from it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from tests.server.test_redaction import (
    BREAK_AUDIT,
    Life,
    everything_written,
    leaks_in_answers,
    life,
    sqlite_with,
)
from tests.support.person import Person

__all__ = ["life"]
WRONG_CODE = "0000-1111-2222-3333-4444-5555"


@pytest.fixture(autouse=True)
def _asking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Demand a re-authentication for each sensitive action, and the code for each enrolment."""
    monkeypatch.setenv("WATCHWORD_RECENT_PROOF_MINUTES", "0")
    monkeypatch.setenv("WATCHWORD_ENROLMENT_PROOF", "always")


def planted(life: Life, name: str, code: str) -> str:
    """Plant a code in groups, as it is shown and as it is stored."""
    life.canaries.plant(name, code)
    life.canaries.plant(f"{name}, plain", code.replace("-", ""))
    return code


def enrol(life: Life, alice: Person, password: str) -> list[str]:
    """Enable MFA and enrol with the enrolment code. Returns the recovery codes."""
    plant = life.canaries.word
    alice.login("alice", password).settings().press("Enable MFA")
    alice.press("OK", Password=plant("password of a wrong proof"))
    alice.press("OK", Password=password)
    code = alice.page.attributes["enrolment-code"]["data-copy"]
    planted(life, "enrolment code, shown", code)
    alice.follow("Continue").press("Logout").login("alice", password)
    alice.press("OK", Enrolment_code=plant("enrolment code, malformed"))
    alice.press("OK", Enrolment_code=planted(life, "enrolment code, wrong", "ABCD-EFGH-JKMN"))
    alice.press("OK", Enrolment_code=code)
    life.canaries.plant("totp secret", alice.token)
    alice.press("OK", Code=life.code(alice.token))
    return taken(life, alice)


def taken(life: Life, alice: Person) -> list[str]:
    codes = alice.recovery_codes()
    assert codes
    return [planted(life, "recovery code", code) for code in codes]


def prove(life: Life, alice: Person, password: str, codes: list[str]) -> None:
    """Generate an API password after wrong answers, then let a second generation fail."""
    alice.follow("Continue").follow("Your MFA Settings").press("Generate New API Password")
    alice.press("OK", Password=password, Code=life.canaries.word("code of a wrong proof"))
    alice.press("Use a recovery code")
    alice.press("OK", Password=password, Recovery_code=planted(life, "a wrong one", WRONG_CODE))
    alice.press("OK", Password=password, Recovery_code=codes.pop())
    life.canaries.plant("api password", alice.api_password)
    assert alice.api_password
    alice.settings().press("Revoke API Password").press("Use a recovery code")
    with sqlite_with(life.served.data, BREAK_AUDIT, "DROP TRIGGER broken"):
        alice.press("OK", Password=password, Recovery_code=codes.pop())
        assert alice.response.status_code == 500


def log_in_by_both(life: Life, password: str, code: str) -> None:
    """Log in with password and recovery code: one wrong, the other wrong, both correct."""
    plant, person = life.canaries.word, life.person()
    for typed, given in ((plant("password with a code"), code), (password, WRONG_CODE),
                         (password, code)):  # fmt: skip
        person.open("/login/with-recovery-code")
        person.press("OK", Username="alice", Password=typed, Recovery_code=given)
    taken(life, person)


def backed_up(life: Life, folder: Path) -> dict[str, bytes]:
    """Return a backup and the files restored from it, after a wrong passphrase."""
    passphrase = life.canaries.word("passphrase", "otter gravel ")
    file, other = folder / "backup", folder / "other"
    life.cli("backup", str(file), "--passphrase-stdin", stdin=passphrase)
    for typed, code in ((life.canaries.word("passphrase, wrong"), 1), (passphrase, 0)):
        life.cli("restore", str(file), "--passphrase-stdin", "--data-dir", str(other),
                 stdin=typed, expect=code)  # fmt: skip
    found = {f"restored {p.name}": p.read_bytes() for p in other.rglob("*") if p.is_file()}
    assert any(name.endswith("watchword.db") for name in found)
    return {"backup": file.read_bytes(), **found}


def test_no_secret_of_a_proof_or_a_backup_is_written_down(life: Life, tmp_path: Path) -> None:
    password = life.canaries.word("password", "otter gravel ")
    life.cli("administrator", "create", "alice", "--password-stdin", stdin=password)
    alice = life.person()
    codes = enrol(life, alice, password)
    prove(life, alice, password, codes)
    log_in_by_both(life, password, codes.pop())
    life.cli("config", "show")
    metrics = requests.get(f"{life.served.api}/metrics", verify=str(life.served.ca), timeout=30)
    assert "watchword_audit_events_total" in metrics.text
    written = {"metrics": metrics.content, **backed_up(life, tmp_path), **everything_written(life)}
    assert b"failed" in written["standard error"]
    assert len(life.canaries.planted) > 40
    assert leaks_in_answers(life) == []
    leaks = {name: life.canaries.found_in(content) for name, content in written.items()}
    assert {name: found for name, found in leaks.items() if found} == {}
