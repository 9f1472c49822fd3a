"""The OpenAPI document describes exactly the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests
from starlette.routing import Route

from tests.support import json_schema
from tests.support.installation import Installation
from tests.support.person import Person
from tests.support.script import DOCUMENT, Script, faults
from tests.support.served import PASSWORD, Served
from tests.support.walk import framework
from tools import api_reference
from watchword import asgi
from watchword.web.api.table import TABLE
from watchword.web.http.problem_kinds import KINDS

ADMINISTRATORS = "/api/v1/administrators"
APPLICATIONS = "/api/v1/applications"
MEMBERS = "/api/v1/members"
BOB = f"{ADMINISTRATORS}/bob"
NEW = "another otter with pencils"


def operations() -> Iterator[tuple[str, str, Any]]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def routes_of(app: Any) -> list[Route]:
    """The routes, inside the ASGI layers."""
    inner = framework(app)
    assert inner is not None
    return [route for route in inner.routes if isinstance(route, Route)]


def test_document_contains_exactly_the_mounted_routes(here: Installation) -> None:
    answering = {
        (method, route.path)
        for route in routes_of(asgi.api(here.app))
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert answering == {(method, path) for method, path, _ in operations()}
    assert len(answering) == len(TABLE)


def test_server_and_command_line_return_the_same_document(served: Served) -> None:
    offered = Script(served)("GET", "/openapi.json").json()
    assert offered == DOCUMENT
    assert json.loads(served.cli("api", "openapi").stdout) == DOCUMENT


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
def test_document_and_page_need_credentials(served: Served, path: str) -> None:
    answer = requests.get(served.api + path, verify=str(served.ca), timeout=30)
    assert answer.status_code == 401
    assert faults("GET", path, answer) == []


def test_each_operation_is_described_completely() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    for method, path, operation in operations():
        assert operation["summary"], path
        assert set(operation["tags"]) <= {tag["name"] for tag in DOCUMENT["tags"]}
        in_path = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
        assert in_path == {part[1:-1] for part in path.split("/") if part.startswith("{")}
        is_open = operation.get("security") == []
        assert is_open == (path == "/health/live")
        assert ("401" in operation["responses"]) == (not is_open)
        assert ("403" in operation["responses"]) or method == "GET"
    assert DOCUMENT["components"]["securitySchemes"]["basic"]["scheme"] == "basic"
    assert DOCUMENT["openapi"].startswith("3.1")


def contents() -> Iterator[tuple[str, Any]]:
    for method, path, operation in operations():
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            for content in body.get("content", {}).values():
                yield f"{method} {path}", content


def test_each_example_matches_its_schema() -> None:
    checked = 0
    for where, content in contents():
        examples = [each["value"] for each in content.get("examples", {}).values()]
        examples += [content["example"]] if "example" in content else []
        for example in examples:
            found = list(json_schema.problems(DOCUMENT, content["schema"], example))
            assert found == [], where
            checked += 1
    assert checked > 100


def test_validator_rejects_wrong_values() -> None:
    schema = {"$ref": "#/components/schemas/AdministratorOut"}
    good = DOCUMENT["paths"][BOB.replace("bob", "{username}")]["get"]["responses"]["200"]
    example = good["content"]["application/json"]["example"]
    assert not list(json_schema.problems(DOCUMENT, schema, example))
    for broken in (
        {**example, "enabled": "yes"},
        {**example, "secret": "x"},
        {**example, "mfa": {**example["mfa"], "status": "off"}},
        {k: v for k, v in example.items() if k != "email"},
        {**example, "last_login_at": 7},
    ):
        assert list(json_schema.problems(DOCUMENT, schema, broken))
    assert list(json_schema.problems(DOCUMENT, {"pattern": "x"}, "x"))


def test_each_success_and_many_problems_match_the_document(served: Served) -> None:
    """`Script` compares each answer with the document; here each operation succeeds once."""
    call = Script(served)
    call("GET", "/api/v1/whoami")
    call("POST", ADMINISTRATORS, {"username": "bob", "password": PASSWORD})
    call("POST", ADMINISTRATORS, {"username": "bob", "password": PASSWORD})
    call("POST", ADMINISTRATORS, {"username": "-x", "password": "short"})
    call("POST", ADMINISTRATORS, {"username": "x"})
    call("POST", ADMINISTRATORS, data=b"{", headers={"Content-Type": "application/json"})
    call("POST", ADMINISTRATORS, data=b"x", headers={"Content-Type": "text/plain"})
    call(
        "POST",
        ADMINISTRATORS,
        data=b'{"username":"n","password":"x","email":"","email":""}',
        headers={"Content-Type": "application/json"},
    )
    call("POST", ADMINISTRATORS, {}, headers={"Sec-Fetch-Site": "cross-site"})
    call("POST", ADMINISTRATORS, {"username": "y" * 70_000})
    call("GET", f"{ADMINISTRATORS}?limit=1")
    call("GET", f"{ADMINISTRATORS}?limit=0")
    tag = call("GET", BOB).headers["etag"]
    call("GET", BOB, headers={"If-None-Match": tag})
    call("GET", f"{ADMINISTRATORS}/nobody")
    call("PATCH", BOB, {"email": "bob@example.org"}, headers={"If-Match": tag})
    call("PATCH", BOB, {"email": "x@example.org"}, headers={"If-Match": tag})
    call("PUT", f"{BOB}/password", {"password": NEW})
    call("PUT", f"{ADMINISTRATORS}/alice/password", {"password": NEW})
    call("GET", f"{BOB}/mfa")
    call("POST", f"{BOB}/mfa/reset")
    call("POST", f"{BOB}/mfa/enable")
    call("POST", f"{BOB}/mfa/disable", {"keep_api_password": True})
    call("DELETE", f"{BOB}/api-password")
    call("GET", f"{BOB}/sessions")
    call("DELETE", f"{BOB}/sessions")
    for query in ("?limit=2&interface=api", "?since=yesterday", "?event=administrator.created"):
        call("GET", "/api/v1/audit-events" + query)
    for path in ("/api/v1/server", "/health/live", "/health/ready", "/metrics", "/openapi.json"):
        call("GET", path)
    call("GET", "/docs")
    call("GET", "/metrics", auth=None, headers={"Via": "1.1 proxy"})
    for path in ("/api/get-metadata", "/api/get-status", "/api//get-status", "/api/cancel-async"):
        call("GET", path)
        call("POST", path)
    call("POST", "/api/invoke/Ping")
    call("POST", APPLICATIONS, {"name": "wiki", "hosts": ["wiki.example"]})
    call("POST", APPLICATIONS, {"name": "WIKI", "hosts": ["other.example"]})
    call("POST", APPLICATIONS, {"name": "x", "hosts": ["wiki.example"]})
    call("POST", APPLICATIONS, {"name": "x", "hosts": ["x.example"], "who": {"everyone": True}})
    call("GET", APPLICATIONS)
    call("GET", f"{APPLICATIONS}/wiki")
    call("PATCH", f"{APPLICATIONS}/wiki", {"max_login_age": 600})
    call("PATCH", f"{APPLICATIONS}/wiki", {"max_login_age": 600})
    call("POST", f"{APPLICATIONS}/wiki/try", {"path": "/", "username": "bob"})
    call("POST", f"{APPLICATIONS}/nothing/try", {"path": "/"})
    call("GET", f"{APPLICATIONS}/wiki/recipe/nginx?upstream=http://127.0.0.1:9090")
    call("GET", f"{APPLICATIONS}/wiki/recipe/nothing")
    call("DELETE", f"{APPLICATIONS}/wiki")
    call("DELETE", f"{APPLICATIONS}/wiki")
    call("DELETE", BOB)
    served.create("bob")
    served.cli("api-password", "generate", "bob")
    call("DELETE", f"{BOB}/api-password")
    served.cli("mfa", "enable", "bob")
    person = Person(served)
    person.enrol("bob")
    call("GET", f"{BOB}/sessions")
    call("POST", f"{BOB}/mfa/reset")
    person.close()
    with_members(call, served)
    assert succeeded() - {(m, p, s) for m, p, s, _ in call.seen} == set()
    codes = {code for *_, code in call.seen if code}
    assert codes >= {
        "unauthorized", "bad-json", "repeated-key", "cross-origin", "no-such-administrator",
        "precondition-failed", "too-large", "unsupported-media-type", "invalid", "own-account",
        "username-taken", "not-in-this-state", "nothing-to-revoke", "application-taken",
        "host-taken", "no-such-application", "person-needed",
    }  # fmt: skip
    assert codes <= set(KINDS)


def with_members(call: Script, served: Served) -> None:
    """Let each operation on members succeed, or be refused as only a person may do it."""
    name = "mi:a ü🦦"
    mia = {"username": name, "password": PASSWORD, "groups": ["Staff", "ops"]}
    assert call("POST", MEMBERS, mia).json()["groups"] == ["ops", "staff"]
    path = f"{MEMBERS}/{quote(name, safe='')}"
    assert call("POST", MEMBERS, {"username": "cron"}).json()["has_password"] is False
    call("POST", MEMBERS, {"username": "x", "groups": ["a,b"]})
    assert [each["username"] for each in call("GET", f"{MEMBERS}?limit=1").json()["items"]] == [
        "cron"
    ]
    before = call("GET", path)
    tag = before.headers["etag"]
    call("GET", path, headers={"If-None-Match": tag})
    for body in ({"groups": ["wiki"]}, {"role": "administrator"}, {"email": "x@y", "groups": []}):
        assert call("PATCH", path, body).json()["code"] == "person-needed"
    for method, act in (("PUT", "password"), ("POST", "mfa/enable"), ("POST", "mfa/disable"),
                        ("POST", "mfa/reset")):  # fmt: skip
        assert call(method, f"{path}/{act}").json()["code"] == "person-needed"
    assert call("GET", path).json() == before.json()
    served.cli("member", "groups", name, "wiki")
    assert (
        call("PATCH", path, {"email": "m@example.org"}, headers={"If-Match": tag}).status_code
        == 412
    )
    assert call("PATCH", path, {"email": "m@example.org"}).json()["groups"] == ["wiki"]
    assert call("PATCH", path, {"enabled": True}).status_code == 200
    for other in ("alice", "bob"):
        assert call("GET", f"{MEMBERS}/{other}").json()["code"] == "no-such-member"
    assert call("GET", f"{ADMINISTRATORS}/cron").json()["code"] == "no-such-administrator"
    assert call("PUT", f"{ADMINISTRATORS}/cron/password", {"password": NEW}).status_code == 404
    assert call("DELETE", f"{ADMINISTRATORS}/cron").status_code == 404
    call("GET", f"{path}/mfa")
    served.cli("api-password", "generate", "cron")
    call("DELETE", f"{MEMBERS}/cron/api-password")
    served.cli("member", "set-password", "--password-stdin", name, stdin=PASSWORD)
    person = Person(served).login(name)
    assert len(call("GET", f"{path}/sessions").json()["items"]) == 1
    call("DELETE", f"{path}/sessions")
    person.close()
    call("DELETE", path)


def succeeded() -> set[tuple[str, str, int]]:
    return {
        (method, path, int(status))
        for method, path, operation in operations()
        for status in operation["responses"]
        if int(status) < 400
    }


def test_the_reference_lists_every_problem_code() -> None:
    page = api_reference.PAGE.read_text()
    assert page == api_reference.with_table(page), "run tools/api_reference.py"
    for code, failure in KINDS.items():
        assert f"| {failure.status} | `{code}` |" in page


def test_every_code_that_an_operation_may_answer_has_a_status_and_a_title() -> None:
    used = {code for row in TABLE for code in row.codes}
    named = {code for row in TABLE for code in row.problems}
    assert named <= used <= set(KINDS)
    for failure in KINDS.values():
        assert failure.title
        assert 400 <= failure.status < 600
