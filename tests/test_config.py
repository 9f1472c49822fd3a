"""Settings: where they come from, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from watchword.config import Address, address, load
from watchword.domain.errors import SettingsInvalid


def test_each_source_wins_over_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "watchword.toml"
    file.write_text('session_hours = 2\ndrift_window = 2\nconsole = "127.0.0.1:1"\n')
    environ = {"WATCHWORD_DRIFT_WINDOW": "0", "WATCHWORD_CONSOLE": "127.0.0.1:2"}
    loaded = load(data_dir=str(tmp_path), environ=environ, flags={"console": "127.0.0.1:3"})
    settings = loaded.settings
    assert (settings.session_hours, settings.drift_window) == (2, 0)
    assert settings.console == "127.0.0.1:3"
    assert settings.session_idle_minutes == 15
    assert loaded.origins["session_hours"] == f"file {file}"
    assert loaded.origins["drift_window"] == "environment WATCHWORD_DRIFT_WINDOW"
    assert loaded.origins["console"] == "flag --console"
    assert loaded.origins["session_idle_minutes"] == "built-in default"


def test_a_secret_may_come_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://u:p@h/d\n")
    environ = {"WATCHWORD_DATABASE_URL_FILE": str(tmp_path / "url")}
    assert load(environ=environ).settings.database_url == "postgresql://u:p@h/d"


def test_the_data_folder_is_named_by_flag_or_environment_else_data() -> None:
    assert load(environ={}).settings.data_dir == Path("data")
    environ = {"WATCHWORD_DATA_DIR": "/a"}
    assert load(environ=environ).settings.data_dir == Path("/a")
    assert load(data_dir="/b", environ=environ).settings.data_dir == Path("/b")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("sesion_hours = 1", "unknown"),
        ("session_hours = 0", "unusable"),
        ("session_hours = 25", "unusable"),
        ('session_hours = "8"', None),
        ("session_hours = 1.5", "unusable"),
        ("session_idle_minutes = 4", "unusable"),
        ("drift_window = 3", "unusable"),
        ("password_min_length = 8", "unusable"),
        ('console = "8470"', "not-an-address"),
        ('console = "localhost:99999"', "not-an-address"),
        ('console_url = "http://ops.example"', "not-an-origin"),
        ('console_url = "https://ops.example/path"', "not-an-origin"),
        ('tls_key = "x"', "only-together"),
        ('data_dir = "x"', "not-in-file"),
        ("= broken", "not-toml"),
        ('log_level = "loud"', "unusable"),
    ],
)
def test_what_cannot_be_is_told(tmp_path: Path, text: str, problem: str | None) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    if problem is None:
        load(file=file, environ={})
        return
    with pytest.raises(SettingsInvalid) as refused:
        load(file=file, environ={})
    assert refused.value.facts["problem"] == problem


@pytest.mark.parametrize("name", ["WATCHWORD_SESION_HOURS", "WATCHWORD_X_FILE"])
def test_an_environment_variable_that_nobody_knows_is_told(name: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load(environ={name: "1"})
    assert refused.value.facts["problem"] == "unknown"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:8470", Address("127.0.0.1", 8470)),
        ("[::1]:8470", Address("::1", 8470)),
        ("localhost:0", Address("localhost", 0)),
    ],
)
def test_an_address_is_host_and_port(text: str, expected: Address) -> None:
    assert address(text) == expected
    assert str(expected) == text


@pytest.mark.parametrize("text", ["", ":1", "host", "host:", "host:x", "::1:8470", "host:-1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(SettingsInvalid):
        address(text)
