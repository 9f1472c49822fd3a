"""Guessing: information in responses, budgets of parallel guesses, effects on other users."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.attacks.conftest import House, Owner
from tests.support.acts import BY_CLI
from tests.support.attacker import Answer, Attacker
from tests.support.served import PASSWORD
from watchword.domain import api_password
from watchword.domain.throttle import CEILING, Kind, Throttle
from watchword.storage import administrators, throttles
from watchword.usecases.administrators import other_accounts
from watchword.usecases.login.password_login import password_subject

WRONG = "wrong wrong wrong"
OF_EACH_ANSWER = {"date", "x-request-id", "content-security-policy", "content-length", "set-cookie"}


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def seen(answer: Answer, name: str) -> tuple[object, ...]:
    """Return a response without nonce, form token and the name, which always differ."""
    body = re.sub(r'nonce="[^"]*"|value="[0-9a-f]{64}"|urn:watchword:request:\w+', "", answer.text)
    headers = [(k.lower(), v) for k, v in answer.headers if k.lower() not in OF_EACH_ANSWER]
    cookies = sorted(v.partition("=")[0] for k, v in answer.headers if k.lower() == "set-cookie")
    return answer.status, sorted(headers), cookies, body.replace(name, "NAME")


def _unknown(house: House) -> str:
    return house.owner().username.replace("owner", "nobody")


def _known(house: House) -> str:
    return house.owner().username


def _disabled(house: House) -> str:
    owner = house.owner()
    other_accounts.disable(house.app, BY_CLI, owner.username)
    return owner.username


def _active(house: House) -> str:
    return house.owner(mfa="active").username


def _pending(house: House) -> str:
    return house.owner(mfa="pending").username


def _given(house: House) -> str:
    return house.owner(api=True).username


KINDS: dict[str, Callable[[House], str]] = {
    "unknown": _unknown, "known": _known, "disabled": _disabled,
    "active": _active, "pending": _pending, "with-api-password": _given,
}  # fmt: skip


def _at_login(attacker: Attacker, name: str) -> Answer:
    return attacker.login(name, WRONG)


def _at_api(attacker: Attacker, name: str) -> Answer:
    return attacker.call([basic(name, WRONG)])


def _by_api_password(attacker: Attacker, name: str) -> Answer:
    return attacker.call([basic(name, api_password.assemble("A" * 32))])


INTERFACES = {"login": _at_login, "api": _at_api, "api-password": _by_api_password}


@pytest.mark.parametrize("interface", INTERFACES.values(), ids=INTERFACES)
def test_refused_login_does_not_reveal_whether_a_name_exists(
    house: House, interface: Callable[[Attacker, str], Answer]
) -> None:
    """Status, headers, cookies and body are the same for every kind of name."""
    answers = {}
    for kind, make in KINDS.items():
        name = make(house)
        answers[kind] = seen(interface(house.browser(), name), name)
    assert len({str(answer) for answer in answers.values()}) == 1, answers


@pytest.mark.parametrize("interface", [_at_login, _at_api], ids=["login", "api"])
def test_throttling_does_not_reveal_whether_a_name_exists(
    house: House, interface: Callable[[Attacker, str], Answer]
) -> None:
    """Compares status and Retry-After of consecutive guesses from different addresses."""
    kinds = [
        "unknown",
        "known",
        "disabled",
        *(["active", "pending"] if interface is _at_login else []),
    ]
    rows = {}
    for kind in kinds:
        name = KINDS[kind](house)
        answers = [interface(house.browser(), name) for _ in range(7)]
        rows[kind] = [(a.status, a.header("retry-after")) for a in answers]
    assert len({str(row) for row in rows.values()}) == 1, rows
    assert rows["unknown"][5][0] == 429


def test_correct_password_of_a_disabled_account_is_refused_like_a_wrong_one(house: House) -> None:
    name = _disabled(house)
    right, wrong = house.browser().login(name), house.browser().login(name, WRONG)
    assert seen(right, name) == seen(wrong, name)
    calls = [house.browser().call([basic(name, p)]) for p in (PASSWORD, WRONG)]
    assert seen(calls[0], name) == seen(calls[1], name)


def test_api_with_mfa_refuses_correct_and_wrong_passwords_alike(house: House) -> None:
    for kind in (_active, _pending):
        name = kind(house)
        answers = [house.browser().call([basic(name, p)]) for p in (PASSWORD, WRONG) * 4]
        assert len({str(seen(a, name)) for a in answers}) == 1


NO_CODE = "0000-" * 5 + "0000"


def close_login(house: House, name: str) -> Answer:
    """Close the login as after 100 wrong passwords; return its response."""
    with house.app.database.writing() as connection:
        account = administrators.find(connection, name)
        subject = password_subject(house.app, account, name)
        throttles.hold(connection, Kind.PASSWORD, subject)
        throttles.put(connection, Kind.PASSWORD, subject, Throttle(failures=CEILING))
    return house.browser().login(name)


def test_closed_login_is_the_same_for_every_name(house: House) -> None:
    """The closed login names the page for recovery codes, with the same words for unknown names.
    That page refuses a wrong recovery code with the same response for any password.
    """
    closed, refused = {}, {}
    for kind in ("unknown", "known", "disabled", "active", "pending"):
        name = KINDS[kind](house)
        answer = close_login(house, name)
        assert (answer.status, answer.header("retry-after")) == (429, "3600")
        assert "/login/with-recovery-code" in answer.text
        closed[kind] = seen(answer, name)
        for password in (PASSWORD, WRONG):
            browser = house.browser()
            answer = browser.with_recovery_code(name, NO_CODE, password)
            assert answer.status == 422
            refused[kind, password] = seen(answer, name)
    assert len({str(answer) for answer in closed.values()}) == 1, closed
    assert len({str(answer) for answer in refused.values()}) == 1, refused


def test_recovery_code_and_password_open_a_closed_login(house: House) -> None:
    owner = house.owner(mfa="active")
    assert close_login(house, owner.username).status == 429
    browser = house.browser()
    assert browser.with_recovery_code(owner.username, owner.recovery_codes[0], WRONG).status == 422
    assert not browser.is_in()
    assert browser.with_recovery_code(owner.username, owner.recovery_codes[0]).status == 200
    assert browser.get("/administrators").header("location") == "/after-recovery?to=/administrators"
    # The owner's login has reset the throttle of the name.
    assert house.browser().login(owner.username).status == 303


# --- one budget ------------------------------------------------------------------------------
def in_parallel(count: int, act: Callable[[int], Answer]) -> list[int]:
    barrier = Barrier(count, timeout=30)

    def one(number: int) -> int:
        barrier.wait()
        return act(number).status

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_parallel_guesses_of_a_password_share_one_budget(house: House) -> None:
    name, browsers = _known(house), [house.browser() for _ in range(12)]
    tokens = [b.token() for b in browsers]
    fields = {"username": name, "password": WRONG}
    for _ in range(2):
        statuses = in_parallel(12, lambda n: browsers[n].post("/login", fields, token=tokens[n]))
        assert statuses.count(422) <= 5
    # At most the five free guesses are evaluated, never six consecutive ones.
    assert house.browser().login(name).status in {429, 303}


def test_parallel_guesses_of_a_code_share_one_budget(house: House) -> None:
    owner = house.owner(mfa="active")
    browsers = [house.browser() for _ in range(8)]
    for browser in browsers:
        browser.login(owner.username)
    pages = [browser.get("/login/second-step") for browser in browsers]
    statuses: list[int] = []
    for _ in range(3):
        statuses += in_parallel(8, lambda n: browsers[n].second_step("000000", pages[n]))
    assert statuses.count(422) + statuses.count(409) <= 5
    assert statuses.count(429) >= 19


def burn_codes(house: House, owner: Owner) -> Attacker:
    """Use up the five attempts of the code as an attacker with the password."""
    thief = house.browser()
    thief.login(owner.username)
    statuses = [thief.second_step("000000").status for _ in range(5)]
    assert statuses == [422, 422, 422, 422, 409]
    return thief


def test_new_login_gives_no_new_attempts_of_the_code(house: House) -> None:
    """RFC 4226, section 7.3: the delay applies across login sessions."""
    owner = house.owner(mfa="active")
    burn_codes(house, owner)
    for _ in range(3):
        thief = house.browser()
        thief.login(owner.username)
        refused = thief.second_step(owner.code())
        assert (refused.status, refused.header("retry-after")) == (429, "60")
        assert not thief.is_in()


def test_recovery_code_is_accepted_while_codes_are_throttled(house: House) -> None:
    owner = house.owner(mfa="active")
    burn_codes(house, owner)
    victim = house.browser()
    victim.login(owner.username)
    assert victim.second_step(owner.code()).status == 429
    assert victim.recovery(owner.recovery_codes[0]).status == 200
    assert victim.is_in()


def test_closed_codes_are_opened_only_by_a_new_secret(
    house: House,
) -> None:
    """ "Factor locked until rebind": neither the correct code nor an unlock opens it."""
    owner, helper = house.owner(mfa="active"), house.logged_in(house.owner())
    subject = str(house.account(owner).id)
    with house.app.database.writing() as connection:
        throttles.hold(connection, Kind.CODE, subject)
        throttles.put(connection, Kind.CODE, subject, Throttle(failures=CEILING))
    assert helper.post(f"/administrators/{owner.username}/unlock", {}).status == 303
    assert "until its secret is reset" in helper.get("/administrators").text
    reported = house.served.cli("administrator", "unlock", owner.username)
    assert "`watchword mfa reset NAME`" in reported.stderr
    victim = house.browser()
    victim.login(owner.username)
    refused = victim.second_step(owner.code())
    assert (refused.status, "until the secret is reset" in refused.text) == (429, True)
    victim.recovery(owner.recovery_codes[0])
    page = victim.get("/after-recovery")
    assert "If you keep the secret, codes stay locked" in page.text
    assert "the codes on your phone continue to work" not in page.text
    token = page.hidden("form_token")
    assert victim.post("/your-mfa-settings/reset-secret", {}, token=token).status == 303
    assert throttles_of(house, subject) == Throttle()


def throttles_of(house: House, subject: str) -> Throttle:
    with house.app.database.reading() as connection:
        return throttles.get(connection, Kind.CODE, subject)


def test_reauthentication_shares_the_budget_of_the_code(house: House) -> None:
    owner = house.owner(mfa="active")
    victim = house.logged_in(owner)
    burn_codes(house, owner)
    # Without the cookie of the recognised browser, which has five attempts of its own.
    stolen = house.browser(**{"__Host-ww_s": victim.cookies["__Host-ww_s"]})
    answer = {"proof_password": PASSWORD, "totp_code": owner.code(1)}
    assert stolen.post("/your-mfa-settings/disable", answer).status == 429
    assert house.account(owner).mfa.is_enabled


def test_guesses_at_reauthentication_end_the_session_and_count_at_login(house: House) -> None:
    owner = house.owner()
    stolen, known = house.logged_in(owner), house.logged_in(owner)
    token = stolen.token("/")
    guess = {"proof_password": WRONG}
    statuses = [stolen.post("/your-mfa-settings/enable", guess, token=token).status
                for _ in range(5)]  # fmt: skip
    assert statuses == [422] * 4 + [403]
    assert not stolen.is_in()
    assert house.browser().login(owner.username).status == 429
    assert known.login(owner.username).status == 303


def test_parallel_guesses_at_reauthentication_share_five_attempts(house: House) -> None:
    owner = house.owner()
    stolen = house.logged_in(owner)
    token, copies = stolen.token("/"), [house.browser(**stolen.cookies) for _ in range(10)]
    guess = {"proof_password": WRONG}
    statuses = in_parallel(
        10, lambda n: copies[n].post("/your-mfa-settings/enable", guess, token=token)
    )
    assert statuses.count(422) <= 5
    assert not copies[0].is_in()
    assert not house.account(owner).mfa.is_enabled


def test_enrolment_shares_the_budget_of_the_code(house: House) -> None:
    owner = house.owner(mfa="active")
    thief = house.browser()
    thief.login(owner.username)
    page = thief.get("/login/second-step")
    burn_codes(house, owner)
    fields = {"attempt": page.hidden("attempt"), "totp_code": owner.code()}
    assert thief.post("/login/second-step", fields).status == 429
    assert thief.post("/your-mfa-settings/finish", fields).status == 403
    assert not thief.is_in()


def test_five_wrong_codes_end_an_enrolment(house: House) -> None:
    owner, thief = house.owner(mfa="pending"), house.browser()
    thief.login(owner.username)
    page = thief.get("/login/second-step")
    seen_ = Owner("", page.text.partition('data-copy="')[2].partition('"')[0])
    statuses = [thief.second_step("000000", page).status for _ in range(5)]
    assert statuses == [422, 422, 422, 422, 409]
    assert thief.second_step(seen_.code(), page).status == 409
    assert house.account(owner).mfa.status.value == "pending"


def test_guesses_of_a_password_do_not_delay_a_recognised_browser(house: House) -> None:
    owner = house.owner(mfa="active")
    victim = house.logged_in(owner)
    victim.post("/logout", {})
    for _ in range(12):
        house.browser().login(owner.username, WRONG)
    assert house.browser().login(owner.username).status == 429
    answer = victim.login(owner.username)
    assert (answer.status, answer.header("retry-after")) == (303, "")
    house.steps_pass(owner)
    assert victim.second_step(owner.code()).status == 303
    assert victim.is_in()


def test_noise_from_an_address_delays_no_recognised_browser_or_api_password(
    house: House,
) -> None:
    owner = house.owner(api=True)
    victim = house.logged_in(owner)
    noisy = house.browser()
    noisy.address = victim.address
    statuses = [noisy.login(f"nobody{n}", WRONG).status for n in range(22)]
    assert statuses.count(429) >= 1
    assert noisy.login(house.owner().username).status == 429
    assert victim.login(owner.username).status == 303
    assert victim.call([basic(owner.username, owner.api_password)]).status == 200


def test_addresses_in_headers_are_ignored_by_throttling(house: House) -> None:
    """The client can write any address into these headers."""
    name, attacker = _known(house), house.browser()
    statuses = []
    for n in range(7):
        forged = [(h, f"203.0.113.{n}") for h in ("X-Forwarded-For", "X-Real-IP", "Forwarded")]
        sent = {"username": name, "password": WRONG}
        statuses.append(attacker.post("/login", sent, forged, token=attacker.token()).status)
    assert statuses == [422] * 5 + [429] * 2
