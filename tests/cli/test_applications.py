"""`watchword application`."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.support import forked
from tests.support.served import PASSWORD

WIKI = """
[[application]]
name = "wiki"
hosts = ["wiki.example"]
level = "password"
public_paths = ["/static/*"]
[application.who]
groups = ["Staff"]
accounts = ["alice"]

[[application]]
name = "shop"
hosts = ["shop.example"]
"""


def command(data: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    here = os.environ | {"WATCHWORD_DATA_DIR": str(data)}
    return forked.run_whole(("application", *arguments), here, stdin)


def prepared(data: Path) -> None:
    here = os.environ | {"WATCHWORD_DATA_DIR": str(data)}
    typed = ("administrator", "create", "alice", "--password-stdin")
    assert forked.run_whole(typed, here, PASSWORD).returncode == 0


def described(data: Path) -> dict[str, object]:
    found = json.loads(command(data, "show", "wiki", "--json").stdout)
    assert isinstance(found, dict)
    return found


def test_an_application_is_created_granted_disabled_and_deleted(tmp_path: Path) -> None:
    prepared(tmp_path)
    made = command(tmp_path, "create", "wiki", "--host", "Wiki.Example.", "--accept-api-passwords")
    assert (made.returncode, made.stderr) == (0, "")
    assert "admits no account yet" in made.stdout
    granted = command(tmp_path, "grant", "WIKI", "--group", "staff", "--account", "ALICE")
    assert granted.stdout == "wiki admits: group staff, alice.\n"
    assert described(tmp_path)["who"] == {
        "everyone": False, "groups": ["staff"], "accounts": ["alice"],
    }  # fmt: skip
    again = command(tmp_path, "grant", "wiki", "--group", "staff")
    assert (again.returncode, "Hint: " in again.stderr) == (1, True)
    nothing = command(tmp_path, "revoke", "wiki")
    assert (nothing.returncode, "--everyone" in nothing.stderr) == (2, True)
    left = command(tmp_path, "revoke", "wiki", "--group", "staff", "--account", "alice")
    assert left.stdout == "wiki admits: no account.\n"
    assert command(tmp_path, "disable", "wiki", "--yes").returncode == 0
    listed = command(tmp_path, "list").stdout.splitlines()
    assert listed[1].split("\t") == ["wiki", "disabled", "mfa", "wiki.example", "no account"]
    assert command(tmp_path, "enable", "wiki").returncode == 0
    assert command(tmp_path, "delete", "wiki", "--yes").returncode == 0
    assert "no application yet" in command(tmp_path, "list").stdout
    refused = command(tmp_path, "show", "wiki")
    assert (refused.returncode, "no application named wiki" in refused.stderr) == (1, True)


def test_a_file_describes_applications(tmp_path: Path) -> None:
    prepared(tmp_path)
    file = tmp_path / "applications.toml"
    file.write_text(WIKI)
    created = command(tmp_path, "apply", str(file))
    assert created.stdout == "Application wiki is created.\nApplication shop is created.\n"
    wiki = described(tmp_path)
    assert (wiki["level"], wiki["public_paths"]) == ("password", ["/static/*"])
    assert wiki["who"] == {"everyone": False, "groups": ["staff"], "accounts": ["alice"]}
    same = command(tmp_path, "apply", "-", stdin=WIKI)
    assert same.stdout == "Application wiki needs no change.\nApplication shop needs no change.\n"
    changed = command(tmp_path, "apply", "-", stdin=WIKI.replace("password", "mfa"))
    assert changed.stdout == "Application wiki is changed.\nApplication shop needs no change.\n"


def test_a_file_with_a_mistake_changes_nothing_and_names_it(tmp_path: Path) -> None:
    prepared(tmp_path)
    for mistake, named in (
        (WIKI.replace("level", "lewel"), "lewel"),
        (WIKI.replace('"shop.example"', '"wiki.example"'), "belongs to the application wiki"),
        (WIKI.replace('accounts = ["alice"]', 'accounts = ["nosuch"]'), "nosuch"),
        ("name = ", "Invalid"),
        ("\xff", ""),
    ):
        refused = command(tmp_path, "apply", "-", stdin=mistake)
        assert refused.returncode in {1, 2}
        assert named in refused.stderr
        assert "Traceback" not in refused.stderr
    assert command(tmp_path, "list", "--json").stdout == "[]\n"
