"""At the interfaces: what headers of a proxy do from a trusted peer, and from any other; HSTS."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests

from tests.support.addresses import FromAddress
from tests.support.person import Person
from tests.support.served import PASSWORD, Served

FORWARDED = {
    "X-Forwarded-For": "192.0.2.7",
    "X-Forwarded-Host": "ops.example",
    "X-Forwarded-Proto": "https",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environ = {"WATCHWORD_TRUSTED_PROXIES": "127.0.0.9", "WATCHWORD_HSTS": "true"}
    with Served.running(tmp_path_factory.mktemp("fwd") / "data", environ=environ) as server:
        server.create("alice")
        yield server


def person(served: Served, address: str, **headers: str) -> Person:
    somebody = Person(served, **headers)
    somebody.http.mount("https://", FromAddress(address))
    return somebody


def newest(served: Served, event: str) -> dict[str, object]:
    told = json.loads(served.cli("audit", "list", "--event", event, "--json").stdout)
    found: dict[str, object] = told[-1] if told else {}
    return found


def test_the_note_stands_on_everybodys_overview(served: Served) -> None:
    served.create("bob")
    before = person(served, "127.0.0.9", **FORWARDED).login("bob")
    assert not before.sees("trusted_proxies")
    untrusted = person(served, "127.0.0.8", **FORWARDED).login()
    assert untrusted.sees("A login from 127.0.0.8 had the headers of a reverse proxy")
    assert before.open("/").sees("A login from 127.0.0.8")
    assert before.follow("Audit Log").sees("fwd.untrusted_peer")
    assert newest(served, "auth.login")["address"] == "127.0.0.8"
    assert newest(served, "fwd.untrusted_peer")["address"] == "127.0.0.8"
    before.close()
    untrusted.close()


@pytest.mark.parametrize(("peer", "status"), [("127.0.0.9", 200), ("127.0.0.8", 403)])
def test_the_host_that_a_trusted_proxy_tells_is_an_origin_of_ours(
    served: Served, peer: str, status: int
) -> None:
    somebody = person(served, peer, **FORWARDED, Origin="https://ops.example").login()
    assert somebody.response.status_code == status
    somebody.close()


def test_a_trusted_proxy_that_does_not_say_who_is_not_charged(served: Served) -> None:
    somebody = person(served, "127.0.0.9")
    told = [somebody.login(f"n{n}", "wrong").response.status_code for n in range(25)]
    assert set(told) == {422}
    somebody.close()


def test_a_session_that_is_carried_to_another_network_is_told(served: Served) -> None:
    somebody = person(served, "127.0.0.9", **FORWARDED).login()
    assert newest(served, "session.new_network") == {}
    somebody.http.headers["X-Forwarded-For"] = "198.51.100.4"
    assert somebody.open("/").heading == "Overview"
    row = newest(served, "session.new_network")
    assert (row["address"], row["subject"], row["outcome"]) == ("198.51.100.4", "alice", "done")
    somebody.close()


def test_hsts_is_sent_by_the_setting_alone(
    served: Served, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def told(of: Served) -> list[str | None]:
        urls = [of.console + "/login", of.console + "/nowhere", of.console + "/ca.crt",
                of.api + "/health/live", of.api + "/api/v1/whoami"]  # fmt: skip
        return [
            requests.get(url, verify=str(of.ca), timeout=30).headers.get(
                "strict-transport-security"
            )
            for url in urls
        ]

    assert told(served) == ["max-age=31536000"] * 5
    with Served.running(tmp_path_factory.mktemp("without") / "data") as plain:
        assert told(plain) == [None] * 5


def test_the_apis_callers_have_their_own_address_too(served: Served) -> None:
    """The API's callers are told by their own address too."""
    with requests.Session() as session:
        session.mount("https://", FromAddress("127.0.0.9"))
        session.trust_env = False
        session.verify = str(served.ca)
        answer = session.get(served.api + "/api/v1/whoami", auth=("alice", "wrong password"),
                             headers=FORWARDED, timeout=30)  # fmt: skip
        assert answer.status_code == 401
        assert session.get(served.api + "/api/v1/whoami", auth=("alice", PASSWORD), timeout=30).ok
    row = newest(served, "api.auth.fail")
    assert (row["address"], row["facts"]) == (
        "192.0.2.7",
        {"reason": "password", "via": "127.0.0.9"},
    )
