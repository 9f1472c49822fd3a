"""/api/v1/administrators, audit events and server, over the port."""

from __future__ import annotations

import re
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from tests.web.conftest import whoami

PATH = "/api/v1/administrators"
NEW = "another otter with pencils"


class Script:
    """A script that calls the API as alice."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.password = PASSWORD

    def __call__(self, method: str, path: str, json: Any = None, **options: Any) -> Any:
        return requests.request(
            method, self.served.api + path, json=json, auth=("alice", self.password),
            verify=str(self.served.ca), timeout=30, **options,
        )  # fmt: skip


@pytest.fixture
def call(served: Served) -> Script:
    return Script(served)


def create(call: Script, name: str, **fields: str) -> str:
    answer = call("POST", PATH, {"username": name, "password": PASSWORD, **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


@pytest.mark.parametrize("name", ["bob", "do:main", "a/mfa", "a%2Fb", "ü 🦊?#", "נועם"])
def test_account_from_creation_to_deletion(call: Script, name: str) -> None:
    where = create(call, name)
    assert where == f"{PATH}/{quote(name, safe='')}"
    found = call("GET", where).json()
    assert (found["username"], found["enabled"], found["mfa"]["status"]) == (name, True, "disabled")
    changed = call("PATCH", where, {"full_name": "Ä", "enabled": False}).json()
    assert (changed["full_name"], changed["email"], changed["enabled"]) == ("Ä", "", False)
    assert call("PATCH", where, {"enabled": True}).json()["enabled"]
    assert call("PUT", f"{where}/password", {"password": NEW}).status_code == 204
    assert call("POST", f"{where}/mfa/enable").json()["status"] == "pending"
    assert call("POST", f"{where}/mfa/enable").status_code == 409
    assert call("GET", f"{where}/mfa").json()["pending_since"].endswith("Z")
    assert call("POST", f"{where}/mfa/reset").json()["code"] == "not-in-this-state"
    answer = call("POST", f"{where}/mfa/disable", {"keep_api_password": True})
    assert answer.json()["status"] == "disabled"
    assert call("DELETE", f"{where}/api-password").json()["code"] == "nothing-to-revoke"
    assert call("DELETE", where).status_code == 204
    assert call("GET", where).json()["code"] == "no-such-administrator"


def test_created_administrator_must_change_the_password_at_the_console(
    call: Script, served: Served
) -> None:
    """The API accepts the given password until it is changed, not afterwards."""
    create(call, "newcomer")
    assert whoami(served, "newcomer", PASSWORD) == 200
    person = Person(served).login("newcomer")
    assert person.heading == "Choose your password"
    assert whoami(served, "newcomer", PASSWORD) == 200
    person.press("OK", New_password=NEW, Repeat_new_password=NEW).close()
    assert [whoami(served, "newcomer", given) for given in (PASSWORD, NEW)] == [401, 200]


def test_password_is_set_and_api_password_revoked(call: Script, served: Served) -> None:
    where = create(call, "taken")
    generated = served.cli("api-password", "generate", "taken").stdout.strip()
    assert call("PUT", f"{where}/password", {"password": NEW}).status_code == 204
    assert [whoami(served, "taken", given) for given in (PASSWORD, NEW, generated)] == [
        401, 200, 200,
    ]  # fmt: skip
    assert call("DELETE", f"{where}/api-password").status_code == 204
    assert [whoami(served, "taken", given) for given in (NEW, generated)] == [200, 401]


def test_sessions_are_listed_and_ended(call: Script, served: Served) -> None:
    where = create(call, "sess")
    person = Person(served, **{"User-Agent": "w3m/0.5"}).login("sess")
    (session,) = call("GET", f"{where}/sessions").json()["items"]
    assert (session["user_agent"], session["address"]) == ("w3m/0.5", "127.0.0.1")
    assert call("DELETE", f"{where}/sessions").status_code == 204
    assert person.open("/").heading == "Login"
    person.close()


def test_lists_are_paged(call: Script) -> None:
    for number in range(5):
        create(call, f"page{number}")
    names, path = [], f"{PATH}?limit=2"
    while path:
        answer = call("GET", path)
        body = answer.json()
        names += [item["username"] for item in body["items"]]
        assert len(body["items"]) <= 2
        path = f"{PATH}?limit=2&after={quote(body['next'])}" if body["next"] else ""
        assert bool(body["next"]) == ("link" in answer.headers)
    assert names == sorted(names)
    assert {f"page{n}" for n in range(5)} <= set(names)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", ""), ("PUT", "/password"), ("POST", "/mfa/enable"), ("POST", "/mfa/disable"),
        ("POST", "/mfa/reset"), ("DELETE", "/api-password"), ("DELETE", "/sessions"),
    ],
)  # fmt: skip
def test_credential_cannot_change_its_own_account(call: Script, method: str, path: str) -> None:
    body = {"password": NEW} if path == "/password" else None
    answer = call(method, f"{PATH}/alice{path}", body)
    assert (answer.status_code, answer.json()["code"]) == (403, "own-account")


def test_no_answer_contains_a_secret(call: Script) -> None:
    where = create(call, "quiet")
    text = call("GET", where).text + call("GET", f"{where}/mfa").text + call("GET", PATH).text
    for word in ("secret", "hash", "wwp_", "token", "argon"):
        assert word not in text


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        (b"{", 400, "bad-json", None),
        (b'{"username": "\xff"}', 400, "bad-json", None),
        (b'{"username": "a", "username": "b", "password": "x"}', 400, "repeated-key", "/username"),
        (b'{"username": "a", "password": "x", "role": "root"}', 422, "invalid", None),
        (b'{"username": 7, "password": "x"}', 422, "invalid", "/username"),
        (b'{"username": "a"}', 422, "invalid", None),
        (b'["a"]', 422, "invalid", None),
        (b'{"username": "a\\u0000", "password": "otter pencil gravel monsoon"}', 422, "invalid",
         "/username"),
        (b'{"username": "-x", "password": "short"}', 422, "invalid", "/username"),
        (b"", 415, "unsupported-media-type", None),
    ],
)  # fmt: skip
def test_invalid_body_is_refused_with_a_pointer(
    call: Script, body: bytes, status: int, code: str, pointer: str | None
) -> None:
    headers = {"Content-Type": "application/json"} if body else {}
    answer = call("POST", PATH, data=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if pointer:
        assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("body", "pointer", "detail"),
    [
        (
            '{"username": "n", "password": "x", "role": 1}',
            "/role",
            'Unknown field "role". Accepted: username, password,',
        ),
        ('{"username": "n"}', "/password", 'The field "password" is missing.'),
        (
            '{"username": 1, "password": "x"}',
            "/username",
            "username: must be text, not a number.",
        ),
        (
            '{"username": "n", "password": [true]}',
            "/password",
            "password: must be text, not a list.",
        ),
        (
            '{"username": "n", "password": "x", "email": "%s"}' % ("e" * 5000),
            "/email",
            "email: too long (at most 4096 characters).",
        ),
        ('{"username": "n", "password": "short"}', "/password", "at least 15 characters"),
        (
            '{"username": "n", "password": "x", "email": "a", "email": "b"}',
            "/email",
            'The key "email" is repeated.',
        ),
        ('{"a.b": 1, "a.b": 2}', "/a.b", 'Unknown field "a.b". Accepted: '),
    ],
)
def test_detail_names_the_invalid_field_and_the_error(
    call: Script, body: str, pointer: str, detail: str
) -> None:
    """Many programs show nothing but `detail`."""
    answer = call("POST", PATH, data=body, headers={"Content-Type": "application/json"}).json()
    assert answer["errors"][0]["pointer"] == pointer
    assert detail in answer["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body", "detail"),
    [
        ("POST", PATH, "[]", "The body must be an object, not a list."),
        ("POST", PATH, "null", "The body must be an object, not null."),
        ("PATCH", f"{PATH}/alice", '{"enabled": "yes"}',
         "enabled: must be true or false, not text."),
        ("PATCH", f"{PATH}/alice", '{"enabled": {}}',
         "enabled: must be true or false, not an object."),
        ("PATCH", f"{PATH}/alice", '{"full_name": 1.5}',
         "full_name: must be text, not a number."),
        ("PATCH", f"{PATH}/alice", '{"full_name": false}',
         "full_name: must be text, not true or false."),
        ("PATCH", f"{PATH}/alice", '{"enabled": null}',
         "enabled: must be true or false, not null."),
    ],
)  # fmt: skip
def test_wrong_type_is_described_with_json_types(
    call: Script, method: str, path: str, body: str, detail: str
) -> None:
    """Python's type names mean nothing to a client that sends JSON."""
    answer = call(method, path, data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["detail"] == detail


def test_json_error_is_reported_with_line_and_column(call: Script) -> None:
    headers = {"Content-Type": "application/json"}
    answer = call("POST", PATH, data="{'username': 'n'}", headers=headers).json()
    assert "line 1, column 2" in answer["detail"]
    answer = call("POST", PATH, data='{"username": "n"}', headers={"Content-Type": "text/plain"})
    assert "Content-Type: application/json" in answer.json()["detail"]


def test_each_http_error_has_a_detail(call: Script) -> None:
    where = create(call, "plain")
    stale = call("PATCH", where, json={"email": ""}, headers={"If-Match": '"stale"'})
    foreign = call("DELETE", where, headers={"Origin": "https://elsewhere.example"})
    large = call("POST", PATH, data=b"x" * 70_000, headers={"Content-Type": "application/json"})
    refused = [call("GET", "/api/v1/nowhere"), call("PUT", "/api/v1/whoami"), stale, foreign, large]
    assert [answer.status_code for answer in refused] == [404, 405, 412, 403, 413]
    assert all(answer.json()["detail"] for answer in refused)
    assert "new ETag" in stale.json()["detail"]


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("/api/v1/audit-events?sinc=2026-01-01", 'Unknown parameter "sinc". Accepted: limit,'),
        ("/api/v1/audit-events?event=auth.logn", "event must be one of: auth.login,"),
        (
            "/api/v1/audit-events?interface=window",
            "interface must be one of: console, api, gateway, cli, system.",
        ),
        (f"{PATH}?limit=1&limit=2", 'The parameter "limit" is repeated.'),
        (f"{PATH}?after=zzz", "after must be the `next` value of an earlier answer."),
        ("/api/v1/whoami?verbose=1", 'Unknown parameter "verbose". Accepted: none.'),
    ],
)
def test_unknown_repeated_or_invalid_query_parameter_is_refused(
    call: Script, query: str, detail: str
) -> None:
    """If it were ignored, a misspelt filter would return everything, a misspelt value nothing."""
    answer = call("GET", query)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(detail)


