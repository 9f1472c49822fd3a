"""The panel of refused credentials on Overview and Your MFA Settings."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
import requests

from tests.support.person import Person
from tests.support.served import PASSWORD, Served

NASTY = "cron<b>&amp;\"'</bdi> " + "x" * 300
OVERVIEW = "Rejected API logins"
SETTINGS = "Rejected API logins"
SETTINGS_PAGE = "/your-mfa-settings"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("refusals") / "data") as server:
        yield server


def ask(served: Served, credentials: str, agent: str = "curl/8.5") -> requests.Response:
    basic = base64.b64encode(credentials.encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "User-Agent": agent}
    address = f"{served.api}/api/v1/whoami"
    return requests.get(address, headers=headers, timeout=30, verify=str(served.ca))


def test_a_former_api_password_is_shown_with_its_client_until_it_is_dismissed(
    served: Served,
) -> None:
    served.create("alice")
    former = served.cli("api-password", "generate", "alice").stdout.split()[-1]
    served.cli("api-password", "generate", "alice")
    assert ask(served, f"alice:{former}", NASTY).status_code == 401
    person = Person(served).login()
    assert person.sees(OVERVIEW)
    assert person.sees("at 127.0.0.1 : This script still sends an old API password. Give it the "
                       "current one, which was generated on 20")  # fmt: skip
    assert "cron&lt;b&gt;&amp;amp;" in person.response.text
    assert "x" * 101 not in person.response.text
    person.press("Dismiss")
    assert (person.path, person.sees(OVERVIEW)) == ("/", False)
    assert not person.settings().sees(SETTINGS)
    ask(served, f"alice:{former}")
    assert person.settings().sees("curl 8.5 at 127.0.0.1 :")
    person.press("Dismiss")
    assert (person.path.partition("#")[0], person.sees(SETTINGS)) == ("/your-mfa-settings", False)
    person.close()


def test_a_line_break_is_named_to_the_owner_and_to_no_one_else(served: Served) -> None:
    served.create("bob")
    wrong = ask(served, "bob:wrong wrong wrong")
    refused = ask(served, f"bob:{PASSWORD}\n")
    assert refused.status_code == 401
    assert refused.content == wrong.content
    assert ask(served, "bob:wrong wrong wrong\n").content == wrong.content
    assert ask(served, f"bob:{PASSWORD}").status_code == 200
    person = Person(served).login("bob")
    assert person.sees("A line break follows your password. Use printf")
    person.close()


def test_the_remedy_for_the_regular_password_fits_the_api_password(served: Served) -> None:
    served.create("carol")
    person = Person(served).login("carol").settings().press("Enable MFA")
    assert person.settings().sees("curl asks for the API password. Generate one first.")
    ask(served, f"carol:{PASSWORD}")
    assert person.settings().sees("Generate an API password and use it there.")
    person.press("Generate New API Password")
    assert person.sees("curl asks for the API password. The certificate")
    for page in (SETTINGS_PAGE, "/"):
        person.open(page)
        assert person.sees("this script still sends the regular password. Use the API password that "
                           "was generated on 20")  # fmt: skip
    person.settings().press("Revoke API Password")
    assert person.sees("Generate an API password and use it there.")
    person.press("Disable MFA")
    assert person.sees(
        "curl asks for your password. Without MFA, your regular password works here."
    )
    person.close()
