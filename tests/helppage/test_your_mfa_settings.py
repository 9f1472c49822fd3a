"""The help page, statement by statement, over the real ports. H2 is in
test_system_administrators.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.support import phone
from tests.support.person import Person
from tests.support.served import PASSWORD, Served


@pytest.fixture
def alice(served: Served) -> Iterator[Person]:
    """Alice, logged in, MFA disabled."""
    served.create("alice")
    person = Person(served).login()
    yield person
    person.close()


def pending(alice: Person) -> Person:
    return alice.settings().press("Enable MFA")


def active(alice: Person) -> str:
    """Enable and finish; return the secret in the phone."""
    pending(alice).press("Logout")
    return alice.enrol()


def later_code(secret: str) -> str:
    """Return the code of the next step, which is unused and inside the drift window."""
    return phone.code(secret, datetime.now(UTC) + timedelta(seconds=30))


def call(served: Served, password: str, username: str = "alice") -> int:
    credentials = base64.b64encode(f"{username}:{password}".encode()).decode()
    answer = requests.get(
        f"{served.api}/api/v1/whoami",
        headers={"Authorization": f"Basic {credentials}"},
        verify=str(served.ca),
        timeout=30,
    )
    return answer.status_code


def test_h1(alice: Person) -> None:
    """Every administrator manages MFA of their own account on "Your MFA Settings"."""
    assert alice.settings().heading == "Your MFA Settings"


def test_h3(alice: Person) -> None:
    """A checkbox shows whether MFA is enabled or disabled for one's own account."""
    box = alice.settings().page.attributes["mfa_enabled"]
    assert box["type"] == "checkbox"
    assert "checked" not in box
    assert "MFA Enabled" in alice.page.text
    assert "checked" in pending(alice).page.attributes["mfa_enabled"]


def test_h4(alice: Person) -> None:
    """While MFA is disabled, the button "Enable MFA" enables it."""
    assert alice.settings().status == "Disabled"
    alice.press("Enable MFA")
    assert "checked" in alice.page.attributes["mfa_enabled"]
    assert alice.button("Enable MFA") is None


def test_h5(alice: Person) -> None:
    """Pressing it generates a shared secret: "Finish now" shows it without a further login."""
    pending(alice).press("Finish now")
    assert len(base64.b32decode(alice.token)) == 20


def test_h6(alice: Person) -> None:
    """Pressing it sets the account's MFA status to "Pending"."""
    assert pending(alice).status == "Pending"


def test_h7(alice: Person) -> None:
    """The process is finalized at the next login at the Management Console."""
    pending(alice).press("Logout")
    alice.enrol()
    assert alice.settings().status == "Active"


def test_h8(alice: Person) -> None:
    """The administrator logs out with the "Logout" button."""
    pending(alice).press("Logout")
    assert alice.path == "/login"
    assert alice.open("/your-mfa-settings").heading == "Login"


def test_h9(alice: Person) -> None:
    """The administrator enters username and password and clicks "OK"."""
    pending(alice).press("Logout")
    alice.press("OK", Username="alice", Password=PASSWORD)
    assert alice.path == "/login/second-step"


def test_h10(alice: Person) -> None:
    """A QR code is shown."""
    pending(alice).press("Logout").login()
    assert any(image.startswith("data:image/svg+xml") for image in alice.page.images)


def test_h11(alice: Person) -> None:
    """Below the QR code the token is shown, for typing by hand."""
    pending(alice).press("Logout").login()
    html = alice.response.text
    groups = " ".join(alice.token[i : i + 4] for i in range(0, 32, 4))
    assert groups in alice.page.text
    assert html.index("data:image/svg+xml") < html.index('id="token"')


def test_h12(alice: Person) -> None:
    """The administrator enters the code from the phone into the field "Code"."""
    pending(alice).press("Logout").login()
    assert alice.page.labels["Code"] == "totp_code"


def test_h13(alice: Person) -> None:
    """The administrator clicks "OK": MFA is finalized."""
    pending(alice).press("Logout").login()
    alice.press("OK", Code=phone.code(alice.token))
    assert alice.heading == "Recovery codes"
    assert alice.follow("Continue").settings().status == "Active"


def test_h14(alice: Person) -> None:
    """Once finalized, a login asks only for the code (no QR code, no token)."""
    secret = active(alice)
    alice.settings().press("Logout").login()
    assert "Code" in alice.page.labels
    assert "token" not in alice.page.attributes
    assert not alice.page.images
    alice.press("OK", Code=later_code(secret))
    assert alice.heading == "Overview"


