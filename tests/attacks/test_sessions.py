"""Planted, stolen and ended sessions, and manipulated cookies."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.attacks.conftest import House, Owner
from tests.support.acts import BY_CLI
from tests.support.attacker import FORM, Headers
from tests.support.served import PASSWORD
from watchword.crypto.passwords import run
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.storage import schema
from watchword.usecases.administrators import other_accounts, other_credentials

SESSION, ATTEMPT = "__Host-ww_s", "__Host-ww_t"
BEFORE_LOGIN, BROWSER = "__Host-ww_p", "__Host-ww_d"
SAID = "__Host-ww_said"
SENT_ON = 303


# --- fixation --------------------------------------------------------------------------------
@pytest.mark.parametrize("name", [SESSION, ATTEMPT, BEFORE_LOGIN, BROWSER])
@pytest.mark.parametrize("mfa", ["disabled", "active"])
def test_cookie_planted_before_login_opens_no_session(house: House, name: str, mfa: str) -> None:
    """ASVS 5.0, 7.2.4: a login always creates a new token."""
    owner, planted = house.owner(mfa=mfa), "A" * 43
    victim = house.browser(**{name: planted})
    victim.login(owner.username)
    if mfa == "active":
        victim.second_step(owner.code())
    assert victim.is_in()
    assert victim.cookies.get(name) != planted
    assert not house.browser(**{SESSION: planted}).is_in()
    assert not house.browser(**{name: planted}).is_in()


def test_login_ends_a_planted_session_of_the_attacker(
    house: House,
) -> None:
    attacker, owner = house.logged_in(house.owner()), house.owner()
    victim = house.browser(**{SESSION: attacker.cookies[SESSION]})
    victim.post("/logout", {})
    victim.cookies[SESSION] = "A" * 43
    victim.login(owner.username)
    assert victim.is_in()
    assert not attacker.is_in()


def test_planted_login_attempt_gives_no_access_to_the_session(
    house: House,
) -> None:
    owner, thief = house.owner(mfa="active"), house.browser()
    thief.login(owner.username)
    stolen = dict(thief.cookies)
    victim = house.browser(**stolen)
    victim.login(owner.username)
    victim.second_step(owner.code())
    assert victim.is_in()
    assert thief.get("/login/second-step").status == 409
    assert not thief.is_in()


def test_form_token_from_before_login_is_refused_in_the_session(house: House) -> None:
    owner, victim = house.owner(), house.browser()
    old = victim.token()
    before = victim.cookies[BEFORE_LOGIN]
    victim.post("/login", {"username": owner.username, "password": PASSWORD}, token=old)
    assert victim.is_in()
    assert victim.post("/logout", {}, token=old).status == 403
    victim.cookies[BEFORE_LOGIN] = before
    assert victim.post("/logout", {}, token=old).status == 403
    assert victim.is_in()


def test_planted_pre_login_cookie_is_refused_in_a_session(house: House) -> None:
    """A server on another port of this host can set cookies here. Its planted cookie and the
    matching form token are refused in a session, also from a browser that sends neither Origin nor
    Sec-Fetch-Site.
    """
    neighbour, victim = house.browser(), house.logged_in(house.owner())
    token = neighbour.token()
    victim.cookies[BEFORE_LOGIN] = neighbour.cookies[BEFORE_LOGIN]
    assert victim.post("/your-mfa-settings/generate-api-password", {}, token=token).status == 403
    assert victim.post("/logout", {}, token=token).status == 403
    assert victim.is_in()
    assert victim.post("/logout", {}).status == SENT_ON


# --- stolen sessions -------------------------------------------------------------------------
ENDS: dict[str, Callable[[House, Owner], object]] = {
    "mfa-enabled": lambda h, o: other_credentials.change_mfa(
        h.app, BY_CLI, o.username, Event.ENABLE
    ),
    "password-set": lambda h, o: run(
        other_accounts.set_password(
            h.app, BY_CLI, o.username, Secret("quartz meadow lantern thimble")
        )
    ),
    "disabled": lambda h, o: other_accounts.disable(h.app, BY_CLI, o.username),
    "deleted": lambda h, o: other_accounts.delete(h.app, BY_CLI, o.username),
    "ended": lambda h, o: other_credentials.end_sessions(h.app, BY_CLI, o.username),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_stolen_session_ends_with(house: House, end: Callable[[House, Owner], object]) -> None:
    house.owner()
    owner = house.owner()
    victim = house.logged_in(owner)
    thief = house.browser(**victim.cookies)
    assert thief.is_in()
    token = thief.token("/")
    end(house, owner)
    assert not thief.is_in()
    thief.cookies[SESSION] = victim.cookies[SESSION]
    assert thief.post("/your-mfa-settings/enable", {}, token=token).status == 403


def test_stolen_session_ends_with_logout_and_end_all_others(house: House) -> None:
    owner = house.owner()
    first, second = house.logged_in(owner), house.logged_in(owner)
    thief = house.browser(**first.cookies)
    second.post("/your-sessions/end-others", {})
    assert not thief.is_in()
    assert not first.is_in()
    thief = house.browser(**second.cookies)
    second.post("/logout", {})
    assert not thief.is_in()
    assert house.logged_in(owner)


def test_stored_digest_opens_no_session(house: House) -> None:
    """The database contains digests, not tokens."""
    house.logged_in(house.owner())
    with house.app.database.reading() as connection:
        digests = [row.token_digest for row in connection.execute(schema.sessions.select())]
    assert digests
    assert not any(house.browser(**{SESSION: digest}).is_in() for digest in digests)


def test_session_stays_ended_after_logout(house: House) -> None:
    owner = house.owner()
    victim = house.logged_in(owner)
    token, cookie = victim.token("/"), victim.cookies[SESSION]
    victim.post("/logout", {}, token=token)
    victim.cookies[SESSION] = cookie
    answer = victim.post("/your-mfa-settings/enable", {}, token=token)
    assert answer.status == 403
    assert not house.account(owner).mfa.is_enabled


# --- cookies ---------------------------------------------------------------------------------
def _cookie(text: str) -> Headers:
    return [("Cookie", text)]


TRICKS: dict[str, Callable[[str], Headers]] = {
    "twice": lambda t: _cookie(f"{SESSION}={t}; {SESSION}={t}"),
    "first-another": lambda t: _cookie(f"{SESSION}=x; {SESSION}={t}"),
    "two-headers": lambda t: [*_cookie(f"{SESSION}={t}"), *_cookie(f"{SESSION}=x")],
    "quoted": lambda t: _cookie(f'{SESSION}="{t}"'),
    "path": lambda t: _cookie(f"$Path=/; {SESSION}={t}; {SESSION}=y; $Version=1"),
    "space-in-name": lambda t: _cookie(f"{SESSION} ={t}"),
    "space-in-value": lambda t: _cookie(f"{SESSION}= {t}"),
    "lower": lambda t: _cookie(f"{SESSION.lower()}={t}"),
    "no-prefix": lambda t: _cookie(f"ww_s={t}"),
    "secure-prefix": lambda t: _cookie(f"__Secure-ww_s={t}"),
    "nameless": lambda t: _cookie(f"={SESSION}={t}"),
    "comma": lambda t: _cookie(f"a=b, {SESSION}={t}"),
    "inside-another": lambda t: _cookie(f'a="; x={SESSION}={t}"'),
    "percent": lambda t: _cookie(f"__Host%2Dww_s={t}"),
    "longer": lambda t: _cookie(f"{SESSION}={t}{t}"),
    "4-kb": lambda t: _cookie(f"{SESSION}={t}{'A' * 4096}"),
    "cut": lambda t: _cookie(f"{SESSION}={t[:-1]}"),
    "non-ascii": lambda t: _cookie(f"{SESSION}={t}\xe9"),
    "non-ascii-name": lambda t: _cookie(f"\xe9{SESSION}={t}"),
    "other-case": lambda t: _cookie(f"{SESSION}={t.swapcase()}"),
    "as-attempt": lambda t: _cookie(f"{ATTEMPT}={t}"),
}


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS)
def test_manipulated_cookie_opens_no_session(house: House, trick: Callable[[str], Headers]) -> None:
    victim = house.logged_in(house.owner())
    answer = house.browser().send("GET", "/", headers=trick(victim.cookies[SESSION]))
    assert answer.status in {SENT_ON, 400}
    assert victim.is_in()


@pytest.mark.parametrize("name", [ATTEMPT, BEFORE_LOGIN, BROWSER])
@pytest.mark.parametrize("value", ["", "x" * 4096, "\xe9\xff", '"', "a=b=c", "../../x"])
def test_login_succeeds_with_a_malformed_cookie(house: House, name: str, value: str) -> None:
    owner = house.owner()
    visitor = house.browser(**{name: value})
    assert visitor.get("/login").status == 200
    assert visitor.login(owner.username).status == SENT_ON
    assert visitor.is_in()


def test_cookies_are_secure_http_only_and_host_bound(house: House) -> None:
    owner, browser = house.owner(mfa="active"), house.browser()
    answers = [browser.get("/login"), browser.login(owner.username), browser.second_step(
        owner.code()), browser.post("/logout", {})]  # fmt: skip
    sent = [v for a in answers for k, v in a.headers if k.lower() == "set-cookie"]
    assert {v.partition("=")[0] for v in sent} == {SESSION, ATTEMPT, BEFORE_LOGIN, BROWSER, SAID}
    for value in sent:
        attributes = {part.strip() for part in value.split(";")[1:]}
        assert {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"} <= attributes
        assert not any(a.lower().startswith("domain") for a in attributes)


LIVES = {"disabled": "", "active": "Max-Age=300", "pending": "Max-Age=600"}


@pytest.mark.parametrize("mfa", LIVES)
def test_life_of_a_cookie_is_that_of_its_session_or_attempt(house: House, mfa: str) -> None:
    """A session's cookie ends with the browser, a login attempt's after some minutes."""
    answer = house.browser().login(house.owner(mfa=mfa).username)
    kept = [v for k, v in answer.headers if k.lower() == "set-cookie" and "Max-Age=0" not in v]
    lives = {v.partition("=")[0]: "".join(re.findall(r"Max-Age=\d+", v)) for v in kept}
    opened = SESSION if mfa == "disabled" else ATTEMPT
    assert lives.pop(BROWSER, "") in {"", "Max-Age=15552000"}
    assert lives == {opened: LIVES[mfa]}


def test_cookie_of_a_recognised_browser_opens_no_session(house: House) -> None:
    owner = house.owner()
    victim = house.logged_in(owner)
    thief = house.browser(**{BROWSER: victim.cookies[BROWSER]})
    assert not thief.is_in()
    thief.cookies[SESSION] = victim.cookies[BROWSER]
    assert not thief.is_in()
    assert thief.login(owner.username, "wrong wrong wrong").status == 422


def test_responses_in_a_session_are_not_stored(house: House) -> None:
    victim = house.logged_in(house.owner())
    for path in ("/", "/your-mfa-settings", "/administrators", "/your-sessions", "/audit-log"):
        assert victim.get(path).header("cache-control") == "no-store"
    answer = victim.send("POST", "/logout", b"", [FORM, *victim.jar])
    assert answer.header("cache-control") == "no-store"