def test_empty_query_parameters_are_accepted(call: Script) -> None:
    assert call("GET", "/api/v1/audit-events?event=&interface=&account=").status_code == 200
    assert call("GET", f"{PATH}?after=").status_code == 200


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limit=", "limit=-1"])
def test_invalid_limit_is_refused(call: Script, query: str) -> None:
    assert call("GET", f"{PATH}?{query}").status_code == 422


def test_change_with_if_match(call: Script) -> None:
    where = create(call, "etag")
    tag = call("GET", where).headers["etag"]
    assert call("GET", where, headers={"If-None-Match": tag}).status_code == 304
    stale = call("PATCH", where, {"email": "a@example.org"}, headers={"If-Match": '"other"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition-failed")
    assert call("PATCH", where, {"email": "a@example.org"}, headers={"If-Match": tag}).ok
    assert call("GET", where).headers["etag"] != tag


def weakened(tag: str) -> list[str]:
    """ETags after a proxy has compressed the answer, and lists of ETags."""
    plain = tag.strip('"')
    return [
        f'W/"{plain}"', f'"{plain}-gzip"', f'W/"{plain}-br"', f'"{plain};gzip"', f'"{plain}--gzip"',
        "*", f'"other", {tag}', f'"other",W/"{plain}","third"', f'{tag} , ',
    ]  # fmt: skip


def test_weakened_tags_and_lists_are_the_current_tag(call: Script) -> None:
    where = create(call, "weak")
    tag = call("GET", where).headers["etag"]
    for sent in weakened(tag):
        assert call("GET", where, headers={"If-None-Match": sent}).status_code == 304, sent
        assert call("PATCH", where, {"full_name": ""}, headers={"If-Match": sent}).ok, sent
    assert call("PATCH", where, {"full_name": "New"}, headers={"If-Match": weakened(tag)[0]}).ok
    for sent in [*(each for each in weakened(tag) if each != "*"), "", '"', "W/", "x" * 8000]:
        assert call("GET", where, headers={"If-None-Match": sent}).status_code == 200, sent
        assert call("DELETE", where, headers={"If-Match": sent}).status_code == 412, sent


def test_null_removes_a_value_and_stands_for_no_body(call: Script) -> None:
    """RFC 7396 for the first case. axios sends the second for an omitted body."""
    where = create(call, "null", full_name="N", email="n@example.org")
    changed = call("PATCH", where, {"full_name": None, "email": None}).json()
    assert (changed["full_name"], changed["email"]) == ("", "")
    as_json = {"Content-Type": "application/json"}
    for act in ("enable", "disable"):
        assert call("POST", f"{where}/mfa/{act}", data="null", headers=as_json).ok


def test_byte_order_mark_before_json_is_dropped(call: Script) -> None:
    where = create(call, "bom")
    body = '\ufeff{"full_name": "B"}'.encode()
    answer = call("PATCH", where, data=body, headers={"Content-Type": "application/json"})
    assert answer.json()["full_name"] == "B"


@pytest.mark.parametrize("zone", ["+01:00", " 01:00", "%2B01:00", "z", ""])
def test_times_of_a_filter_need_no_escaping(call: Script, zone: str) -> None:
    """requests does not escape a plus sign, and a query decodes it as a space."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dt%H:%M:%S") + zone
    assert call("GET", f"/api/v1/audit-events?since={tomorrow}").json()["items"] == []
    assert call("GET", f"/api/v1/audit-events?until={tomorrow}").json()["items"]


def test_week_date_is_refused_with_an_example(call: Script) -> None:
    answer = call("GET", "/api/v1/audit-events?since=2026-W49-1")
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("since must be a time such as 2026-03-14T15:09:26Z")


def test_of_two_changes_on_the_same_condition_one_is_made(call: Script, served: Served) -> None:
    """Both requests read the same state, and one waits for the other's lock."""
    where = create(call, "etag-race")
    tag = call("GET", where).headers["etag"]

    def change(number: int) -> int:
        reported = {"email": f"{number}@example.org"}
        return int(call("PATCH", where, reported, headers={"If-Match": tag}).status_code)

    database = sqlite3.connect(served.data / "watchword.db", timeout=10, isolation_level=None)
    with ThreadPoolExecutor(2) as pool:
        database.execute("BEGIN IMMEDIATE")
        answers = [pool.submit(change, number) for number in range(2)]
        threading.Event().wait(1)
        database.execute("ROLLBACK")
        assert sorted(answer.result() for answer in answers) == [200, 412]
    database.close()


def test_change_with_an_invalid_field_changes_nothing(call: Script) -> None:
    """Texts and `enabled` in one request: if one part is refused, the other is rolled back."""
    before = call("GET", f"{PATH}/alice").json()
    answer = call("PATCH", f"{PATH}/alice", {"full_name": "Changed", "enabled": False})
    assert (answer.status_code, answer.json()["code"]) == (403, "own-account")
    assert call("GET", f"{PATH}/alice").json() == before
    where = create(call, "whole")
    answer = call("PATCH", where, {"full_name": "Changed", "enabled": False, "email": "no address"})
    assert answer.status_code == 422
    assert call("GET", where).json()["enabled"]
    changed = call("PATCH", where, {"full_name": "Whole", "enabled": False})
    body = changed.json()
    assert (body["full_name"], body["enabled"], body["enrolment_code"]) == ("Whole", False, None)
    assert changed.headers["etag"] == call("GET", where).headers["etag"]


def test_change_to_the_current_state_succeeds(call: Script) -> None:
    where = create(call, "again")
    for body in ({}, {"enabled": True}, {"enabled": True, "email": "a@example.org"}):
        assert call("PATCH", where, body).status_code == 200
    assert call("GET", where).json()["email"] == "a@example.org"


def test_enabling_a_dormant_pending_account_returns_an_enrolment_code(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """As at the console, it is shown once to the administrator who passes it on."""
    environ = {"WATCHWORD_ENROLMENT_PROOF": "other_browser"}
    with Served.running(tmp_path_factory.mktemp("dormant") / "data", environ=environ) as served:
        for name in ("alice", "bob"):
            served.create(name)
        call = Script(served)
        assert call("POST", f"{PATH}/bob/mfa/enable").json()["enrolment_code"]
        assert call("PATCH", f"{PATH}/bob", {"enabled": False}).json()["enrolment_code"] is None
        assert call("PATCH", f"{PATH}/bob", {"enabled": True}).json()["enrolment_code"] is None
        with sqlite3.connect(served.data / "watchword.db", isolation_level=None) as database:
            database.execute("UPDATE administrators SET created_at = 0 WHERE username = 'bob'")
        call("PATCH", f"{PATH}/bob", {"enabled": False})
        code = call("PATCH", f"{PATH}/bob", {"enabled": True, "full_name": "B"}).json()[
            "enrolment_code"
        ]
        assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}", code)
        assert "enrolment_code" not in call("GET", f"{PATH}/bob").json()
        person = Person(served).login("bob")
        person.press("OK", Enrolment_code=code)
        assert person.token
        person.close()


def test_audit_events_are_filtered_and_paged(call: Script) -> None:
    create(call, "logged")
    body = call("GET", "/api/v1/audit-events?account=logged").json()
    (event,) = body["items"]
    assert (event["event"], event["interface"], event["actor"]) == (
        "administrator.created", "api", "alice",
    )  # fmt: skip
    first = call("GET", "/api/v1/audit-events?limit=1").json()
    second = call("GET", f"/api/v1/audit-events?limit=1&after={first['next']}").json()
    assert second["items"][0]["id"] < first["items"][0]["id"]
    for query in ("after=x", "since=yesterday"):
        assert call("GET", f"/api/v1/audit-events?{query}").status_code == 422


def test_server_returns_version_node_uptime_and_database(call: Script) -> None:
    body = call("GET", "/api/v1/server").json()
    assert set(body) == {"version", "node", "uptime", "database"}
    assert (body["database"], body["uptime"] >= 0) == ("sqlite", True)


def test_writing_can_be_switched_off(tmp_path_factory: pytest.TempPathFactory) -> None:
    environ = {"WATCHWORD_API_MANAGES_ADMINISTRATORS": "false"}
    with Served.running(tmp_path_factory.mktemp("off") / "data", environ=environ) as served:
        served.create("alice")
        served.create("bob")
        call = Script(served)
        answer = call("POST", f"{PATH}/bob/mfa/enable")
        assert (answer.status_code, answer.json()["code"]) == (403, "writing-switched-off")
        assert call("DELETE", f"{PATH}/bob").status_code == 403
        assert call("GET", f"{PATH}/bob").status_code == 200
