"""The log: one line for each event, without secrets, not forgeable."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
import requests

from tests.support.installation import Installation, settings_for
from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from watchword.domain.audit import Actor, AuditEvent, Interface
from watchword.server import logs
from watchword.usecases.unit_of_work import bookkeeping, unit

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
NASTY = "a\r\n2026-01-01T00:00:00.000Z INFO x: forged\x1b[2J\0\x7f\x85\x9b\u2028\u2029\u202e\u2066b"


def record(message: str, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("watchword.x", logging.INFO, __file__, 1, "%s", (message,), None)
    made.__dict__.update(extra)
    return made


@pytest.mark.parametrize("formatter", [logs.Plain(), logs.Json()], ids=["plain", "json"])
def test_logged_input_stays_in_its_line(formatter: logging.Formatter) -> None:
    line = formatter.format(record(NASTY, request_id=NASTY, audit={"actor": NASTY}))
    assert line.isprintable()
    assert not any(0x7F <= ord(c) <= 0x9F or ord(c) > 0x2000 for c in line)
    assert len(line.splitlines()) == 1


def test_a_plain_line_has_time_level_logger_message_and_request() -> None:
    line = logs.Plain().format(record("Grüße", request_id="r1"))
    assert TIME.match(line)
    assert line.partition(" ")[2] == "INFO watchword.x: Grüße [r1]"


def test_a_json_line_is_one_object_and_gives_the_text_back() -> None:
    line = json.loads(logs.Json().format(record(NASTY, request_id="r1")))
    assert TIME.fullmatch(line.pop("time"))
    assert line == {"level": "info", "logger": "watchword.x", "message": NASTY, "request_id": "r1"}


def failed() -> logging.LogRecord:
    try:
        try:
            int("swordfish")
        except ValueError as error:
            raise RuntimeError("otter pencil") from error
    except RuntimeError as error:
        made = record("failed")
        made.exc_info = (type(error), error, error.__traceback__)
        return made
    raise AssertionError


@pytest.mark.parametrize("formatter", [logs.Plain(), logs.Json()], ids=["plain", "json"])
def test_of_an_exception_type_and_place_are_logged_but_no_message(
    formatter: logging.Formatter,
) -> None:
    line = formatter.format(failed())
    assert "RuntimeError" in line
    assert "ValueError" in line
    assert f"{Path(__file__).name}:" in line
    assert "swordfish" not in line
    assert "otter" not in line


# --- the audit mirror -----------------------------------------------------------------------
def mirrored(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [r.__dict__["audit"] for r in caplog.records if r.name == "watchword.audit"]


def test_each_audit_row_is_one_line_of_the_log(
    here: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    actor = Actor(Interface.API, 7, "alice", "192.0.2.1", "curl", "r1", "abcd")
    with unit(here.app, actor) as u:
        u.record(AuditEvent.MFA_ENABLE, outcome="refused", reason="x")
        assert mirrored(caplog) == []  # not before the commit
    (event,) = mirrored(caplog)
    assert datetime.fromisoformat(str(event.pop("at"))) == here.clock.now()
    assert event == {
        "event": "mfa.enable", "outcome": "refused", "interface": "api", "actor_id": 7,
        "actor": "alice", "address": "192.0.2.1", "user_agent": "curl", "session": "abcd",
        "reason": "x",
    }  # fmt: skip
    assert caplog.records[-1].__dict__["request_id"] == "r1"


@pytest.mark.parametrize("way", [lambda app: unit(app, Actor(Interface.CLI)), bookkeeping])
def test_an_event_that_is_not_committed_is_not_logged(
    here: Installation, caplog: pytest.LogCaptureFixture, way: Callable[..., object]
) -> None:
    caplog.set_level(logging.INFO)

    def fail() -> None:
        with way(here.app) as u:  # type: ignore[attr-defined]
            u.record(AuditEvent.MFA_ENABLE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert mirrored(caplog) == []


# --- a server -------------------------------------------------------------------------------
def test_no_secret_of_a_login_is_in_the_log_even_at_debug(tmp_path: Path) -> None:
    environ = {"WATCHWORD_LOG_LEVEL": "debug", "WATCHWORD_LOG_FORMAT": "json"}
    with Served.running(tmp_path / "data", environ=environ) as served:
        link = served.first_run_link.replace(served.console, "")
        person = Person(served).open(link)
        person.press("Create Administrator", Username="alice", Password=PASSWORD,
                     Repeat_password=PASSWORD)  # fmt: skip
        person.login().settings().press("Generate New API Password")
        password = person.api_password
        asked_for = f"{served.api}/api/v1/audit-events?account=in-the-query"
        answer = requests.get(
            asked_for, auth=("alice", password), verify=str(served.ca), timeout=30
        )
        person.close()
        assert served.stop() == 0
    lines = [json.loads(line) for line in served.errors]
    log = "".join(served.errors)
    token = link.rpartition("/")[2]
    for secret in (PASSWORD, password, token, "in-the-query", "Basic ", "__Host-"):
        assert secret not in log
    access = {line["request_id"]: line["access"] for line in lines if "access" in line}
    asked = access[answer.headers["x-request-id"]]
    assert asked["milliseconds"] >= 0
    del asked["milliseconds"]
    assert asked == {
        "method": "GET", "path": "/api/v1/audit-events", "status": 200, "peer": "127.0.0.1",
    }  # fmt: skip
    assert "/first-run/[redacted]" in {each["path"] for each in access.values()}
    events = {line["audit"]["event"] for line in lines if "audit" in line}
    assert {"administrator.created", "auth.login", "api_password.generated"} <= events


def test_at_level_info_requests_are_not_logged(served: Served) -> None:
    requests.get(f"{served.console}/login", verify=str(served.ca), timeout=30)
    assert served.stop() == 0
    assert not any("watchword.access" in line for line in served.errors)
    assert all(TIME.match(line) for line in served.errors)


def test_the_settings_choose_level_and_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = logging.getLogger().handlers[:], logging.getLogger().level
    settings = settings_for(tmp_path)
    try:
        for log_format in ("plain", "json"):
            logs.set_up(
                msgspec.structs.replace(settings, log_level="warning", log_format=log_format)
            )
            logging.getLogger("watchword.x").info("quiet")
            logging.getLogger("watchword.x").warning("loud")
    finally:
        logging.getLogger().handlers[:], level = before
        logging.getLogger().setLevel(level)
    plain, as_json = capsys.readouterr().err.splitlines()
    assert plain.endswith(" WARNING watchword.x: loud")
    assert json.loads(as_json)["message"] == "loud"
