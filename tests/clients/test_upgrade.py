"""HTTP/2 upgrade offers (`Upgrade: h2c`) of Java's HttpClient over plain HTTP, with a body."""

from __future__ import annotations

from pathlib import Path

import requests

from tests.clients import runs
from tests.clients.runs import Target
from tests.support.served import PASSWORD, Served

ON_LOOPBACK = {"WATCHWORD_INSECURE_PLAIN_HTTP_ON_LOOPBACK": "true"}
BOB = "/api/v1/administrators/bob"


def test_upgrade_offer_is_ignored_and_request_answered(tmp_path: Path) -> None:
    with Served.running(tmp_path / "data", environ=ON_LOOPBACK) as served:
        served.create("alice")
        served.create("bob")
        api = f"http://127.0.0.1:{served.api_port}"
        target = Target(f"{api}{BOB}/mfa/enable", served.ca, tmp_path)
        assert runs.java("post", target, [("alice", PASSWORD)]) == [200]
        found = requests.get(api + BOB, auth=("alice", PASSWORD), timeout=30).json()
        assert found["mfa"]["status"] == "pending"
        assert not any("refused a request" in line for line in served.errors)