@pytest.mark.parametrize("make", [pending, active], ids=["pending", "active"])
def test_h15(alice: Person, make: object) -> None:
    """While MFA is enabled (pending or active), "Disable MFA" disables it."""
    assert callable(make)
    make(alice)
    assert alice.settings().press("Disable MFA").status == "Disabled"


def test_h16(alice: Person) -> None:
    """Afterwards the Management Console's login asks for no code."""
    active(alice)
    alice.settings().press("Disable MFA").press("Logout").login()
    assert alice.heading == "Overview"


def test_h17(alice: Person) -> None:
    """ "Reset Secret" generates a new TOTP secret."""
    old = active(alice)
    alice.settings().press("Reset Secret").press("Finish now")
    assert alice.token != old


def test_h18(alice: Person) -> None:
    """It sets the status to "Pending"."""
    active(alice)
    assert alice.settings().press("Reset Secret").status == "Pending"


def test_h19(alice: Person) -> None:
    """The finalization is required again at the next login."""
    old = active(alice)
    alice.settings().press("Reset Secret").press("Logout").login()
    assert alice.token != old
    alice.press("OK", Code=later_code(alice.token))
    assert alice.follow("Continue").settings().status == "Active"


def test_h20(alice: Person) -> None:
    """The QR code scanned before is invalid: its codes are rejected at login, even if the new
    one is never scanned."""
    old = active(alice)
    alice.settings().press("Reset Secret").press("Logout").login()
    alice.press("OK", Code=later_code(old))
    assert alice.path == "/login/second-step"
    assert alice.sees("Incorrect code.")
    assert alice.open("/").heading == "Login"


def test_h21(alice: Person) -> None:
    """ "Reset Secret" is enabled only when the process is finalized and the status is active."""
    button = alice.settings().button("Reset Secret")
    assert button is not None
    assert button.disabled
    button = pending(alice).button("Reset Secret")
    assert button is not None
    assert button.disabled
    alice.press("Logout")
    alice.enrol()
    button = alice.settings().button("Reset Secret")
    assert button is not None
    assert not button.disabled


def test_h22(served: Served, alice: Person) -> None:
    """Once MFA is enabled, the regular password cannot be used for the Management API."""
    assert call(served, PASSWORD) == 200
    pending(alice)
    assert call(served, PASSWORD) == 401
    alice.press("Logout")
    alice.enrol()
    assert call(served, PASSWORD) == 401


def test_h23(served: Served, alice: Person) -> None:
    """An API password is generated and is accepted at the Management API's port."""
    active(alice)
    alice.settings().press("Generate New API Password")
    assert call(served, alice.api_password) == 200


def test_h24(served: Served, alice: Person) -> None:
    """One API password per account: a new one invalidates the old one."""
    old = alice.settings().press("Generate New API Password").api_password
    new = alice.press("Generate New API Password").api_password
    assert call(served, old) == 401
    assert call(served, new) == 200


def test_h25(alice: Person) -> None:
    """ "Generate New API Password" creates a new one."""
    old = alice.settings().press("Generate New API Password").api_password
    new = alice.press("Generate New API Password").api_password
    assert old
    assert new
    assert old != new


def test_h26(alice: Person) -> None:
    """It is shown and can be copied."""
    alice.settings().press("Generate New API Password")
    shown = alice.page.attributes["new-api-credential"]
    assert alice.api_password == shown["data-copy"]
    assert 'data-copies="new-api-credential"' in alice.response.text


def test_h27(served: Served, alice: Person) -> None:
    """It cannot be shown again: neither by a reload nor by sending the form again."""
    button = alice.settings().button("Generate New API Password")
    assert button is not None
    drawn = alice.page
    password = alice.press("Generate New API Password").api_password
    alice.page = drawn
    again = alice.submit(button, {})
    assert "Already generated" not in again.text
    assert "nothing new was generated" in again.text
    assert "new-api-credential" not in again.text
    assert password not in again.text
    assert password not in alice.settings().response.text
    assert call(served, password) == 200


@pytest.mark.parametrize("name", ["do:main", "a:b:c", ":"])
def test_h28(served: Served, name: str) -> None:
    """The page shows the notice about the colon, and the name works."""
    served.create(name)
    person = Person(served).login(name)
    assert person.settings().sees("Your username contains a colon")
    assert call(served, PASSWORD, name) == 200
    password = person.press("Generate New API Password").api_password
    person.press("Enable MFA")
    assert call(served, password, name) == 200
    assert call(served, PASSWORD, name) == 401


def test_h28_name_without_colon_has_no_notice(alice: Person) -> None:
    """The notice appears only for names with a colon."""
    assert not alice.settings().sees("holds a colon")
