"""Similar and differently written names, and ambiguous credentials."""

from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.attacks.conftest import House, Owner
from tests.support.acts import BY_CLI
from tests.support.served import PASSWORD
from watchword.crypto.passwords import run
from watchword.domain.errors import Invalid, UsernameTaken
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import other_accounts, other_credentials

VICTIM = "root.alice"
FULL_WIDTH = "".join(chr(ord(c) + 0xFEE0) for c in VICTIM)
LOOK_ALIKES = {
    "upper": "ROOT.ALICE",
    "title": "Root.Alice",
    "full-width": FULL_WIDTH,
    "mathematical": "\U0001d42b\U0001d428\U0001d428\U0001d42d.alice",
    "circled": "root.\u24d0lice",
    "cyrillic-o": "r\u043eot.alice",
    "cyrillic-a": "root.\u0430lice",
    "greek-omicron": "ro\u03bft.alice",
    "zero-width": "root.al\u200bice",
    "joiner": "root.al\u200dice",
    "soft-hyphen": "root.al\u00adice",
    "grapheme-joiner": "root.a\u034flice",
    "variation": "root.alice\ufe0f",
    "tag": "root.alice\U000e0041",
    "right-to-left": "\u202eecila.toor",
    "space-behind": "root.alice ",
    "space-before": " root.alice",
    "no-break-space": "root.alice\u00a0",
    "ideographic-space": "root.alice\u3000",
    "tab": "root.alice\t",
    "nul": "root.alice\x00",
    "newline": "root.alice\n",
    "hangul-filler": "root.alice\u3164",
    "hyphen": "-root.alice",
    "full-width-hyphen": "\uff0droot.alice",
}


@pytest.fixture(scope="module")
def victims() -> list[Owner]:
    return []


@pytest.fixture
def victim(house: House, victims: list[Owner]) -> Owner:
    """One account for the module, with the name that the attackers imitate."""
    if not victims:
        victims.append(house.owner(VICTIM, api=True))
    return victims[0]


def basic(*parts: str, charset: str = "utf-8") -> str:
    return "Basic " + base64.b64encode(":".join(parts).encode(charset)).decode()


