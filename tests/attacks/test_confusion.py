"""Ambiguous requests: fields, content types, methods and numbers with several readings."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest

from tests.attacks.conftest import House, Owner
from tests.support.acts import CLI
from tests.support.attacker import FORM, Attacker
from tests.support.served import PASSWORD
from watchword.storage import schema
from watchword.usecases import accounts

ENABLE = "/your-mfa-settings/enable"
JSON = ("Content-Type", "application/json")
ADMINISTRATORS = "/api/v1/administrators"


def basic(owner: Owner) -> str:
    return "Basic " + base64.b64encode(f"{owner.username}:{PASSWORD}".encode()).decode()


@pytest.fixture
def owner(house: House) -> Owner:
    return house.owner()


@pytest.fixture
def victim(house: House, owner: Owner) -> Attacker:
    return house.logged_in(owner)


# --- parameters ------------------------------------------------------------------------------
BODIES: dict[str, Callable[[str], bytes]] = {
    "twice": lambda t: f"form_token=x&form_token={t}".encode(),
    "twice-equal": lambda t: f"form_token={t}&form_token={t}".encode(),
    "array": lambda t: f"form_token[]={t}".encode(),
    "array-index": lambda t: f"form_token[0]={t}".encode(),
    "dotted": lambda t: f"form.token={t}".encode(),
    "other-case": lambda t: f"Form_Token={t}".encode(),
    "semicolon": lambda t: f"x=1;form_token={t}".encode(),
    "encoded-and": lambda t: f"x=1%26form_token={t}".encode(),
    "space-in-name": lambda t: f"+form_token={t}".encode(),
    "nul-in-name": lambda t: f"form_token%00={t}".encode(),
    "json": lambda t: json.dumps({"form_token": t}).encode(),
    "no-name": lambda t: f"={t}".encode(),
    "utf-16": lambda t: f"form_token={t}".encode("utf-16"),
    "bom": lambda t: b"\xef\xbb\xbfform_token=" + t.encode(),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_form_field_in_another_shape_is_not_read(
    house: House, owner: Owner, victim: Attacker, body: Callable[[str], bytes]
) -> None:
    token = victim.token("/")
    answer = victim.send("POST", ENABLE, body(token), [FORM, *victim.jar])
    assert answer.status in {400, 403}
    assert not house.account(owner).mfa.is_enabled
    assert victim.post(ENABLE, {}, token=token).status == 303


def test_credentials_in_the_query_do_not_log_in(house: House, owner: Owner) -> None:
    visitor = house.browser()
    query = urlencode({"username": owner.username, "password": PASSWORD})
    assert visitor.get(f"/login?{query}").status == 200
    assert visitor.post(f"/login?{query}", {}, token=visitor.token()).status == 422
    assert not visitor.is_in()
    assert visitor.login(owner.username).status == 303


TYPES = ["application/json", "text/plain", "multipart/form-data; boundary=x", "text/xml", "",
         "application/x-www-form-urlencoded2", "x; application/x-www-form-urlencoded",
         "application/x-www-form-urlencoded, text/plain", "*/*"]  # fmt: skip


@pytest.mark.parametrize("kind", TYPES)
def test_form_of_another_type_is_refused(
    house: House, owner: Owner, victim: Attacker, kind: str
) -> None:
    """A form of another site can send text/plain and multipart without a preflight request."""
    token = victim.token("/")
    body = f"form_token={token}".encode()
    assert victim.send("POST", ENABLE, body, [("Content-Type", kind), *victim.jar]).status == 415
    assert not house.account(owner).mfa.is_enabled


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", "", "text/json"]
)  # fmt: skip
def test_json_of_another_type_is_refused(house: House, owner: Owner, kind: str) -> None:
    name = f"{owner.username}-new"
    body = json.dumps({"username": name, "password": PASSWORD}).encode()
    sent = [("Content-Type", kind)]
    answer = house.browser().call([basic(owner)], "POST", ADMINISTRATORS, body, sent)
    assert answer.status == 415
    assert house.count(schema.administrators, username=name) == 0
    done = house.browser().call([basic(owner)], "POST", ADMINISTRATORS, body, [JSON])
    assert done.status == 201


JSON_SHAPES = {
    "array": '[{"full_name": "x"}]',
    "twice": '{"full_name": "x", "full_name": "y"}',
    "escaped-twice": '{"full_name": "x", "full\\u005fname": "y"}',
    "object": '{"full_name": {"$ne": null}}',
    "number": '{"full_name": 1}',
    "null-for-bool": '{"enabled": null}',
    "text": '"full_name"',
    "nothing": "",
    "nan": '{"full_name": NaN}',
    "comment": '{/**/"full_name": "x"}',
    "tail": '{"full_name": "x"} {"enabled": false}',
    "deep": "[" * 5000,
    "half-pair": '{"full_name": "\\ud800"}',
    "prototype": '{"__proto__": {"full_name": "x"}}',
    "text-for-bool": '{"enabled": "false"}',
    "zero-for-bool": '{"enabled": 0}',
}


@pytest.mark.parametrize("body", JSON_SHAPES.values(), ids=JSON_SHAPES)
def test_json_of_another_shape_is_refused(house: House, owner: Owner, body: str) -> None:
    target = house.owner()
    before = house.account(target)
    path = f"{ADMINISTRATORS}/{target.username}"
    answer = house.browser().call([basic(owner)], "PATCH", path, body.encode(), [JSON])
    assert answer.status in {400, 415, 422}
    assert house.account(target) == before
    house.logged_in(target)


# --- mass assignment -------------------------------------------------------------------------
EXTRA = {
    "id": "1", "cred_ver": "99", "is_disabled": "1", "enabled": "false", "mfa": "disabled",
    "status": "disabled", "is_admin": "1", "must_change_password": "0", "proved_at": "2999-01-01",
    "password_hash": "x", "last_step": "0", "mfa_status": "disabled", "principal": "1", "recent_proof": "1",
}  # fmt: skip


@pytest.mark.parametrize("field", EXTRA)
def test_json_with_an_unknown_field_is_refused(house: House, owner: Owner, field: str) -> None:
    target = house.owner()
    before, value = house.account(target), EXTRA[field]
    at = f"{ADMINISTRATORS}/{target.username}"
    sent = {
        ("POST", ADMINISTRATORS): {"username": f"{target.username}-2", "password": PASSWORD},
        ("PUT", f"{at}/password"): {"password": "quartz meadow lantern thimble"},
        ("POST", f"{at}/mfa/enable"): {},
        **({} if field == "enabled" else {("PATCH", at): {"full_name": "x"}}),
    }
    for (method, path), body in sent.items():
        whole = json.dumps({**body, field: value}).encode()
        answer = house.browser().call([basic(owner)], method, path, whole, [JSON])
        assert (answer.status, path) == (422, path)
    assert house.account(target) == before
    assert house.count(schema.administrators, username=f"{target.username}-2") == 0


def test_form_with_additional_fields_changes_only_its_own(
    house: House, owner: Owner, victim: Attacker
) -> None:
    target = house.owner(mfa="active")
    before, path = house.account(target), f"/administrators/{target.username}"
    named = {"full_name": "Somebody", "email": "", "username": "root"}
    assert victim.post(path, {**EXTRA, **named}).status == 303
    after = house.account(target)
    assert after.full_name == "Somebody"
    assert (after.id, after.username, after.cred_ver, after.is_disabled, after.mfa) == (
        before.id, before.username, before.cred_ver, before.is_disabled, before.mfa)  # fmt: skip
    made = {"username": f"{target.username}-3", "password": PASSWORD, "repeat_password": PASSWORD}
    assert victim.post("/new-administrator", {**EXTRA, **made}).status == 303
    account = accounts.by_name(house.app, CLI, made["username"])
    assert (account.must_change_password, account.is_disabled, account.cred_ver) == (True, False, 1)
    house.logged_in(target)


def test_form_fields_do_not_replace_a_recent_proof(
    house: House, owner: Owner, victim: Attacker
) -> None:
    with house.app.database.writing() as connection:
        table = schema.sessions
        owned = table.c.administrator_id == house.account(owner).id
        long_ago = house.account(owner).created_at.replace(year=2001)
        connection.execute(table.update().where(owned).values(proved_at=long_ago))
    for extra in (EXTRA, {"proof": "1", "proof_with": "password"}, {"proof_password": ""}):
        victim.post(ENABLE, extra)
        assert not house.account(owner).mfa.is_enabled
    assert victim.post(ENABLE, {"proof_password": PASSWORD}).status == 303
    assert house.account(owner).mfa.is_enabled


# --- methods ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "method", ["HEAD", "GET", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "post", "PROPFIND"]
)
def test_other_methods_do_not_act(
    house: House, owner: Owner, victim: Attacker, method: str
) -> None:
    token = victim.token("/")
    body = f"form_token={token}".encode()
    for path in (ENABLE, "/logout", "/your-sessions/end-others"):
        answer = victim.send(method, path, body, [FORM, *victim.jar])
        assert answer.status in {405, 400}
    assert victim.is_in()
    assert not house.account(owner).mfa.is_enabled


@pytest.mark.parametrize(
    "header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"]
)  # fmt: skip
def test_method_override_is_ignored(
    house: House, owner: Owner, victim: Attacker, header: str
) -> None:
    target = house.owner()
    assert victim.get(ENABLE, [(header, "POST")]).status == 405
    path = f"{ADMINISTRATORS}/{target.username}"
    for method in ("GET", "POST"):
        house.browser().call([basic(owner)], method, path + "?_method=DELETE", b"_method=DELETE",
                             [(header, "DELETE")])  # fmt: skip
    assert house.account(target)
    assert not house.account(owner).mfa.is_enabled


# --- numbers ---------------------------------------------------------------------------------
@pytest.mark.parametrize("number", ["9" * 19, "9" * 30, "9" * 5000, "-1", "1e3", "0x1", "\u0661"])
def test_number_out_of_range_is_handled(
    house: House, owner: Owner, victim: Attacker, number: str
) -> None:
    encoded = quote(number)
    answers = [
        victim.get(f"/audit-log?before={encoded}"),
        victim.post("/audit-log/export", {"before": number}),
        victim.post("/your-mfa-settings/generate-api-password", {"generation": number}),
        victim.post("/your-mfa-settings/generate-recovery-codes", {"generation": number}),
        house.browser().call([basic(owner)], path=f"/api/v1/audit-events?after={encoded}"),
        house.browser().call([basic(owner)], path=f"{ADMINISTRATORS}?limit={encoded}"),
    ]
    assert [a.status for a in answers if a.status >= 500] == []
    assert victim.is_in()


@pytest.mark.parametrize(
    "time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "x", "2026"]
)
def test_time_out_of_range_is_handled(
    house: House, owner: Owner, victim: Attacker, time: str
) -> None:
    for name in ("since", "until"):
        query = f"{name}={quote(time)}"
        assert victim.get(f"/audit-log?{query}").status in {200, 422}
        answer = house.browser().call([basic(owner)], path=f"/api/v1/audit-events?{query}")
        assert answer.status in {200, 422}
