"""The enrolment page: the server's name in the app and on the page."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import segno

from tests.support import phone
from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from watchword.domain import otpauth
from watchword.domain.secret import Secret
from watchword.web.console.login.mfa_setup import qr_code


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("enrolment") / "data") as server:
        yield server


NAMES = (f"n{number}" for number in itertools.count())


def named(served: Served, address: str) -> tuple[str, str]:
    """Return the issuer in the Key URI of a new account's enrolment page, and the page's text."""
    username = next(NAMES)
    served.create(username)
    with closing(Person(served)) as person:
        person.open(f"{address}/login").press("OK", Username=username, Password=PASSWORD)
        person.open(f"{address}/your-mfa-settings").press("Enable MFA").press("Finish now")
        label = phone.label_in(person.page.links["Open in an app on this device"])
        return label.removesuffix(f":{username}"), person.page.text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_app_entry_and_page_name_the_requested_host(served: Served, host: str) -> None:
    issuer, text = named(served, f"https://{host}:{served.console_port}")
    assert issuer == f"Watchword ({host})"
    assert f"The app lists this server as {issuer} ." in text


OLDER = re.compile(
    r"Delete an older entry .+ for n\d+ : its codes no longer work\. Keep the entries of"
)


def test_set_up_names_older_entries_and_codes_only_where_there_are_any(served: Served) -> None:
    username = next(NAMES)
    served.create(username)
    with closing(Person(served)) as person:
        person.login(username).settings().press("Enable MFA").press("Finish now")
        assert not OLDER.search(person.page.text)
        person.press("OK", Code="000000")
        assert person.sees("Incorrect code. Enter the code that your app shows now.")
        assert person.page.text.count("automatically") == 1
        assert not person.sees("only once")
        # The page again in the same session: another QR code, but no other viewer.
        person.settings().press("Finish now")
        assert OLDER.search(person.page.text)
        assert not person.sees("also viewed")
        person.press("OK", Code=phone.code(person.token))
        assert person.sees("Use one of these codes if you lose your phone.")
        assert not person.sees("Older codes no longer work.")
        assert not person.sees("also viewed")
        assert not person.open("/").sees("also shown")
        person.open("/audit-log?event=mfa.enrol.shown_again")
        assert person.sees("No matching events.")
        person.settings().press("Generate New Recovery Codes")
        assert person.sees("Older codes no longer work.")
        person.settings().press("Reset Secret").press("Finish now")
        assert OLDER.search(person.page.text)
        person.press("OK", Code=phone.code(person.token))
        assert person.sees("Older codes no longer work.")


@pytest.mark.parametrize(
    ("settings", "issuer"),
    [
        ({"WATCHWORD_CONSOLE_URL": "https://console.example.org"}, "Watchword (console.example.org)"),
        ({"WATCHWORD_TOTP_ISSUER": "Example Ltd"}, "Example Ltd"),
    ],
    ids=["console_url", "totp_issuer"],
)  # fmt: skip
def test_settings_name_the_server(tmp_path: Any, settings: dict[str, str], issuer: str) -> None:
    with Served.running(tmp_path / "data", environ=settings) as served:
        assert named(served, served.console)[0] == issuer


@pytest.mark.parametrize("account", ["a", "W" * 64, "\U00020000" * 64], ids=["1", "64", "768"])
@pytest.mark.parametrize("issuer", ["Watchword", "\U00020000" * 32], ids=["short", "long"])
def test_qr_code_has_whole_pixels_and_at_least_four_per_module(account: str, issuer: str) -> None:
    uri = otpauth.uri(b"x" * 20, issuer=issuer, account=account)
    found = qr_code(Secret(uri))
    modules = segno.make(uri, error="l", micro=False).symbol_size(border=4)[0]
    assert (found.side % modules, found.side // modules >= 4) == (0, True)
    assert found.side >= 200