@pytest.mark.parametrize("name", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_similar_username_is_refused(house: House, victim: Owner, name: str) -> None:
    new = NewAdministrator(name, "", "", Secret("quartz meadow lantern thimble"))
    with pytest.raises((Invalid, UsernameTaken)):
        run(other_accounts.create(house.app, BY_CLI, new))
    assert house.logged_in(victim)


@pytest.mark.parametrize("spelling", ["upper", "full-width"])
def test_spellings_of_a_name_share_one_budget(house: House, spelling: str) -> None:
    owner = house.owner(f"budget-of-{spelling}")
    spelt = owner.username.upper()
    if spelling == "full-width":
        spelt = "".join(chr(ord(c) + 0xFEE0) for c in owner.username)
    for _ in range(5):
        assert house.browser().login(spelt, "wrong wrong wrong").status == 422
    assert house.browser().login(owner.username, "wrong wrong wrong").status == 429


@pytest.mark.parametrize("suffix", [".", "\u0301", "\x00", " x", "\u200bx", "%00", "/", "@x"])
def test_name_with_a_suffix_is_another_name(house: House, victim: Owner, suffix: str) -> None:
    visitor = house.browser()
    assert visitor.login(VICTIM + suffix).status == 422
    assert not visitor.is_in()
    assert house.browser().call([basic(VICTIM + suffix, PASSWORD)]).status == 401
    assert house.logged_in(victim)


# --- one's own account by the others' routes -------------------------------------------------
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": quote,
    "upper": lambda n: quote(n.upper()),
    "encoded": lambda n: "".join(f"%{b:02x}" for b in n.encode()),
    "encoded-upper": lambda n: "".join(f"%{b:02X}" for b in n.upper().encode()),
    "full-width": lambda n: quote("".join(chr(ord(c) + 0xFEE0) for c in n)),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_routes_for_other_accounts_do_not_change_ones_own_account(
    house: House, spelling: Callable[[str], str]
) -> None:
    """An attacker with a session must not avoid the checks of the own pages."""
    owner = house.owner(mfa="active", api=True)
    house.owner()
    browser, name, before = house.logged_in(owner), spelling(owner.username), house.account(owner)
    for act in ("disable-mfa", "reset-secret", "enable-mfa", "delete", "disable", "lock-down", "unlock",
                "revoke-api-password", "end-sessions"):  # fmt: skip
        assert browser.post(f"/administrators/{name}/{act}", {}).status in {403, 409}
    set_ = {"new_password": "quartz meadow lantern", "repeat_new_password": "quartz meadow lantern"}
    assert browser.post(f"/administrators/{name}/set-password", set_).status in {403, 409, 422}
    key, json = [basic(owner.username, owner.api_password)], [("Content-Type", "application/json")]
    at = f"/api/v1/administrators/{name}"
    for method, path, body in (
        ("POST", "/mfa/disable", b""), ("POST", "/mfa/reset", b""), ("POST", "/mfa/enable", b""),
        ("DELETE", "", b""), ("DELETE", "/api-password", b""), ("DELETE", "/sessions", b""),
        ("PUT", "/password", b'{"password": "quartz meadow lantern thimble"}'),
        ("PATCH", "", b'{"enabled": false}'),
    ):  # fmt: skip
        assert house.browser().call(key, method, at + path, body, json).status == 403
    after = house.account(owner)
    assert (after.mfa, after.cred_ver, after.password_set_at) == (
        before.mfa, before.cred_ver, before.password_set_at)  # fmt: skip
    assert browser.is_in()


# --- HTTP Basic ------------------------------------------------------------------------------
def _b64(text: bytes) -> str:
    return base64.b64encode(text).decode()


RIGHT = f"{VICTIM}:{PASSWORD}".encode()
TRICKS: dict[str, list[str]] = {
    "two-headers": ["Basic " + _b64(RIGHT)] * 2,
    "right-behind-wrong": ["Basic " + _b64(b"x:y"), "Basic " + _b64(RIGHT)],
    "two-in-one": [f"Basic {_b64(b'x:y')}, Basic {_b64(RIGHT)}"],
    "bearer": ["Bearer " + _b64(RIGHT)],
    "no-scheme": [_b64(RIGHT)],
    "unencoded": ["Basic " + RIGHT.decode()],
    "nul-behind": ["Basic " + _b64(RIGHT + b"\0")],
    "nul-in-name": ["Basic " + _b64(RIGHT.replace(b":", b"\0:"))],
    "newline-behind": ["Basic " + _b64(RIGHT + b"\n")],
    "cr-lf-in-name": ["Basic " + _b64(RIGHT.replace(b":", b"\r\n:"))],
    "padding-twice": ["Basic " + _b64(RIGHT) + "===="],
    "space-inside": [f"Basic {_b64(RIGHT)[:8]} {_b64(RIGHT)[8:]}"],
    "url-safe": ["Basic " + _b64(RIGHT).replace("=", "_")],
    "quoted": [f'Basic "{_b64(RIGHT)}"'],
    "no-colon": ["Basic " + _b64(RIGHT.replace(b":", b""))],
    "full-width-colon": ["Basic " + _b64(RIGHT.decode().replace(":", "\uff1a").encode())],
    "ratio-colon": ["Basic " + _b64(RIGHT.decode().replace(":", "\u2236").encode())],
    "utf-16": ["Basic " + _b64(RIGHT.decode().encode("utf-16"))],
    "empty-password": ["Basic " + _b64(f"{VICTIM}:".encode())],
    "empty-name": ["Basic " + _b64(f":{PASSWORD}".encode())],
    "password-twice": ["Basic " + _b64(f"{VICTIM}:{PASSWORD}:{PASSWORD}".encode())],
    "colon-in-front": ["Basic " + _b64(b":" + RIGHT)],
    "password-upper": ["Basic " + _b64(f"{VICTIM}:{PASSWORD.upper()}".encode())],
    "password-prefix": ["Basic " + _b64(f"{VICTIM}:{PASSWORD[:-1]}".encode())],
    "wildcard": ["Basic " + _b64(f"{VICTIM}:%".encode())],
    "60-colons": ["Basic " + _b64(b":" * 60 + RIGHT)],
    "digest": [f'Digest username="{VICTIM}", response="x"'],
    "empty": [""],
}


@pytest.mark.parametrize("headers", TRICKS.values(), ids=TRICKS)
def test_malformed_credentials_are_refused(house: House, victim: Owner, headers: list[str]) -> None:
    answer = house.browser().call(headers)
    assert answer.status == 401
    assert answer.header("www-authenticate").startswith("Basic ")
    assert house.browser().call([basic(VICTIM, PASSWORD)]).status == 200
    house.throttles_pass()


@pytest.mark.parametrize("scheme", ["basic", "BASIC", "bAsIc"])
def test_scheme_is_case_insensitive(house: House, victim: Owner, scheme: str) -> None:
    assert house.browser().call([f"{scheme} {_b64(RIGHT)}"]).status == 200


def test_credentials_in_latin_1_open_only_their_own_account(house: House) -> None:
    one = house.owner(f"j\u00fcrgen{id(house)}")
    other = house.owner(one.username.encode().decode("latin-1").replace("\u00bc", "x"))
    answer = house.browser().call([basic(one.username, PASSWORD, charset="latin-1")])
    assert (answer.status, other.username in answer.text) == (200, False)


def test_name_with_a_colon_opens_only_its_own_account(house: House) -> None:
    """`a:b` with password `c` never opens `a` with password `b:c`."""
    short = house.owner(api=True)
    long = house.owner(f"{short.username}:x", api=True)
    for name, owner in ((short.username, short), (long.username, long)):
        answer = house.browser().call([basic(name, PASSWORD)])
        assert f'"username":"{owner.username}"' in answer.text
        answer = house.browser().call([basic(name, owner.api_password)])
        assert f'"username":"{owner.username}"' in answer.text
    assert house.browser().call([basic(long.username, short.api_password)]).status == 401
    assert house.browser().call([basic(short.username, long.api_password)]).status == 401
    assert house.browser().call([basic(short.username, "x", short.api_password)]).status == 401


def test_api_password_does_not_open_the_console(house: House) -> None:
    owner = house.owner(mfa="active", api=True)
    visitor = house.browser()
    assert visitor.login(owner.username, owner.api_password).status == 422
    headers = [("Authorization", basic(owner.username, owner.api_password))]
    assert visitor.get("/", headers).status == 303
    inside = house.logged_in(owner)
    assert inside.post("/change-password", {
        "current_password": owner.api_password, "new_password": "quartz meadow lantern thimble",
        "repeat_new_password": "quartz meadow lantern thimble"}).status == 422  # fmt: skip
    assert house.browser().call([basic(owner.username, owner.api_password)]).status == 200


@pytest.mark.parametrize("mfa", ["pending", "active"])
def test_regular_password_with_mfa_does_not_open_the_api(house: House, mfa: str) -> None:
    """Also a password that was accepted and cached just before."""
    owner = house.owner(api=True)
    client, key = house.browser(), [basic(owner.username, PASSWORD)]
    assert client.call(key).status == 200
    other_credentials.change_mfa(house.app, BY_CLI, owner.username, Event.ENABLE)
    refused = client.call(key)
    assert (refused.status, refused.body) == (401, house.browser().call([]).body)
    again = house.owner(mfa=mfa, api=True)
    assert client.call([basic(again.username, PASSWORD)]).status == 401
    assert client.call([basic(again.username, again.api_password)]).status == 200


@pytest.mark.parametrize(
    "change", ["cut", "longer", "upper", "check-sum", "prefix", "of-another", "revoked", "disabled"]
)
def test_wrong_api_password_is_refused(house: House, change: str) -> None:
    owner, other = house.owner(api=True), house.owner(api=True)
    right = owner.api_password
    shapes = {
        "cut": right[:-1], "longer": right + "0", "upper": right.upper(),
        "check-sum": right[:-1] + ("0" if right[-1] != "0" else "1"),
        "prefix": right.replace("wwp_", "wwq_"), "of-another": other.api_password,
    }  # fmt: skip
    assert house.browser().call([basic(owner.username, right)]).status == 200
    if change == "revoked":
        other_credentials.revoke_api_password(house.app, BY_CLI, owner.username)
    if change == "disabled":
        other_accounts.disable(house.app, BY_CLI, owner.username)
    sent = shapes.get(change, right)
    assert house.browser().call([basic(owner.username, sent)]).status == 401
    assert house.browser().call([basic(other.username, other.api_password)]).status == 200
