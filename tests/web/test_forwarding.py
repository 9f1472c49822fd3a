"""Forwarding headers of trusted and other peers at both interfaces, and HSTS."""

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
    visitor = Person(served, **headers)
    visitor.http.mount("https://", FromAddress(address))
    return visitor


def newest(served: Served, event: str) -> dict[str, object]:
    listed = json.loads(served.cli("audit", "list", "--event", event, "--json").stdout)
    found: dict[str, object] = listed[-1] if listed else {}
    return found


def test_every_overview_warns_about_an_untrusted_peer(served: Served) -> None:
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
def test_host_from_a_trusted_proxy_is_an_own_origin(served: Served, peer: str, status: int) -> None:
    visitor = person(served, peer, **FORWARDED, Origin="https://ops.example").login()
    assert visitor.response.status_code == status
    visitor.close()


def test_trusted_proxy_without_client_address_is_not_throttled(served: Served) -> None:
    visitor = person(served, "127.0.0.9")
    statuses = [visitor.login(f"n{n}", "wrong").response.status_code for n in range(25)]
    assert set(statuses) == {422}
    visitor.close()


def test_use_of_a_session_in_another_network_is_logged(served: Served) -> None:
    visitor = person(served, "127.0.0.9", **FORWARDED).login()
    assert newest(served, "session.new_network") == {}
    visitor.http.headers["X-Forwarded-For"] = "198.51.100.4"
    assert visitor.open("/").heading == "Overview"
    row = newest(served, "session.new_network")
    assert (row["address"], row["subject"], row["outcome"]) == ("198.51.100.4", "alice", "done")
    visitor.close()


def test_hsts_is_sent_only_with_the_setting(
    served: Served, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def headers(of: Served) -> list[str | None]:
        urls = [of.console + "/login", of.console + "/nowhere", of.console + "/ca.crt",
                of.api + "/health/live", of.api + "/api/v1/whoami"]  # fmt: skip
        return [
            requests.get(url, verify=str(of.ca), timeout=30).headers.get(
                "strict-transport-security"
            )
            for url in urls
        ]

    assert headers(served) == ["max-age=31536000"] * 5
    with Served.running(tmp_path_factory.mktemp("without") / "data") as plain:
        assert headers(plain) == [None] * 5


def test_api_callers_have_their_forwarded_address(served: Served) -> None:
    """Failed credentials are logged with the forwarded address of the caller."""
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
