"""/metrics: correct counts, access, and no usernames."""

from __future__ import annotations

import asyncio
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from starlette.types import Message

from tests.support import installation, loops, postgres
from tests.support.acts import CLI, PASSWORD, Acts
from tests.support.installation import Installation
from tests.support.person import Person
from tests.support.served import ROOT, Served
from watchword import asgi
from watchword.crypto.passwords import Derivation, Parameters
from watchword.domain.audit import AuditEvent, Interface
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.usecases.unit_of_work import unit
from watchword.web.api.authentication import is_from_this_host
from watchword.web.api.endpoints.metrics import Family

SAMPLE = re.compile(r'([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*\})? (\d+(?:\.\d+)?)')


def read(text: str) -> dict[str, float]:
    """The samples; the text is checked against the rules of the format."""
    assert text.endswith("\n")
    found: dict[str, float] = {}
    helped: set[str] = set()
    typed: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("# HELP "):
            helped.add(line.split(" ")[2])
            continue
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in typed
            typed[name] = kind
            assert (kind == "counter") == name.endswith("_total")
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample, line
        assert sample[1] in helped & set(typed)
        key = sample[1] + (sample[2] or "")
        assert key not in found
        found[key] = float(sample[3])
    return found


def asked(app: Any, client: tuple[str, int] | None = ("127.0.0.1", 4711)) -> tuple[int, str]:
    """Status and body of /metrics, requested through ASGI."""

    async def ask() -> list[Message]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.request", "body": b""}

        scope: dict[str, Any] = {
            "type": "http", "method": "GET", "path": "/metrics", "raw_path": b"/metrics",
            "query_string": b"", "headers": [], "scheme": "https", "client": client,
        }  # fmt: skip
        await app(scope, receive, send)
        return sent

    start, body = loops.run(ask())
    return start["status"], body["body"].decode()


def figures(app: Any) -> dict[str, float]:
    status, text = asked(app)
    assert status == 200
    return read(text)


def scrape(served: Served, **headers: str) -> requests.Response:
    return requests.get(served.api + "/metrics", verify=str(served.ca), headers=headers, timeout=30)


# --- access ----------------------------------------------------------------------------------
def test_local_scraper_needs_no_credentials(served: Served) -> None:
    answer = scrape(served)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    read(answer.text)


@pytest.mark.parametrize(
    "name",
    ["X-Forwarded-For", "X-Forwarded-Host", "x-forwarded-proto", "Forwarded", "X-Real-IP", "Via"],
)
def test_scraper_behind_a_local_proxy_needs_credentials(served: Served, name: str) -> None:
    assert scrape(served, **{name: "127.0.0.1"}).status_code == 401
    answer = requests.get(
        served.api + "/metrics", verify=str(served.ca), headers={name: "1"}, timeout=30,
        auth=("alice", PASSWORD),
    )  # fmt: skip
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("address", "is_here"),
    [
        ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("::ffff:127.0.0.1", True),
        ("192.0.2.7", False), ("::ffff:192.0.2.7", False), ("0.0.0.0", False), ("::", False),
        ("localhost", False), ("", False), (None, False),
    ],
)  # fmt: skip
def test_only_a_loopback_peer_counts_as_local(
    here: Installation, address: str | None, is_here: bool
) -> None:
    client = None if address is None else (address, 1)
    assert is_from_this_host({"client": client, "headers": []}) == is_here
    assert asked(asgi.api(here.app), client)[0] == (200 if is_here else 401)


def test_local_scraper_needs_credentials_for_other_paths(served: Served) -> None:
    for path in ("/metrics/", "/metrics%2F", "//metrics", "/api/v1/whoami", "/openapi.json"):
        answer = requests.get(served.api + path, verify=str(served.ca), timeout=30)
        assert answer.status_code == 401, path


# --- values ----------------------------------------------------------------------------------
def test_logins_are_counted_by_outcome(served: Served) -> None:
    before = read(scrape(served).text)
    person = Person(served)
    person.login("alice", "wrong password of hers")
    person.login("alice")
    for _ in range(2):
        requests.get(
            served.api + "/api/v1/whoami", verify=str(served.ca), auth=("alice", "no"), timeout=30
        )
    after = read(scrape(served).text)
    person.close()

    def grown(name: str) -> float:
        return after[name] - before[name]

    assert grown('watchword_logins_total{outcome="success"}') == 1
    assert grown('watchword_logins_total{outcome="wrong_password"}') == 1
    assert grown('watchword_logins_total{outcome="wrong_code"}') == 0
    assert grown("watchword_api_credentials_refused_total") == 2
    assert grown('watchword_api_answers_total{status="4xx"}') == 2
    assert grown('watchword_api_answers_total{status="2xx"}') == 1
    assert grown("watchword_sessions") == 1


