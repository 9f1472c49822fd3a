"""Pages that show a secret once, and their reload."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests.support import phone
from tests.support.person import Person
from tests.support.served import PASSWORD, Served

SETTINGS = "/your-mfa-settings"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("once") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def proving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environ = {"WATCHWORD_ENROLMENT_PROOF": "always"}
    with Served.running(tmp_path_factory.mktemp("proving") / "data", environ=environ) as server:
        yield server


def reloaded(person: Person) -> Person:
    """Reload a page that a form led to: the browser sends the form again."""
    sent = person.response.request
    assert sent.method == "POST"
    assert sent.url is not None
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    again = person.http.post(sent.url, data=sent.body, headers=headers, timeout=30)
    return person._took(again)


def enabled(person: Person) -> Person:
    return person.login(name_of(person)).settings().press("Enable MFA")


def name_of(person: Person) -> str:
    return str(person.http.headers["X-Test-Name"])


def finished_now(person: Person) -> None:
    enabled(person).press("Finish now")
    person.press("OK", Code=phone.code(person.token))


def enrolled_at_login(person: Person) -> str:
    enabled(person).press("Logout")
    return person.enrol(name_of(person))


def used_at_second_step(person: Person) -> None:
    enrolled_at_login(person)
    code = person.recovery_codes()[0]
    person.follow("Continue").press("Logout").login(name_of(person))
    person.follow("Use a recovery code").press("OK", Recovery_code=code)


def used_with_password(person: Person) -> None:
    enrolled_at_login(person)
    code = person.recovery_codes()[0]
    person.follow("Continue").press("Logout").open("/login/with-recovery-code")
    person.press("OK", Username=name_of(person), Password=PASSWORD, Recovery_code=code)


def generated_codes(person: Person) -> None:
    enrolled_at_login(person)
    person.settings().press("Generate New Recovery Codes")


def generated_password(person: Person) -> None:
    person.login(name_of(person)).settings().press("Generate New API Password")


PAGES: dict[str, tuple[Callable[[Person], object], str]] = {
    "finished now": (finished_now, "Generate New Recovery Codes"),
    "enrolled at login": (enrolled_at_login, "Generate New Recovery Codes"),
    "used at the second step": (used_at_second_step, "Generate New Recovery Codes"),
    "used with the password": (used_with_password, "Generate New Recovery Codes"),
    "generated codes": (generated_codes, "Generate New Recovery Codes"),
    "generated API password": (generated_password, "Generate New API Password"),
}


@pytest.mark.parametrize("page", PAGES)
def test_reload_explains_how_to_get_new_secrets(served: Served, page: str) -> None:
    reach, way = PAGES[page]
    name = f"n{abs(hash(page)) % 10**9}"
    served.create(name)
    with closing(Person(served, **{"X-Test-Name": name})) as person:
        reach(person)
        shown = {*person.recovery_codes(), person.api_password} - {""}
        assert shown
        reloaded(person)
        assert person.sees("cannot be shown again")
        assert person.sees(way)
        assert not person.sees("This login attempt has ended")
        assert not shown & {*person.recovery_codes(), person.api_password}


def test_another_tab_of_a_login_reports_that_codes_were_shown(
    served: Served,
) -> None:
    served.create("tabs")
    with closing(Person(served, **{"X-Test-Name": "tabs"})) as person:
        enabled(person).press("Logout").login("tabs")
        tab, button = person.page, person.button("OK")
        person.press("OK", Code=phone.code(person.token))
        person.page = tab
        assert button is not None
        person._took(person.submit(button, {"Code": "000000"}))
        assert person.response.status_code == 409
        assert person.sees("The recovery codes were shown once and cannot be shown again.")


@pytest.mark.parametrize("pressed", ["Enable MFA", "Reset Secret"])
def test_reload_of_an_enrolment_code_explains_how_to_get_another(
    proving: Served, pressed: str
) -> None:
    name = f"n{abs(hash(pressed)) % 10**9}"
    proving.create(name)
    with closing(Person(proving, **{"X-Test-Name": name})) as person:
        enabled(person)
        if pressed == "Reset Secret":
            person.follow("Continue").press("Finish now")
            person.press("OK", Code=phone.code(person.token)).settings().press(pressed)
        assert "enrolment-code" in person.page.attributes
        reloaded(person)
        assert person.sees("The enrolment code cannot be shown again. If you lost it")
        assert "enrolment-code" not in person.page.attributes


@pytest.mark.parametrize("hours", [-14, -9.5, -1, 0.5, 1, 2.5, 12])
def test_phone_in_a_wrong_time_zone_is_recognised_and_never_accepted(
    served: Served, hours: float
) -> None:
    name = f"z{hours}"
    served.create(name)
    with closing(Person(served, **{"X-Test-Name": name})) as person:
        enabled(person).press("Finish now")
        wrong = datetime.now(UTC) + timedelta(hours=hours)
        person.press("OK", Code=phone.code(person.token, wrong))
        size = {0.5: "30 minutes", 1: "1 hour"}.get(abs(hours), f"{abs(hours):g} hours")
        direction = "fast" if hours > 0 else "slow"
        assert person.sees(f"Your phone's clock is about {size} {direction}.")
        assert person.page.text.count("automatically") == 1
        assert person.open(SETTINGS).status == "Pending"
