"""The help page's statements about other accounts, over the real ports.

Alice presses the buttons on System Administrators; bob logs in, shows codes and calls the API. H1
and H3 are about one's own page, H22 to H28 about one's own API password.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
import requests

from tests.support import phone
from tests.support.parsed_page import Button
from tests.support.person import Person
from tests.support.served import PASSWORD, Served

NUMBERS = count(1)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for this module; each test creates its own bob."""
    with Served.running(tmp_path_factory.mktemp("others") / "data") as server:
        server.create("alice")
        yield server


@pytest.fixture
def alice(served: Served) -> Iterator[Person]:
    """The administrator who presses the buttons."""
    person = Person(served).login("alice")
    yield person
    person.close()


class Bob(Person):
    """The administrator whose account is changed."""

    name = "bob"

    def again(self) -> Bob:
        """Log in again with username and password."""
        self.login(self.name)
        return self

    def finish(self) -> str:
        """Log in while pending, scan and enter the code; return the secret in the phone."""
        secret = self.enrol(self.name)
        self.follow("Continue")
        return secret


@pytest.fixture
def bob(served: Served) -> Iterator[Bob]:
    """Bob, logged in, MFA disabled."""
    person = Bob(served)
    person.name = f"bob{next(NUMBERS)}-"
    served.create(person.name)
    yield person.again()
    person.close()


def found(alice: Person, bob: Bob, text: str) -> Button | None:
    """Return the button with that text on the page of bob's account."""
    alice.open("/administrators").follow(bob.name)
    at = f"/administrators/{bob.name}/"
    own = (b for b in alice.page.buttons if alice.page.forms[b.form].action.startswith(at))
    return next((b for b in own if b.text == text), None)


def press(alice: Person, bob: Bob, text: str) -> None:
    """Press a button on bob's page, and again on the page "Confirm" if it opens."""
    button = found(alice, bob, text)
    assert button is not None, f"no {text!r}: {alice.page.text}"
    if alice.page.forms[button.form].method == "post":
        alice.submit(button, {})
        return
    alice.open(alice.page.forms[button.form].action)
    assert alice.heading == f"Confirm: {text} for {bob.name}"
    alice.press(text)


def status(alice: Person, bob: Bob) -> str:
    """Return bob's MFA status, as the Management API reports it to alice."""
    path = f"/api/v1/administrators/{bob.name}/mfa"
    answer = call(alice.served, "alice", PASSWORD, path)
    return str(answer.json()["status"])


def call(served: Served, name: str, password: str, path: str) -> requests.Response:
    credentials = base64.b64encode(f"{name}:{password}".encode()).decode()
    return requests.get(
        served.api + path, headers={"Authorization": f"Basic {credentials}"},
        verify=str(served.ca), timeout=30,
    )  # fmt: skip


def whoami(bob: Bob) -> int:
    """Return the status of a Management API call with bob's regular password."""
    return call(bob.served, bob.name, PASSWORD, "/api/v1/whoami").status_code


def later_code(secret: str) -> str:
    """Return the code of the next step, which is unused and inside the drift window."""
    return phone.code(secret, datetime.now(UTC) + timedelta(seconds=30))


def pending(alice: Person, bob: Bob) -> None:
    press(alice, bob, "Enable MFA")


def active(alice: Person, bob: Bob) -> str:
    """Enable MFA as alice and finish as bob; return the secret in bob's phone."""
    pending(alice, bob)
    return bob.finish()


def test_h2(alice: Person, bob: Bob) -> None:
    """MFA of other accounts is managed on "System Administrators"."""
    assert bob.name not in alice.settings().page.text
    alice.open("/").follow("System Administrators")
    assert alice.heading == "System Administrators"
    assert found(alice, bob, "Enable MFA") is not None
    alice.open("/administrators").follow("alice")
    own = [f.action for f in alice.page.forms.values() if "/alice/" in f.action]
    assert own == []


def test_h4(alice: Person, bob: Bob) -> None:
    """While MFA is disabled, the button "Enable MFA" enables it."""
    assert whoami(bob) == 200
    press(alice, bob, "Enable MFA")
    assert found(alice, bob, "Enable MFA") is None
    assert whoami(bob) == 401
    assert bob.again().path == "/login/second-step"


def test_h5(alice: Person, bob: Bob) -> None:
    """Pressing it generates a shared secret, which only bob sees."""
    pending(alice, bob)
    assert "token" not in alice.page.attributes
    assert not alice.page.images
    assert len(base64.b32decode(bob.again().token)) == 20


def test_h6(alice: Person, bob: Bob) -> None:
    """Pressing it sets the account's MFA status to "Pending"."""
    assert status(alice, bob) == "disabled"
    pending(alice, bob)
    assert status(alice, bob) == "pending"
    alice.open(f"/administrators?search={bob.name}&only=mfa-pending")
    assert bob.name in alice.page.links
    assert '<span class="badge warn">Pending</span>' in alice.response.text


def test_h7(alice: Person, bob: Bob) -> None:
    """The process is finalized at bob's next login at the Management Console."""
    pending(alice, bob)
    bob.finish()
    assert bob.settings().status == "Active"
    assert status(alice, bob) == "active"