def test_expiry_of_the_certificate_and_start_time_are_exported(served: Served) -> None:
    found = read(scrape(served).text)
    command = ["openssl", "x509", "-in", str(served.data / "tls" / "server.crt"), "-noout",
               "-enddate", "-dateopt", "iso_8601"]  # fmt: skip
    reported = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    ends = datetime.fromisoformat(reported.partition("=")[2].replace(" ", "T"))
    assert found["watchword_certificate_not_after_timestamp_seconds"] == ends.timestamp()
    started = found["process_start_time_seconds"]
    assert 0 <= datetime.now(UTC).timestamp() - started < 600


def test_accounts_are_counted_by_status(acts: Acts) -> None:
    api = asgi.api(acts.app)
    acts.create("bob")
    acts.create("carol")
    acts.activate()
    acts.generate_api_password()
    found = figures(api)
    assert found['watchword_administrators{mfa="disabled"}'] == 2
    assert found['watchword_administrators{mfa="pending"}'] == 0
    assert found['watchword_administrators{mfa="active"}'] == 1
    assert found["watchword_api_passwords"] == 1
    assert found["watchword_administrators_disabled"] == 0
    assert found[f'watchword_database_up{{kind="{acts.here.database}"}}'] == 1
    assert found['watchword_audit_events_total{event="mfa.enable",interface="console"}'] == 1
    acts.press(Event.RESET)
    assert figures(api)['watchword_administrators{mfa="pending"}'] == 1


def test_expired_session_is_not_counted(acts: Acts) -> None:
    acts.login()
    api = asgi.api(acts.app)
    assert figures(api)["watchword_sessions"] == 1
    acts.here.clock.advance(acts.app.limits.idle)
    assert figures(api)["watchword_sessions"] == 0


def test_rolled_back_event_is_not_counted(acts: Acts) -> None:
    before = acts.app.tally.read()

    def fail_after_recording() -> None:
        with unit(acts.app, CLI) as u:
            u.record(AuditEvent.LOGOUT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_recording()
    assert acts.app.tally.read() == before
    with unit(acts.app, CLI) as u:
        u.record(AuditEvent.LOGOUT)
    assert acts.app.tally.read()[("auth.logout", "cli")] == 1


def test_waiting_hashes_are_counted(acts: Acts) -> None:
    queue = acts.app.queue
    slow = Derivation(Secret("x"), bytes(16), Parameters(memory=65536, passes=3, lanes=4))

    async def scenario() -> int:
        jobs = [asyncio.ensure_future(queue.derive(slow, Interface.API))
                for _ in range(queue.workers + 2)]  # fmt: skip
        await loops.until(lambda: queue.waiting == 2)
        waiting = queue.waiting
        await asyncio.gather(*jobs)
        return waiting

    assert loops.run(scenario()) == 2
    found = figures(asgi.api(acts.app))
    assert found["watchword_password_hashes_waiting"] == 0
    assert found["watchword_password_hash_workers"] == queue.workers
    limit = "watchword_password_hashes_waiting_limit"
    assert found[f'{limit}{{interface="console"}}'] > found[f'{limit}{{interface="api"}}'] > 0


def test_unavailable_database_is_reported_and_its_values_omitted(tmp_path: Path) -> None:
    with postgres.running() as server:
        template = installation.make_template(tmp_path / "template", server)
        opened = installation.open_copy(template, tmp_path / "data", server)
        api = asgi.api(opened.app)
        assert figures(api)['watchword_database_up{kind="postgresql"}'] == 1
        server.stop()
        away = figures(api)
        server.start()
        back = figures(api)
        opened.app.close()
    assert away['watchword_database_up{kind="postgresql"}'] == 0
    assert not [name for name in away if name.startswith("watchword_administrators")]
    assert back['watchword_database_up{kind="postgresql"}'] == 1


def test_metrics_contain_no_usernames_and_no_secrets(acts: Acts) -> None:
    acts.create("eve-with-a-name")
    acts.activate()
    password = acts.generate_api_password()
    acts.call_api(password)
    text = asked(asgi.api(acts.app))[1]
    for word in ("eve-with-a-name", "alice", password, password[4:8], "192.0.2."):
        assert word not in text


def test_reference_lists_each_metric(served: Served) -> None:
    page = (ROOT / "docs" / "reference" / "api.md").read_text()
    for name in {key.partition("{")[0] for key in read(scrape(served).text)}:
        assert f"`{name}`" in page


def test_labels_are_escaped() -> None:
    family = Family("x_total", "counter", "About.", [({"a": 'q"\\\n'}, 1)])
    assert list(family.lines())[-1] == 'x_total{a="q\\"\\\\\\n"} 1'
