"""Tests of the tests' own tools: a phone, browser or database that accepted everything would
prove nothing.
"""

from __future__ import annotations

import base64
import io
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import segno
from playwright.sync_api import Error

from tests.support import phone, postgres
from tests.support.browser import Chromium
from tests.support.clock import START, MovableClock
from tests.support.parsed_page import ParsedPage
from tests.support.postgres import PostgresServer
from tests.support.served import Served

URI = "otpauth://totp/Watchword:alice%20b?secret=JBSWY3DPEHPK3PXP&issuer=Watchword"
RFC_6238_SECRET = base64.b32encode(b"12345678901234567890").decode()


def picture(text: str) -> bytes:
    out = io.BytesIO()
    segno.make(text).save(out, kind="png", scale=6, border=4)
    return out.getvalue()


def is_running(pid: int) -> bool:
    """Return whether a process runs: an ended one keeps its number, as a zombie, until reaped."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


@pytest.fixture
def another_ca(tmp_path: Path) -> Path:
    """The certificate of another CA."""
    file = tmp_path / "another-ca.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-subj", "/CN=another", "-keyout", str(tmp_path / "key"), "-out", str(file)],
        check=True, capture_output=True,
    )  # fmt: skip
    return file


def test_phone_reads_a_qr_code_from_a_picture() -> None:
    uri = phone.scan(picture(URI))
    assert uri == URI
    assert phone.secret_in(uri) == "JBSWY3DPEHPK3PXP"
    assert phone.label_in(uri) == "Watchword:alice b"


def test_phone_fails_for_a_picture_without_a_qr_code() -> None:
    one_pixel = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg=="
    )
    with pytest.raises(AssertionError, match="0 QR codes"):
        phone.scan(one_pixel)


@pytest.mark.parametrize(
    ("unix_time", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (20000000000, "353130")],
)
def test_phone_shows_the_codes_of_rfc_6238_appendix_b(unix_time: int, code: str) -> None:
    assert phone.code(RFC_6238_SECRET, datetime.fromtimestamp(unix_time, UTC)) == code


FORM = """<form id=form0 method=post action=/here><input type=hidden name=a value=1>
<label for=b>Text</label><input id=b name=b value=2><input name=a value=3>
<label><input type=checkbox name=c value=yes> Box</label><input type=checkbox name=d checked>
<button type=submit name=e value=4>First</button><input name=f disabled value=5>
<select name=g><option value=x>X</option><option value=y selected>Y</option></select>
<button type=submit name=h value=6>Second</button></form>
<button type=submit form=form0 name=i value=7>Outside</button>"""


def test_parsed_page_sends_the_fields_of_a_form() -> None:
    """Duplicates, document order, and only the pressed one of the buttons."""
    page = ParsedPage(FORM)
    assert [button.text for button in page.buttons] == ["First", "Second", "Outside"]
    sent = page.forms["form0"].pairs(page.buttons[0], {page.control("Text"): "typed"})
    assert sent == [("a", "1"), ("b", "typed"), ("a", "3"), ("d", "on"), ("e", "4"), ("g", "y")]
    sent = page.forms["form0"].pairs(page.buttons[2], {page.control("Box"): True})
    assert sent[3:] == [("c", "yes"), ("d", "on"), ("g", "y"), ("i", "7")]
    with pytest.raises(AssertionError, match="a field twice"):
        _ = page.forms["form0"].fields


def test_chromium_sends_the_same_fields(chromium: Chromium, another_ca: Path) -> None:
    page = f"<title>t</title>{FORM.replace('method=post action=/here', 'method=get action=#')}"
    with chromium.trusting(another_ca) as visitor:
        opened = visitor.open().page
        opened.set_content(page)
        for number, button in enumerate(ParsedPage(FORM).buttons):
            entries = opened.evaluate(
                "n => [...new FormData(document.forms[0],"
                " document.querySelectorAll('button')[n])]", number
            )  # fmt: skip
            assert [tuple(e) for e in entries] == ParsedPage(FORM).forms["form0"].pairs(button)


def test_clock_moves_only_when_advanced() -> None:
    clock = MovableClock()
    assert clock.now() == clock.now() == START
    clock.advance(timedelta(minutes=2))
    clock.next_step()
    assert clock.now() - START == timedelta(seconds=150)
    assert clock.now().tzinfo is UTC


def test_new_database_is_empty_or_equal_to_its_template(postgres_server: PostgresServer) -> None:
    template = postgres_server.new_database()
    with psycopg.connect(postgres_server.url(template)) as connection:
        connection.execute("CREATE TABLE t AS SELECT 42 AS answer")
    copy = postgres_server.new_database(template)
    with psycopg.connect(postgres_server.url(copy)) as connection:
        assert connection.execute("SELECT answer FROM t").fetchone() == (42,)
    empty = postgres_server.new_database()
    with psycopg.connect(postgres_server.url(empty)) as connection:
        assert connection.execute("SELECT to_regclass('t')").fetchone() == (None,)


def test_postgresql_listens_on_no_port_and_stops_completely() -> None:
    with postgres.running() as server:
        pid = int((server.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        with psycopg.connect(server.url("postgres")) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert is_running(pid)
    assert not server.folder.exists()
    assert not is_running(pid)


@pytest.mark.parametrize(("scripts", "seen"), [(True, "with"), (False, "without")])
def test_chromium_runs_scripts_only_when_enabled(
    chromium: Chromium, another_ca: Path, scripts: bool, seen: str
) -> None:
    page = "<p>without</p><script>document.querySelector('p').textContent = 'with'</script>"
    with chromium.trusting(another_ca) as visitor:
        opened = visitor.open(java_script_enabled=scripts)
        opened.page.goto(f"data:text/html,{page}")
        assert opened.page.locator("p").text_content() == seen


def test_chromium_reports_console_messages_and_axe_findings(
    chromium: Chromium, another_ca: Path
) -> None:
    page = "<html lang=en><title>t</title><img src=x><script>console.warn('careful')</script>"
    with chromium.trusting(another_ca) as visitor:
        opened = visitor.open()
        opened.page.goto(f"data:text/html,{page}")
        assert "careful" in opened.complaints()
        assert any(found.startswith("image-alt") for found in opened.axe())


def test_chromium_trusts_only_the_given_ca(
    chromium: Chromium, served: Served, another_ca: Path
) -> None:
    with chromium.trusting(served.ca) as visitor:
        opened = visitor.open()
        opened.page.goto(served.console)
        assert opened.hosts == {f"127.0.0.1:{served.console_port}"}
    with chromium.trusting(another_ca) as visitor:
        page = visitor.open().page
        with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            page.goto(served.console)


def test_returned_database_is_equal_to_its_template_again(
    postgres_server: PostgresServer,
) -> None:
    template = postgres_server.new_database()
    with psycopg.connect(postgres_server.url(template)) as connection:
        connection.execute("CREATE TABLE things (id serial PRIMARY KEY, name text)")
        connection.execute("INSERT INTO things (name) VALUES ('first')")
    copy = postgres_server.copy_of(template)
    with psycopg.connect(postgres_server.url(copy)) as connection:
        connection.execute("INSERT INTO things (name) VALUES ('second')")
    postgres_server.give_back(copy, template)
    assert postgres_server.copy_of(template) == copy
    with psycopg.connect(postgres_server.url(copy)) as connection:
        connection.execute("INSERT INTO things (name) VALUES ('third')")
        rows = connection.execute("SELECT id, name FROM things ORDER BY id").fetchall()
        assert rows == [(1, "first"), (2, "third")]
        connection.execute("CREATE INDEX of_a_test ON things (name)")
    postgres_server.give_back(copy, template)
    assert postgres_server.copy_of(template) != copy


def test_returned_database_with_a_connection_is_not_used_again(
    postgres_server: PostgresServer,
) -> None:
    template = postgres_server.new_database()
    copy = postgres_server.copy_of(template)
    with psycopg.connect(postgres_server.url(copy)):
        postgres_server.give_back(copy, template)
        assert postgres_server.copy_of(template) != copy
