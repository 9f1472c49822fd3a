"""Replayed and foreign codes, and login attempts that outlive a change of the account."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.attacks.conftest import House, Owner
from tests.support.acts import BY_CLI, CONSOLE
from tests.support.attacker import Attacker
from tests.support.installation import CHEAP, settings_for
from tests.support.served import PASSWORD, Served
from watchword import bootstrap
from watchword.crypto.passwords import run
from watchword.domain.errors import CodeWrong
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.login import password_login, second_factor
from watchword.usecases.login.password_login import AttemptStarted, Browser
from watchword.usecases.sessions import login_attempts

NEW = "quartz meadow lantern thimble"


@pytest.fixture
def owner(house: House) -> Owner:
    return house.owner(mfa="active")


def halfway(house: House, owner: Owner) -> Attacker:
    """Return an attacker's browser after the correct password, before the second step."""
    thief = house.browser()
    assert thief.login(owner.username).header("location") == "/login/second-step"
    return thief


# --- replay ----------------------------------------------------------------------------------
def test_observed_code_opens_no_second_session(house: House, owner: Owner) -> None:
    """RFC 6238, section 5.2: the verifier must not accept a second use of a code."""
    thief, victim = halfway(house, owner), house.browser()
    victim.login(owner.username)
    code = owner.code()
    assert victim.second_step(code).status == 303
    assert victim.is_in()
    assert thief.second_step(code).status == 422
    assert not thief.is_in()
    assert victim.is_in()


def test_code_sent_again_in_the_same_attempt_is_refused(house: House, owner: Owner) -> None:
    victim = halfway(house, owner)
    page, cookies, code = victim.get("/login/second-step"), dict(victim.cookies), owner.code()
    assert victim.second_step(code, page).status == 303
    replayed = house.browser(**cookies)
    assert replayed.second_step(code, page).status == 409
    assert not replayed.is_in()
    assert victim.is_in()


def test_code_used_at_login_does_not_confirm_an_act(house: House, owner: Owner) -> None:
    victim = halfway(house, owner)
    code = owner.code()
    victim.second_step(code)
    answer = victim.post(
        "/your-mfa-settings/disable", {"proof_password": PASSWORD, "totp_code": code}
    )
    assert answer.status == 422
    assert house.account(owner).mfa.is_enabled
    assert victim.is_in()


def test_code_used_in_another_process_is_refused(house: House, owner: Owner) -> None:
    """Processes with the same database share the last used step."""
    victim, code = halfway(house, owner), owner.code()
    assert victim.second_step(code).status == 303
    begun = run(password_login.password(house.app, CONSOLE, username=owner.username,
                               typed=Secret(PASSWORD), browser=Browser()))  # fmt: skip
    assert isinstance(begun, AttemptStarted)
    found = login_attempts.find(house.app, begun.token.reveal())
    with pytest.raises(CodeWrong):
        second_factor.code(house.app, CONSOLE, found, code, Browser())
    second_factor.code(house.app, CONSOLE, found, owner.code(1), Browser())


def test_used_code_is_refused_after_a_restart(house: House, owner: Owner, tmp_path: Path) -> None:
    victim, code = halfway(house, owner), owner.code()
    assert victim.second_step(code).status == 303
    with house.app.database.writing():  # blocks other writers during the copy
        shutil.copytree(house.served.data, tmp_path / "data")
    (tmp_path / "data" / "serve.lock").unlink(missing_ok=True)
    with Served.running(tmp_path / "data") as restarted:
        app = bootstrap.open(settings_for(restarted.data), hashing=CHEAP, is_server=False)
        again = House(restarted, app)
        thief = halfway(again, owner)
        assert thief.second_step(code).status == 422
        assert thief.second_step(owner.code(1)).status == 303
        assert thief.is_in()
        again.close()
        app.close()


@pytest.mark.parametrize("steps", [-4, -2, 3, 20])
def test_codes_outside_the_window_are_refused(house: House, owner: Owner, steps: int) -> None:
    thief = halfway(house, owner)
    assert thief.second_step(owner.code(steps)).status == 422
    assert thief.second_step(owner.code()).status == 303


def test_earlier_code_is_refused_after_a_later_one(house: House, owner: Owner) -> None:
    thief = halfway(house, owner)
    early, late = owner.code(), owner.code(1)
    victim = halfway(house, owner)
    assert victim.second_step(late).status == 303
    assert thief.second_step(early).status == 422
    assert victim.is_in()


def test_parallel_logins_with_one_code_open_one_session(house: House, owner: Owner) -> None:
    racers = [halfway(house, owner) for _ in range(4)]
    pages = [racer.get("/login/second-step") for racer in racers]
    code, barrier = owner.code(), Barrier(len(racers), timeout=30)

    def race(number: int) -> int:
        barrier.wait()
        return racers[number].second_step(code, pages[number]).status

    with ThreadPoolExecutor(len(racers)) as pool:
        statuses = list(pool.map(race, range(len(racers))))
    assert statuses.count(303) == 1
    assert sum(racer.is_in() for racer in racers) == 1


def test_parallel_logins_with_one_recovery_code_open_one_session(
    house: House, owner: Owner
) -> None:
    racers = [halfway(house, owner) for _ in range(3)]
    code, barrier = owner.recovery_codes[0], Barrier(3, timeout=30)

    def race(number: int) -> int:
        barrier.wait()
        return racers[number].recovery(code).status

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(race, range(3))).count(200) == 1  # the page with the next one
    assert sum(racer.is_in() for racer in racers) == 1
    house.steps_pass(owner)
    assert house.logged_in(owner)


