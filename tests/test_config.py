"""Settings: sources, values, errors and the reference page."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args, get_origin

import msgspec
import pytest

from tests.support.no_access import no_access
from watchword import i18n
from watchword.cli.messages import lines_of
from watchword.config import Address, Settings, address, load, reference
from watchword.domain.operational_errors import SettingsInvalid


def test_each_source_overrides_the_one_before(tmp_path: Path) -> None:
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


def test_a_secret_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://u:p@h/d\n")
    environ = {"WATCHWORD_DATABASE_URL_FILE": str(tmp_path / "url")}
    assert load(environ=environ).settings.database_url == "postgresql://u:p@h/d"


def test_files_with_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    """Some editors and PowerShell write one."""
    (tmp_path / "url").write_text("postgresql://u:p@h/d\r\n", "utf-8-sig")
    (tmp_path / "watchword.toml").write_text("session_hours = 2\r\n", "utf-8-sig")
    environ = {"WATCHWORD_DATABASE_URL_FILE": str(tmp_path / "url")}
    settings = load(data_dir=str(tmp_path), environ=environ).settings
    assert (settings.database_url, settings.session_hours) == ("postgresql://u:p@h/d", 2)


def test_the_data_folder_is_named_by_flag_or_environment_else_data() -> None:
    assert load(environ={}).settings.data_dir == Path("data")
    environ = {"WATCHWORD_DATA_DIR": "/a"}
    assert load(environ=environ).settings.data_dir == Path("/a")
    assert load(data_dir="/b", environ=environ).settings.data_dir == Path("/b")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("sesion_hours = 1", "unknown"),
        ("session_hours = 0", "not-allowed"),
        ("session_hours = 25", "not-allowed"),
        ('session_hours = "8"', None),
        ("session_hours = 1.5", "not-allowed"),
        ("session_idle_minutes = 4", "not-allowed"),
        ("drift_window = 3", "not-allowed"),
        ("password_min_length = 8", "not-allowed"),
        ('console = "8470"', "not-an-address"),
        ('console = "localhost:99999"', "not-an-address"),
        ('console_url = "http://ops.example"', "not-an-origin"),
        ('console_url = "https://ops.example/path"', "not-an-origin"),
        ('tls_key = "x"', "only-together"),
        ('data_dir = "x"', "not-in-file"),
        ("= broken", "not-toml"),
        ('log_level = "loud"', "not-allowed"),
        ('trusted_proxies = ["10.0.0.2"]', "not-allowed"),
        ("hsts = 1", "not-allowed"),
    ],
)
def test_an_invalid_setting_is_refused_with_the_problem(
    tmp_path: Path, text: str, problem: str | None
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    if problem is None:
        load(file=file, environ={})
        return
    with pytest.raises(SettingsInvalid) as refused:
        load(file=file, environ={})
    assert refused.value.facts["problem"] == problem


FIELDS = msgspec.structs.fields(Settings)
OF_KIND = {
    kind: [f.name for f in FIELDS if get_args(f.type)[0] is kind] for kind in (bool, int, str)
}
_CHOSEN = {f.name: get_args(f.type)[0] for f in FIELDS}
CHOICES = {name: get_args(kind) for name, kind in _CHOSEN.items() if get_origin(kind) is Literal}


def given(name: str, text: str) -> object:
    """Return the setting when its variable has this text, or the refusal."""
    try:
        settings = load(environ={f"WATCHWORD_{name.upper()}": text}).settings
    except SettingsInvalid as refusal:
        return refusal
    return getattr(settings, name)


@pytest.mark.parametrize(
    ("text", "value"),
    [("yes", True), ("on", True), ("1", True), ("TRUE", True), (" True ", True), ("No", False),
     ("OFF", False), ("0", False), ("false", False)],
)  # fmt: skip
def test_the_usual_words_for_true_and_false_are_accepted(text: str, value: bool) -> None:
    for name in OF_KIND[bool]:
        found = given(name, text)
        if isinstance(found, SettingsInvalid):  # valid, but it needs other settings
            assert found.facts["problem"] in {"needs-proxy", "not-behind-proxy"}
            continue
        assert found is value, name


def test_a_choice_is_accepted_in_upper_case() -> None:
    assert {"log_level", "log_format", "enrolment_proof"} == set(CHOICES)
    for name, words in CHOICES.items():
        for word in words:
            assert given(name, word.upper()) == word
            assert given(name, f" {word.title()} ") == word


def test_an_empty_variable_counts_as_not_set() -> None:
    for field in FIELDS:
        found = given(field.name, "")
        default = Path("data") if field.name == "data_dir" else field.default
        assert found == default, field.name


def test_an_invalid_value_is_refused_with_the_allowed_values() -> None:
    """The message does not quote a library."""
    for name in (*OF_KIND[bool], *OF_KIND[int], *CHOICES, "cookie_prefix"):
        found = given(name, "maybe")
        assert isinstance(found, SettingsInvalid), name
        (line, _) = lines_of(found)
        described = next(d for d in reference.describe() if d.name == name)
        assert line == (
            f"watchword: The setting {name} (environment WATCHWORD_{name.upper()}) cannot be used: "
            f"allowed values: {described.kind}."
        )
    for text in ("4", "61", "-1", "15.5", "x" * 5000):
        found = given("session_idle_minutes", text)
        assert isinstance(found, SettingsInvalid)
        assert "allowed values: number, 5 to 60." in lines_of(found)[0]


# --- Kubernetes -----------------------------------------------------------------------------
OF_A_SERVICE = {
    "_SERVICE_HOST": "10.96.0.17", "_SERVICE_PORT": "8470", "_SERVICE_PORT_CONSOLE": "8470",
    "_PORT": "tcp://10.96.0.17:8470", "_PORT_8474_TCP": "tcp://10.96.0.17:8474",
    "_PORT_8474_TCP_PROTO": "tcp", "_PORT_8474_TCP_PORT": "8474",
    "_PORT_8474_TCP_ADDR": "10.96.0.17",
}  # fmt: skip


@pytest.mark.parametrize("service", ["WATCHWORD", "WATCHWORD_CONSOLE", "WATCHWORD_API"])
def test_the_variables_of_a_kubernetes_service_are_ignored(service: str) -> None:
    environ = {f"{service}{name}": value for name, value in OF_A_SERVICE.items()}
    six = {
        **environ,
        f"{service}_SERVICE_HOST": "fd00::17",
        f"{service}_PORT": "tcp://[fd00::17]:1",
    }
    assert load(environ=environ).settings == load(environ=six).settings == load(environ={}).settings


@pytest.mark.parametrize(
    ("name", "value"),
    [("WATCHWORD_PORT", "8470"), ("WATCHWORD_SERVICE_HOST", "example.org"),
     ("WATCHWORD_SERVICE_PORT", "http"), ("WATCHWORD_PORT_8474_TCP", "8474"),
     ("WATCHWORD_HOST", "10.96.0.17"), ("WATCHWORD_SERVICE", "10.96.0.17"),
     ("WATCHWORD_PORT_8474", "tcp://10.96.0.17:8474"), ("WATCHWORD_API_PORT", "8474"),
     ("WATCHWORD_SERVICE_PORT_", "8470"), ("WATCHWORDX_SERVICE_HOST", None)],
)  # fmt: skip
def test_other_variables_that_look_alike_are_refused(name: str, value: str | None) -> None:
    if value is None:
        assert load(environ={name: "10.96.0.17"})  # no variable of Watchword
        return
    with pytest.raises(SettingsInvalid) as refused:
        load(environ={name: value})
    assert refused.value.facts["problem"] == "unknown"


@pytest.mark.parametrize("name", ["WATCHWORD_SESION_HOURS", "WATCHWORD_X_FILE"])
def test_an_unknown_environment_variable_is_refused(name: str) -> None:
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
def test_an_invalid_address_is_refused(text: str) -> None:
    with pytest.raises(SettingsInvalid):
        address(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [("*:8470", "every-address"), ("[fe80::1%eth0]:8470", "zone"), ("10.0.0.1%1:8470", "zone")],
)
def test_an_address_that_no_server_can_listen_on_is_refused_with_the_reason(
    text: str, problem: str
) -> None:
    for name in ("console", "api"):
        found = given(name, text)
        assert isinstance(found, SettingsInvalid)
        assert found.facts["problem"] == problem


@pytest.mark.parametrize(
    "prefix", ["ww", "__Host-", "__host-b", "__Secure-b", "__Host-b;", "__Host-b\n"]
)
def test_a_cookie_prefix_without_host_binding_is_refused(prefix: str) -> None:
    with pytest.raises(SettingsInvalid):
        load(environ={"WATCHWORD_COOKIE_PREFIX": prefix})


def test_an_empty_data_folder_means_the_default() -> None:
    assert load(environ={"WATCHWORD_DATA_DIR": ""}).settings.data_dir == Path("data")


def test_a_data_folder_named_by_a_file_is_searched_for_settings(
    tmp_path: Path,
) -> None:
    (tmp_path / "where").write_text(f"{tmp_path}\n")
    (tmp_path / "watchword.toml").write_text("session_hours = 2\n")
    environ = {"WATCHWORD_DATA_DIR_FILE": str(tmp_path / "where")}
    settings = load(environ=environ).settings
    assert (settings.data_dir, settings.session_hours) == (tmp_path, 2)


@pytest.mark.parametrize("content", [b"\xff\xfe", None], ids=["not UTF-8", "missing"])
def test_an_unreadable_secrets_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "url").write_bytes(content)
    with pytest.raises(SettingsInvalid) as refused:
        load(environ={"WATCHWORD_DATABASE_URL_FILE": str(tmp_path / "url")})
    assert refused.value.facts["problem"] == "unreadable"
    assert refused.value.facts["where"] == "WATCHWORD_DATABASE_URL_FILE"


def test_an_error_in_the_file_is_reported_with_line_and_suggestion(
    tmp_path: Path,
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("session_hours = 2\nconsole = nonsense\n")
    with pytest.raises(SettingsInvalid) as refused:
        load(file=file, environ={})
    assert "line 2" in str(refused.value.facts["reason"])
    file.write_text("sesion_hours = 2\n")
    with pytest.raises(SettingsInvalid) as refused:
        load(file=file, environ={})
    assert refused.value.facts["suggestion"] == "session_hours"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("sesion_hours = 2\n", 1),
        ("# sesion_hours = 2\n\nsession_hours = 2\n\n# why\nsesion_hours = 2\n", 6),
        ('"sesion_hours" = 2', 1),
        ("session_hours = 2\r\nsesion_hours.x = 2\r\n", 2),
        ("session_hours = 2\n[sesion_hours]\nx = 1\n", 2),
        ('console = """\\\n  sesion_hours = 2\\\n"""\nsesion_hours = [\n  1,\n]\n', 4),
    ],
    ids=["only line", "after comments", "in quotes", "dotted", "a table", "after several lines"],
)
def test_an_unknown_name_is_reported_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text, newline="")
    with pytest.raises(SettingsInvalid) as refused:
        load(file=file, environ={})
    assert refused.value.facts["where"] == f"{file}, line {line}: sesion_hours"


def test_a_data_folder_in_the_file_is_reported_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('session_hours = 2\ndata_dir = "x"\n')
    with pytest.raises(SettingsInvalid) as refused:
        load(file=file, environ={})
    assert refused.value.facts["where"] == f"{file}, line 2: data_dir"


# --- the reference page ---------------------------------------------------------------------
PAGE = Path(__file__).parents[1] / "docs" / "reference" / "settings.md"


def test_the_page_about_settings_is_up_to_date() -> None:
    """`watchword config reference --markdown > docs/reference/settings.md` writes it."""
    assert PAGE.read_text() == reference.markdown()


def test_the_page_describes_each_setting() -> None:
    for field in msgspec.structs.fields(Settings):
        section = PAGE.read_text().partition(f"## {field.name}\n")[2].partition("\n## ")[0]
        assert f"WATCHWORD_{field.name.upper()}" in section
        assert "| default | `" in section
    hours = PAGE.read_text().partition("## session_hours\n")[2]
    assert "number, 1 to 24" in hours.partition("\n## ")[0]


def test_each_default_is_written_as_in_the_file(tmp_path: Path) -> None:
    """A line that is copied from the page sets the default."""
    file = tmp_path / "settings.toml"
    known = [each for each in reference.describe() if each.name != "data_dir"]
    file.write_text("\n".join(f"{each.name} = {each.default}" for each in known))
    assert load(file=file, environ={}).settings == load(environ={}).settings


@pytest.mark.parametrize(
    "url",
    ["https://[::1", "https://a:99999", "https://a:0", "https://a#x", "https://a?x", "https://u@a",
     "https://a b", "https://:80", "https://", "https://bücher.example", "ops.example"],
)  # fmt: skip
def test_an_invalid_public_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load(environ={"WATCHWORD_CONSOLE_URL": url})
    assert refused.value.facts["problem"] == "not-an-origin"


@pytest.mark.parametrize(
    "url", ["https://ops.example", "https://ops.example:8470/", "https://[2001:db8::5]:8470"]
)
def test_a_public_address_is_an_origin(url: str) -> None:
    assert load(environ={"WATCHWORD_API_URL": url}).settings.api_url == url


@pytest.mark.parametrize(
    "text", ["host:" + "9" * 5000, "a b:1", "a\0b:1", "..:1", "bücher:1", "[]:1", "host:٣"]
)
def test_an_address_that_no_socket_accepts_is_refused(text: str) -> None:
    with pytest.raises(SettingsInvalid):
        address(text)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "::0", "0:0:0:0:0:0:0:0"])
def test_each_notation_of_the_wildcard_address_is_recognised(host: str) -> None:
    assert Address(host, 1).is_wildcard
    assert not Address(host, 1).is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_loopback_is_recognised(host: str) -> None:
    assert Address(host, 1).is_loopback
    assert not Address(host, 1).is_wildcard


def test_an_inaccessible_data_folder_is_refused(tmp_path: Path) -> None:
    """A settings file that may be in it must not be ignored silently."""
    (tmp_path / "watchword.toml").write_text("session_hours = 2\n")
    with no_access(tmp_path), pytest.raises(SettingsInvalid) as refused:
        load(data_dir=str(tmp_path), environ={})
    assert refused.value.facts["problem"] == "unreadable"
    assert refused.value.facts["reason"] == "Permission denied"


def test_reference_for_people_follows_the_language() -> None:
    with i18n.using("de"):
        german = {each.name: each.text for each in reference.describe()}
    english = {each.name: each.text for each in reference.describe()}
    assert [name for name, text in german.items() if text == english[name]] == []