def test_h8(alice: Person, bob: Bob) -> None:
    """The administrator logs out with the "Logout" button: bob's session has already ended."""
    assert bob.open("/").button("Logout") is not None
    pending(alice, bob)
    assert bob.open("/").heading == "Login"
    assert bob.button("Logout") is None


def test_h9(alice: Person, bob: Bob) -> None:
    """The administrator enters username and password and clicks "OK"."""
    pending(alice, bob)
    bob.open("/login").press("OK", Username=bob.name, Password=PASSWORD)
    assert (bob.path, bob.heading) == ("/login/second-step", "Set up MFA")


def test_h10(alice: Person, bob: Bob) -> None:
    """A QR code is shown."""
    pending(alice, bob)
    images = bob.again().page.images
    assert any(image.startswith("data:image/svg+xml") for image in images)


def test_h11(alice: Person, bob: Bob) -> None:
    """Below the QR code the token is shown, for typing by hand."""
    pending(alice, bob)
    html = bob.again().response.text
    groups = " ".join(bob.token[i : i + 4] for i in range(0, 32, 4))
    assert groups in bob.page.text
    assert html.index("data:image/svg+xml") < html.index('id="token"')


def test_h12(alice: Person, bob: Bob) -> None:
    """The administrator enters the code from the phone into the field "Code"."""
    pending(alice, bob)
    assert bob.again().page.labels["Code"] == "totp_code"
    bob.press("OK", Code="000000")
    assert bob.sees("Incorrect code.")
    assert status(alice, bob) == "pending"


def test_h13(alice: Person, bob: Bob) -> None:
    """The administrator clicks "OK": MFA is finalized."""
    pending(alice, bob)
    bob.again().press("OK", Code=phone.code(bob.token))
    assert bob.heading == "Recovery codes"
    assert status(alice, bob) == "active"


def test_h14(alice: Person, bob: Bob) -> None:
    """Once finalized, a login asks only for the code (no QR code, no token)."""
    secret = active(alice, bob)
    bob.open("/").press("Logout")
    bob.again()
    assert "Code" in bob.page.labels
    assert "token" not in bob.page.attributes
    assert not bob.page.images
    assert bob.press("OK", Code=later_code(secret)).heading == "Overview"


@pytest.mark.parametrize("make", [pending, active], ids=["pending", "active"])
def test_h15(alice: Person, bob: Bob, make: object) -> None:
    """While MFA is enabled (pending or active), "Disable MFA" disables it."""
    assert callable(make)
    make(alice, bob)
    press(alice, bob, "Disable MFA")
    assert status(alice, bob) == "disabled"
    assert found(alice, bob, "Disable MFA") is None
    assert whoami(bob) == 200


def test_h16(alice: Person, bob: Bob) -> None:
    """Afterwards the Management Console's login asks for no code."""
    active(alice, bob)
    press(alice, bob, "Disable MFA")
    assert bob.open("/").heading == "Login"
    assert bob.again().heading == "Overview"


def test_h17(alice: Person, bob: Bob) -> None:
    """ "Reset Secret" generates a new TOTP secret."""
    old = active(alice, bob)
    press(alice, bob, "Reset Secret")
    new = bob.again().token
    assert new != old
    assert len(base64.b32decode(new)) == 20


def test_h18(alice: Person, bob: Bob) -> None:
    """It sets the status to "Pending"."""
    active(alice, bob)
    press(alice, bob, "Reset Secret")
    assert status(alice, bob) == "pending"


def test_h19(alice: Person, bob: Bob) -> None:
    """The finalization is required again at the next login."""
    active(alice, bob)
    press(alice, bob, "Reset Secret")
    bob.again()
    assert any(image.startswith("data:image/svg+xml") for image in bob.page.images)
    bob.press("OK", Code=later_code(bob.token))
    assert bob.heading == "Recovery codes"
    assert status(alice, bob) == "active"


def test_h20(alice: Person, bob: Bob) -> None:
    """The QR code scanned before is invalid: its codes are rejected at login, even if the new
    one is never scanned."""
    old = active(alice, bob)
    press(alice, bob, "Reset Secret")
    bob.again().press("OK", Code=later_code(old))
    assert bob.path == "/login/second-step"
    assert bob.sees("Incorrect code.")
    assert bob.open("/").heading == "Login"
    assert status(alice, bob) == "pending"


def test_h21(alice: Person, bob: Bob) -> None:
    """ "Reset Secret" can be pressed only when the process is finalized and the status is
    active; a form sent regardless is refused and changes nothing."""
    forced = alice.open("/").page.forms["form0"].fields
    address = f"{alice.served.console}/administrators/{bob.name}/reset-secret"
    for make, now in ((None, "disabled"), (pending, "pending")):
        if make is not None:
            make(alice, bob)
        assert found(alice, bob, "Reset Secret") is None
        assert alice.http.post(address, data=forced, timeout=30).status_code == 409
        assert status(alice, bob) == now
    bob.finish()
    button = found(alice, bob, "Reset Secret")
    assert button is not None
    assert not button.disabled
