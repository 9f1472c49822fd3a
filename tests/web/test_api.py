"""The Management API over its port: credentials, errors, real clients."""

from __future__ import annotations

import base64
import http.client
import json
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.support.person import Person
from tests.support.served import PASSWORD, Served

WHOAMI = "/api/v1/whoami"
NAMES = ["alice", "do:main", "jürgen", "ops 🦊", "a:b:ü"]
CHALLENGE = 'Basic realm="Watchword Management API", charset="UTF-8"'


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for this module."""
    with Served.running(tmp_path_factory.mktemp("api") / "data") as server:
        for name in NAMES:
            server.create(name)
        yield server


def basic(username: str, password: str, charset: str = "utf-8") -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode(charset)).decode()


def get(served: Served, path: str = WHOAMI, **headers: str) -> requests.Response:
    return requests.get(served.api + path, headers=headers, verify=str(served.ca), timeout=30)


def ask(served: Served, username: str, password: str) -> requests.Response:
    return get(served, Authorization=basic(username, password))


def test_whoami_returns_account_mfa_and_kind_of_credential(served: Served) -> None:
    answer = ask(served, "alice", PASSWORD)
    assert answer.json() == {
        "username": "alice",
        "full_name": "",
        "role": "administrator",
        "mfa": {"enabled": False, "status": "disabled"},
        "credential": "password",
    }
    assert answer.headers["content-type"] == "application/json"


def test_unauthorized_answers_are_identical_and_contain_the_remedy(served: Served) -> None:
    answers = [
        get(served),
        get(served, Authorization="Bearer abc"),
        get(served, Authorization="Basic !!!"),
        ask(served, "alice", "wrong"),
        ask(served, "nobody", PASSWORD),
        ask(served, "alice", "wwp_" + "0" * 38),
    ]
    assert {a.status_code for a in answers} == {401}
    assert len({a.content for a in answers}) == 1
    assert all(a.headers["www-authenticate"] == CHALLENGE for a in answers)
    body = answers[0].json()
    assert body["code"] == "unauthorized"
    assert "API password" in body["detail"]
    assert answers[0].headers["content-type"] == "application/problem+json"


def test_request_without_credentials_is_not_a_failed_login(served: Served) -> None:
    for _ in range(40):
        assert get(served).status_code == 401
        assert get(served, Authorization="Bearer x").status_code == 401
    assert ask(served, "alice", PASSWORD).status_code == 200


def test_two_authorization_headers_are_refused(served: Served) -> None:
    line = f"Authorization: {basic('alice', PASSWORD)}\r\n"
    status, _ = raw(served, f"GET {WHOAMI} HTTP/1.1\r\nHost: x\r\n{line}{line}\r\n".encode())
    assert status == 401


def raw(served: Served, request: bytes) -> tuple[int, bytes]:
    """Send raw bytes and return status and body."""
    context = ssl.create_default_context(cafile=str(served.ca))
    with socket.create_connection(("127.0.0.1", served.api_port), timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as wrapped:
            wrapped.sendall(request)
            answer = http.client.HTTPResponse(wrapped)
            answer.begin()
            return answer.status, answer.read()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/api/v1/whoami/", 404, "not-found"),
        ("GET", "/api%2Fv1%2Fwhoami", 404, "not-found"),
        ("POST", WHOAMI, 405, "method-not-allowed"),
        ("DELETE", WHOAMI, 405, "method-not-allowed"),
    ],
)
def test_each_error_is_a_problem_document(
    served: Served, method: str, path: str, status: int, code: str
) -> None:
    answer = requests.request(
        method, served.api + path, verify=str(served.ca), timeout=30,
        headers={"Authorization": basic("alice", PASSWORD)},
    )  # fmt: skip
    body = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["type"].endswith(code)
    assert body["instance"].endswith(answer.headers["x-request-id"])
    assert answer.headers["content-type"] == "application/problem+json"
    if status == 405:
        assert "GET" in answer.headers["allow"]


def test_unknown_path_without_credentials_is_unauthorized(served: Served) -> None:
    assert get(served, "/nowhere").status_code == 401
    assert get(served, "/health/ready").status_code == 401


def test_too_large_body_is_refused_before_it_is_read(served: Served) -> None:
    head = (
        f"POST {WHOAMI} HTTP/1.1\r\nHost: x\r\nContent-Length: 2097152\r\n"
        f"Authorization: {basic('alice', PASSWORD)}\r\n\r\n"
    )
    status, body = raw(served, head.encode())
    assert status == 413
    assert json.loads(body)["code"] == "too-large"


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"},
     {"Origin": "https://evil.example"}],
)  # fmt: skip
def test_cross_origin_request_with_credentials_changes_nothing(
    served: Served, headers: dict[str, str]
) -> None:
    answer = requests.post(
        served.api + WHOAMI, verify=str(served.ca), timeout=30,
        headers={"Authorization": basic("alice", PASSWORD)} | headers,
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (403, "cross-origin")


def test_head_and_options_are_answered(served: Served) -> None:
    headers = {"Authorization": basic("alice", PASSWORD)}
    head = requests.head(served.api + WHOAMI, verify=str(served.ca), headers=headers, timeout=30)
    options = requests.options(
        served.api + WHOAMI, verify=str(served.ca), headers=headers, timeout=30
    )
    assert (head.status_code, head.content) == (200, b"")
    assert (options.status_code, "GET" in options.headers["allow"]) == (204, True)


def test_health(served: Served) -> None:
    assert get(served, "/health/live").json() == {"status": "live"}
    ready = get(served, "/health/ready", Authorization=basic("alice", PASSWORD))
    assert ready.json() == {"status": "ready"}


def test_api_ignores_cookies(served: Served) -> None:
    person = Person(served).login("alice")
    cookie = "; ".join(f"{c.name}={c.value}" for c in person.http.cookies)
    assert get(served, Cookie=cookie).status_code == 401
    person.close()


def test_console_ignores_basic_credentials(served: Served) -> None:
    answer = requests.get(
        served.console + "/", verify=str(served.ca), timeout=30,
        headers={"Authorization": basic("alice", PASSWORD)},
    )  # fmt: skip
    assert answer.url.endswith("/login")


def test_valid_request_id_of_the_client_is_returned(served: Served) -> None:
    assert get(served, **{"X-Request-Id": "job-7"}).headers["x-request-id"] == "job-7"
    assert get(served, **{"X-Request-Id": "a b<c>"}).headers["x-request-id"] != "a b<c>"


# --- real clients ----------------------------------------------------------------------------
URLLIB = """
import ssl, sys, urllib.request
url, name, password, ca = sys.argv[1:]
manager = urllib.request.HTTPPasswordMgrWithDefaultRealm()
manager.add_password(None, url, name, password)
context = ssl.create_default_context(cafile=ca)
opener = urllib.request.build_opener(
    urllib.request.HTTPSHandler(context=context), urllib.request.HTTPBasicAuthHandler(manager)
)
print(opener.open(url).read().decode())
"""


def by_curl(served: Served, name: str, password: str) -> str:
    command = ["curl", "--silent", "--cacert", str(served.ca), "--user", f"{name}:{password}",
               served.api + WHOAMI]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def by_curl_after_the_challenge(served: Served, name: str, password: str) -> str:
    command = ["curl", "--silent", "--anyauth", "--cacert", str(served.ca), "--user",
               f"{name}:{password}", served.api + WHOAMI]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def by_wget(served: Served, name: str, password: str) -> str:
    command = ["wget", "--quiet", f"--ca-certificate={served.ca}", f"--user={name}",
               f"--password={password}", "-O", "-", served.api + WHOAMI]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def by_requests(served: Served, name: str, password: str) -> str:
    answer = requests.get(
        served.api + WHOAMI, auth=(name.encode(), password.encode()),  # type: ignore[arg-type]
        verify=str(served.ca),
        timeout=30,
    )  # fmt: skip
    return answer.text


def by_requests_in_latin_1(served: Served, name: str, password: str) -> str:
    """Latin-1 credentials, which requests sends for a name of type str."""
    answer = requests.get(
        served.api + WHOAMI, auth=(name, password), verify=str(served.ca), timeout=30
    )
    return answer.text


def by_urllib(served: Served, name: str, password: str) -> str:
    """A client that sends its credentials only after the challenge."""
    command = [sys.executable, "-c", URLLIB, served.api + WHOAMI, name, password, str(served.ca)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


CLIENTS = [by_curl, by_curl_after_the_challenge, by_wget, by_requests, by_requests_in_latin_1,
           by_urllib]  # fmt: skip


@pytest.mark.parametrize("client", CLIENTS, ids=lambda c: c.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_real_clients_are_accepted_with_each_username(
    served: Served, client: object, name: str
) -> None:
    assert callable(client)
    if client is by_requests_in_latin_1 and not name.isascii() and "ü" not in name:
        with pytest.raises(UnicodeEncodeError):
            client(served, name, PASSWORD)
        return
    assert json.loads(client(served, name, PASSWORD))["username"] == name
    password = served.cli("api-password", "generate", "--yes", name).stdout.strip()
    reported = json.loads(client(served, name, password))
    assert (reported["username"], reported["credential"]) == (name, "api_password")


def test_credentials_in_a_url_work_with_an_encoded_colon(served: Served) -> None:
    url = f"https://do%3Amain:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{served.api_port}{WHOAMI}"
    command = ["curl", "--silent", "--cacert", str(served.ca), url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["username"] == "do:main"


def test_enabling_mfa_invalidates_the_regular_password_immediately(served: Served) -> None:
    """The cache of accepted credentials does not delay it."""
    served.create("carol")
    assert ask(served, "carol", PASSWORD).status_code == 200
    person = Person(served).login("carol").settings().press("Enable MFA")
    assert ask(served, "carol", PASSWORD).status_code == 401
    person.settings().press("Disable MFA")
    assert ask(served, "carol", PASSWORD).status_code == 200
    new = "another otter with pencils"
    served.cli("administrator", "set-password", "--password-stdin", "carol", stdin=new)
    assert ask(served, "carol", PASSWORD).status_code == 401
    assert ask(served, "carol", new).status_code == 200
    person.close()


def test_parallel_requests_with_a_regular_password_do_not_throttle_each_other(
    served: Served, tmp_path: Path
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    served.create("dave")
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: ask(served, "dave", PASSWORD).status_code, range(36)))
    assert answers == [200] * 36


def test_revoked_api_password_is_refused_immediately_despite_the_cache(
    served: Served,
) -> None:
    """For each way to end it; the cache of accepted credentials does not delay it."""
    served.create("erin")
    for end in (("api-password", "revoke", "--yes"), ("administrator", "disable", "--yes")):
        made = served.cli("api-password", "generate", "--", "erin").stdout
        token = re.findall(r"wwp_\w{38}", made)[0]
        assert [ask(served, "erin", token).status_code for _ in range(4)] == [200] * 4
        served.cli(*end, "--", "erin")
        assert ask(served, "erin", token).status_code == 401
