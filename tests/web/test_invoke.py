"""/api/invoke and related paths: eight keys in every answer, and the rules of all paths."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.support.person import Person
from tests.support.script import DOCUMENT, Script
from tests.support.served import PASSWORD, Served
from watchword.web.api.rpc.functions import FUNCTIONS

KEYS = {
    "error", "token", "statusVersion", "statusCode", "percentProgress", "statusText", "result",
    "logOutput",
}  # fmt: skip
NEW = "another otter with pencils"
FORM = "application/x-www-form-urlencoded"


class Caller:
    """A script that uses the calling convention."""

    def __init__(self, served: Served) -> None:
        self.script = Script(served)

    def answer(self, function: str, data: Any = None, **options: Any) -> dict[str, Any]:
        answer = self.script("POST", f"/api/invoke/{function}", data=data, **options)
        assert answer.status_code == 200
        reported: dict[str, Any] = answer.json()
        assert set(reported) == KEYS
        return reported

    def __call__(self, function: str, **arguments: str) -> Any:
        """The result of a successful call."""
        reported = self.answer(function, arguments)
        assert (reported["error"], reported["statusCode"]) == (None, "succeeded")
        return reported["result"]

    def refused(self, function: str, data: Any = None, **options: Any) -> str:
        """The error of a failed call."""
        reported = self.answer(function, data, **options)
        assert (reported["statusCode"], reported["result"]) == ("failed", None)
        assert reported["error"] == reported["statusText"]
        return str(reported["error"])

    def account(self, name: str) -> dict[str, str] | None:
        return next((a for a in self("GetSystemAdministrators") if a["userName"] == name), None)

    def create(self, name: str, **config: str) -> None:
        sent = json.dumps({"userName": name, **config})
        self("CreateSystemAdministrator", config=sent, password=PASSWORD)


@pytest.fixture
def call(served: Served) -> Caller:
    return Caller(served)


def test_ping_environment_and_status_are_answered(call: Caller) -> None:
    assert call("Ping") == "pong"
    reported = call("GetEnvironmentInfo")
    assert (reported["product"], reported["database"]) == ("Watchword", "sqlite")
    assert call("GetServiceStatus")["status"] == "running"


@pytest.mark.parametrize("name", ["bob", "do:main", "a/b", "jürgen 🦊", "x+y&z=1"])
def test_account_from_creation_to_deletion(call: Caller, served: Served, name: str) -> None:
    call.create(name, fullName="Ä B", emailAddress="a@example.org")
    assert call.account(name) == {
        "userName": name, "fullName": "Ä B", "emailAddress": "a@example.org",
    }  # fmt: skip
    person = Person(served).login(name)
    assert person.heading == "Choose your password"
    call("SetSystemAdministratorPassword", userName=name, password=NEW)
    person.login(name, NEW)
    assert person.heading == "Choose your password"
    person.close()
    call("DeleteSystemAdministrator", userName=name)
    assert call.account(name) is None


@pytest.mark.parametrize(
    ("config", "full_name", "email"),
    [
        ({}, "Carol", "c@example.org"),
        ({"fullName": "C"}, "C", "c@example.org"),
        ({"emailAddress": "d@example.org"}, "Carol", "d@example.org"),
        ({"fullName": "", "emailAddress": ""}, "", ""),
    ],
)
def test_omitted_keys_of_config_do_not_change(
    call: Caller, config: dict[str, str], full_name: str, email: str
) -> None:
    call.create("carol", fullName="Carol", emailAddress="c@example.org")
    sent = json.dumps({"userName": "carol", **config})
    call("SetSystemAdministratorConfiguration", config=sent)
    found = call.account("carol")
    call("DeleteSystemAdministrator", userName="carol")
    assert found == {"userName": "carol", "fullName": full_name, "emailAddress": email}


@pytest.mark.parametrize(
    ("function", "arguments", "says"),
    [
        ("Nonsense", {}, "no such function"),
        ("ping", {}, "no such function"),
        ("CreateSystemAdministrator", {"config": "{}"}, "password is missing"),
        ("DeleteSystemAdministrator", {}, "userName is missing"),
        ("Ping", {"x": "y"}, "only these arguments: none"),
        ("DeleteSystemAdministrator", {"userName": "z", "force": "1"}, "only these arguments: userName"),
        ("DeleteSystemAdministrator", {"userName": "nobody"}, "No administrator has this username"),
        ("DeleteSystemAdministrator", {"userName": "alice"}, "not possible for your own account"),
        ("SetSystemAdministratorPassword", {"userName": "alice", "password": NEW}, "your own"),
        ("SetSystemAdministratorPassword", {"userName": "nobody", "password": NEW}, "has this username"),
        ("SetSystemAdministratorConfiguration", {"config": '{"userName":"nobody"}'}, "has this username"),
        ("SetSystemAdministratorConfiguration", {"config": "{"}, "not JSON"),
        ("SetSystemAdministratorConfiguration", {"config": "[]"}, "config is invalid"),
        ("SetSystemAdministratorConfiguration", {"config": "{}"}, "userName"),
        ("SetSystemAdministratorConfiguration", {"config": '{"userName":7}'}, "/userName"),
        ("SetSystemAdministratorConfiguration", {"config": '{"userName":"a","role":"x"}'}, "role"),
        ("SetSystemAdministratorConfiguration", {"config": '{"userName":"a","userName":"b"}'},
         "is repeated"),
        ("CreateSystemAdministrator", {"config": '{"userName":"ALICE"}', "password": NEW},
         "Another account has this username"),
        ("CreateSystemAdministrator", {"config": '{"userName":"-x"}', "password": "short"},
         "at least 15 characters"),
        ("CreateSystemAdministrator", {"config": '{"userName":"-x"}', "password": "short"},
         "must not begin with a hyphen"),
    ],
)  # fmt: skip
def test_failure_is_reported_in_the_eight_keys(
    call: Caller, function: str, arguments: dict[str, str], says: str
) -> None:
    assert says in call.refused(function, arguments)


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b'{"userName": "bob"}', "application/json"),
        (b"userName=bob", "text/plain"),
        (b"userName=bob&userName=eve", FORM),
        (b"userName=%FF", FORM),
        (b"userName=\xc3\xbc", FORM),
        (b"&".join(b"a%d=1" % n for n in range(60)), FORM),
    ],
)
def test_arguments_that_are_not_a_form_are_refused(
    call: Caller, body: bytes, media_type: str
) -> None:
    error = call.refused("DeleteSystemAdministrator", body, headers={"Content-Type": media_type})
    assert "must be a form" in error


def test_no_answer_contains_a_password(call: Caller) -> None:
    call.create("quiet")
    answers = [
        call.answer("SetSystemAdministratorPassword", {"userName": "quiet", "password": NEW}),
        call.answer("SetSystemAdministratorPassword", {"userName": "nobody", "password": NEW}),
        call.answer("CreateSystemAdministrator", {"config": "{}", "password": NEW}),
        call.answer("CreateSystemAdministrator", {"config": NEW, "password": NEW}),
    ]
    assert NEW not in json.dumps(answers)


def test_metadata_is_the_bare_list_that_existing_clients_read(call: Caller) -> None:
    """Python and PowerShell wrappers from 2012 to 2024 create a method for each entry."""
    config = {"name": "config", "type": "json", "nullable": False}
    user_name = {"name": "userName", "type": "string", "nullable": False}
    password = {"name": "password", "type": "string", "nullable": False}
    for method in ("GET", "POST"):
        assert call.script(method, "/api/get-metadata").json() == [
            {"name": "Ping", "args": []},
            {"name": "GetEnvironmentInfo", "args": []},
            {"name": "GetServiceStatus", "args": []},
            {"name": "GetSystemAdministrators", "args": []},
            {"name": "CreateSystemAdministrator", "args": [config, password]},
            {"name": "SetSystemAdministratorConfiguration", "args": [config]},
            {"name": "SetSystemAdministratorPassword", "args": [user_name, password]},
            {"name": "DeleteSystemAdministrator", "args": [user_name]},
            {"name": "InitializeSystemAdministratorMFA", "args": [user_name]},
            {"name": "DeactivateSystemAdministratorMFA", "args": [user_name]},
        ]


def test_the_document_lists_the_arguments_of_each_function() -> None:
    about = DOCUMENT["paths"]["/api/invoke/{Function}"]["post"]["description"]
    for function in FUNCTIONS.values():
        assert (function.name in about) == bool(function.arguments)


def mfa_of(call: Caller, name: str) -> tuple[str, int]:
    """The MFA status, and the number of audit events that changed it."""
    status = call.script("GET", f"/api/v1/administrators/{name}/mfa").json()["status"]
    events = call.script("GET", f"/api/v1/audit-events?account={name}").json()["items"]
    return str(status), sum(e["event"].startswith("mfa.") for e in events)


def test_mfa_is_initialized_and_deactivated(call: Caller, served: Served) -> None:
    call.create("finn")
    assert call("InitializeSystemAdministratorMFA", userName="finn") is None
    assert mfa_of(call, "finn") == ("pending", 1)
    assert call("InitializeSystemAdministratorMFA", userName="finn") is None
    assert mfa_of(call, "finn") == ("pending", 1)  # the next login creates the secret
    served.cli("administrator", "set-password", "finn", "--password-stdin", stdin=NEW)
    person = Person(served)
    person.enrol("finn", NEW)
    served.cli("api-password", "generate", "finn")
    assert call("InitializeSystemAdministratorMFA", userName="finn") is None
    assert mfa_of(call, "finn")[0] == "pending"
    revoked = call.script("DELETE", "/api/v1/administrators/finn/api-password")
    assert revoked.json()["code"] == "nothing-to-revoke"
    assert call("DeactivateSystemAdministratorMFA", userName="finn") is None
    assert mfa_of(call, "finn")[0] == "disabled"
    assert call.refused("DeactivateSystemAdministratorMFA", {"userName": "finn"})
    for function in ("InitializeSystemAdministratorMFA", "DeactivateSystemAdministratorMFA"):
        assert "your own account" in call.refused(function, {"userName": "alice"})
        assert "has this username" in call.refused(function, {"userName": "nobody"})
    person.close()


@pytest.mark.parametrize("path", ["/api/get-status", "/api//get-status", "/api/cancel-async"])
def test_no_task_is_ever_known(call: Caller, path: str) -> None:
    for method, options in (
        ("GET", {"params": {"token": "abc"}}),
        ("POST", {"data": {"token": "abc"}}),
        ("POST", {}),
    ):
        reported = call.script(method, path, **options).json()
        assert set(reported) == KEYS
        assert (reported["statusCode"], "token" in reported["error"]) == ("failed", True)


# --- the rules of all paths ------------------------------------------------------------------
def test_calls_are_audited_with_the_caller_as_actor(call: Caller) -> None:
    call.create("logged", fullName="L")
    call("SetSystemAdministratorConfiguration", config='{"userName":"logged","fullName":"M"}')
    call("SetSystemAdministratorPassword", userName="logged", password=NEW)
    call("DeleteSystemAdministrator", userName="logged")
    events = call.script("GET", "/api/v1/audit-events?account=logged").json()["items"]
    assert [(e["event"], e["interface"], e["actor"]) for e in events] == [
        (name, "api", "alice")
        for name in ("administrator.deleted", "auth.password_reset", "administrator.changed",
                     "administrator.created")
    ]  # fmt: skip


def test_credentials_origin_and_size_are_checked_first(call: Caller) -> None:
    for auth in (None, ("alice", "wrong")):
        answer = call.script("POST", "/api/invoke/Ping", auth=auth)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    foreign = {"Sec-Fetch-Site": "cross-site", "Content-Type": FORM}
    answer = call.script("POST", "/api/invoke/Ping", headers=foreign)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross-origin")
    large = call.script("POST", "/api/invoke/Ping", data={"x": "y" * 70_000})
    assert (large.status_code, large.json()["code"]) == (413, "too-large")
    chunked = call.script("POST", "/api/invoke/Ping", data=iter([b"x" * 40_000] * 2))
    assert (chunked.status_code, chunked.json()["code"]) == (413, "too-large")


def test_other_operations_refuse_a_form(call: Caller) -> None:
    body = {"username": "bob", "password": PASSWORD}
    answer = call.script("POST", "/api/v1/administrators", data=body)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


def test_account_with_mfa_calls_with_its_api_password(call: Caller, served: Served) -> None:
    served.create("ops:alice")
    password = served.cli("api-password", "generate", "ops:alice").stdout.strip()
    served.cli("mfa", "enable", "ops:alice")
    refused = call.script("POST", "/api/invoke/Ping", auth=("ops:alice", PASSWORD))
    assert refused.status_code == 401
    assert call.answer("Ping", auth=("ops:alice", password))["result"] == "pong"


def test_writing_can_be_switched_off(tmp_path_factory: pytest.TempPathFactory) -> None:
    environ = {"WATCHWORD_API_MANAGES_ADMINISTRATORS": "false"}
    with Served.running(tmp_path_factory.mktemp("off") / "data", environ=environ) as served:
        served.create("alice")
        served.create("bob")
        call = Caller(served)
        config = '{"userName":"bob"}'
        for function, arguments in (
            ("CreateSystemAdministrator", {"config": '{"userName":"eve"}', "password": NEW}),
            ("SetSystemAdministratorConfiguration", {"config": config}),
            ("SetSystemAdministratorPassword", {"userName": "bob", "password": NEW}),
            ("DeleteSystemAdministrator", {"userName": "bob"}),
        ):
            assert "api_manages_administrators is off" in call.refused(function, arguments)
        assert [a["userName"] for a in call("GetSystemAdministrators")] == ["alice", "bob"]


def test_result_contains_the_enrolment_code_if_the_setting_requires_one(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    environ = {"WATCHWORD_ENROLMENT_PROOF": "always"}
    with Served.running(tmp_path_factory.mktemp("code") / "data", environ=environ) as served:
        served.create("alice")
        served.create("bob")
        result = Caller(served)("InitializeSystemAdministratorMFA", userName="bob")
        bob = Person(served).login("bob")
        assert bob.heading == "Enrolment code"
        bob.press("OK", Enrolment_code=result["enrolmentCode"])
        assert bob.token
        bob.close()


REACTIVE = """
import json, ssl, sys, urllib.parse, urllib.request
base, name, password, ca = sys.argv[1:]
manager = urllib.request.HTTPPasswordMgrWithDefaultRealm()
manager.add_password(None, base, name, password)
opener = urllib.request.build_opener(
    urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca)),
    urllib.request.HTTPBasicAuthHandler(manager),
)
for number in range(25):
    body = urllib.parse.urlencode({"userName": "nobody"}).encode()
    answer = opener.open(base + "/api/invoke/DeleteSystemAdministrator", data=body)
    shown = json.loads(answer.read().decode("utf-8-sig"))
    assert shown["error"], shown
print(json.loads(opener.open(base + "/api//get-status?token=x").read())["statusCode"])
"""


def test_client_that_waits_for_each_challenge_is_never_throttled(
    served: Served,
) -> None:
    command = [sys.executable, "-c", REACTIVE, served.api, "alice", PASSWORD, str(served.ca)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "failed"), done.stderr