def test_codes_of_another_account_are_refused(house: House, owner: Owner) -> None:
    other = house.owner(mfa="active")
    thief = halfway(house, owner)
    assert thief.recovery(other.recovery_codes[0]).status == 422
    assert thief.second_step(other.code()).status == 422
    assert house.logged_in(owner)
    assert house.logged_in(other)


# --- half-finished logins --------------------------------------------------------------------
def _reset(house: House, owner: Owner) -> None:
    other_credentials.change_mfa(house.app, BY_CLI, owner.username, Event.RESET)


def _disable(house: House, owner: Owner) -> None:
    other_credentials.change_mfa(house.app, BY_CLI, owner.username, Event.DISABLE)


def _password(house: House, owner: Owner) -> None:
    run(
        other_accounts.set_password(
            house.app, BY_CLI, owner.username, Secret(NEW), must_change=False
        )
    )


def _account_disabled(house: House, owner: Owner) -> None:
    other_accounts.disable(house.app, BY_CLI, owner.username)


def _deleted(house: House, owner: Owner) -> None:
    other_accounts.delete(house.app, BY_CLI, owner.username)


def _own_reset(house: House, owner: Owner) -> None:
    assert house.logged_in(owner).post("/your-mfa-settings/reset-secret", {}).status == 303


ENDS = {
    "reset": _reset,
    "disable": _disable,
    "password-change": _password,
    "account-disabled": _account_disabled,
    "deleted": _deleted,
    "reset-by-the-owner": _own_reset,
}


@pytest.mark.parametrize("by", ["code", "recovery-code"])
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_login_attempt_ends_with(
    house: House, owner: Owner, end: Callable[[House, Owner], None], by: str
) -> None:
    house.owner()  # another account, so that this one can be removed
    thief = halfway(house, owner)
    page = thief.get("/login/second-step")
    end(house, owner)
    house.throttles_pass()
    if by == "code":
        answer = thief.second_step(owner.code(), page)
    else:
        fields = {"attempt": page.hidden("attempt"), "recovery_code": owner.recovery_codes[0]}
        answer = thief.post("/login/recovery-code", fields, token=page.hidden("form_token"))
    assert answer.status == 409
    assert not thief.is_in()


@pytest.mark.parametrize("end", [_disable, _password, _account_disabled, _deleted])
def test_open_enrolment_page_ends_with(house: House, end: Callable[[House, Owner], None]) -> None:
    house.owner()
    owner = house.owner(mfa="pending")
    thief = house.browser()
    thief.login(owner.username)
    page = thief.get("/login/second-step")
    owner.secret = page.text.partition('data-copy="')[2].partition('"')[0]
    end(house, owner)
    assert thief.second_step(owner.code(), page).status == 409
    assert not thief.is_in()


def test_open_enrolment_page_is_invalid_after_the_owner_enrolled(house: House) -> None:
    """Only the secret of the confirming attempt becomes active; one seen elsewhere is useless."""
    owner = house.owner(mfa="pending")
    thief, victim = house.browser(), house.browser()
    thief.login(owner.username)
    seen = thief.get("/login/second-step")
    victim.login(owner.username)
    shown = victim.get("/login/second-step")
    secrets = [p.text.partition('data-copy="')[2].partition('"')[0] for p in (seen, shown)]
    assert secrets[0] != secrets[1]
    owner.secret = secrets[1]
    assert victim.second_step(owner.code(), shown).status == 200
    assert victim.is_in()
    for secret in secrets:
        assert thief.second_step(Owner("", secret).code(1), seen).status == 409
    assert not thief.is_in()
    late = halfway(house, owner)
    assert late.second_step(Owner("", secrets[0]).code(1)).status == 422
    assert late.second_step(owner.code(1)).status == 303


def test_code_used_in_another_login_does_not_finish_this_one(house: House, owner: Owner) -> None:
    thief = halfway(house, owner)
    victim = house.logged_in(owner)
    assert thief.second_step(owner.code()).status == 422
    assert not thief.is_in()
    assert victim.is_in()


def test_number_of_another_attempt_gives_no_access(house: House, owner: Owner) -> None:
    """The number in the form names an attempt; only the cookie gives access to it."""
    victim = halfway(house, owner)
    number = victim.get("/login/second-step").hidden("attempt")
    other = house.owner(mfa="active")
    thief = halfway(house, other)
    token = thief.get("/login/second-step").hidden("form_token")
    fields = {"attempt": number, "totp_code": other.code()}
    assert thief.post("/login/second-step", fields, token=token).status == 409
    unknown = house.browser()
    assert unknown.post("/login/second-step", fields).status == 409
    assert not thief.is_in()
    assert victim.second_step(owner.code()).status == 303


def test_second_step_cannot_be_skipped(house: House, owner: Owner) -> None:
    thief = halfway(house, owner)
    for path in ("/", "/your-mfa-settings", "/administrators", "/change-password"):
        assert thief.get(path).status == 303
    for path in ("/your-mfa-settings/disable", "/change-password", "/new-password"):
        refused = thief.post(path, {}, token=thief.token("/login"))
        assert (refused.status, "You have been logged out" in refused.text) == (403, True)
    thief.cookies["__Host-ww_s"] = thief.cookies["__Host-ww_t"]
    assert not thief.is_in()
    assert house.logged_in(owner)
