"""A database that an earlier version has written is brought up to date, and nothing is lost."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support import postgres
from tests.support.acts import Acts
from tests.support.clock import MovableClock
from tests.support.place import CHEAP, Place, settings_for
from tests.support.postgres import PostgresServer
from watchword import bootstrap
from watchword.domain.audit import Door
from watchword.domain.errors import CodeWrong, LoginFailed
from watchword.domain.mfa import Status
from watchword.storage import migrate
from watchword.storage.listings import AuditFilter
from watchword.storage.schema import REVISION
from watchword.usecases import accounts, audit_log, others, recovery_codes
from watchword.usecases.context import Watchword
from watchword.usecases.sessions import LoggedIn

FIXTURES = sorted(p for p in Path(__file__).parent.iterdir() if (p / "sqlite").is_dir())


class Old(Acts):
    """Alice, in the installation that she has had before."""

    def __post_init__(self) -> None:
        """She is there already."""


@pytest.fixture(params=[(f, d) for f in FIXTURES for d in ("sqlite", "postgresql")],
                ids=lambda p: f"{p[0].name}-{p[1]}")  # fmt: skip
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Place, dict[str, Any]]]:
    """A copy of the fixture, opened by today's code, some seconds later."""
    fixture, database = request.param
    folder = tmp_path / "data"
    shutil.copytree(fixture / database, folder)
    url = ""
    if database == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.url(server.new_database())
        script = ["-v", "ON_ERROR_STOP=1", "-f", str(folder / "dump.sql")]
        subprocess.run([postgres.program("psql"), "-q", *script, url], check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
    known = {"schema": fixture.name, **json.loads((folder / "known.json").read_text())}
    clock = MovableClock(datetime.fromisoformat(known["now"]) + timedelta(seconds=2))
    settings = settings_for(folder, url)
    app = bootstrap.open(settings, clock=clock, hashing=CHEAP)
    yield Place(database, folder, settings, clock, app), known
    app.close()


def test_an_old_database_is_brought_up_to_date(kept: tuple[Place, dict[str, Any]]) -> None:
    here, known = kept
    assert migrate.stored_revision(here.app.database) == REVISION
    alice = Old(here, phone=bytes.fromhex(known["secret"]))
    assert alice.status is Status.ACTIVE
    with pytest.raises(CodeWrong):
        alice.second_step(alice.attempt(), known["used_code"])
    here.clock.next_step()
    alice.second_step(alice.attempt())
    alice.by_recovery_code(alice.attempt(), known["recovery_codes"][0])
    assert recovery_codes.state(here.app, alice.account)[0] == 8  # the used one is replaced
    assert alice.call_api(known["api_password"]).account.username == "alice"
    bob = Old(here, "bob")
    assert isinstance(bob.password(), LoggedIn)
    assert Old(here, "carol:c").status is Status.PENDING
    with pytest.raises(LoginFailed):
        bob.password(username="dave")


def upgrades(app: Watchword) -> list[Mapping[str, Any]]:
    """The facts of every upgrade that the audit log tells of."""
    found = audit_log.page(app, AuditFilter(event="system.upgraded"), 500)
    assert all(e.door == Door.SYSTEM.value for e in found)
    return [e.facts for e in found]


def test_an_upgrade_is_in_the_audit_log_once(kept: tuple[Place, dict[str, Any]]) -> None:
    here, known = kept
    bootstrap.open(here.settings, clock=here.clock, hashing=CHEAP).close()
    assert upgrades(here.app) == [{"old": known["schema"], "new": REVISION}]


def test_a_new_database_was_never_upgraded(tmp_path: Path) -> None:
    app = bootstrap.open(settings_for(tmp_path / "new"), hashing=CHEAP)
    assert upgrades(app) == []
    app.close()


def test_what_is_listed_is_complete(kept: tuple[Place, dict[str, Any]]) -> None:
    here, _known = kept
    everyone = [a.username for a in accounts.everyone(here.app)]
    assert everyone == ["alice", "bob", "carol:c", "dave"]
    assert [r.account.username for r in others.page(here.app, search="carol:")] == ["carol:c"]
    assert [r.account.username for r in others.page(here.app)] == everyone
    events = audit_log.page(here.app, AuditFilter(account="alice"), 500)
    assert {"administrator.created", "mfa.enable", "mfa.enrol.confirmed", "auth.login"} <= {
        e.event for e in events
    }


def test_the_chain_of_the_audit_log_holds(kept: tuple[Place, dict[str, Any]]) -> None:
    """What stood in it before there was a chain, or a node, is read as it was written."""
    here, known = kept
    found = audit_log.verify(here.app)
    assert (found.first_id > 1) is (known["schema"] == "0001")
    assert found.count == found.last_id - found.first_id + 1
    here.clock.advance(timedelta(days=402))
    # Some events are left that were there before the chain; then none.
    for _ in range(2):
        count = audit_log.prune(here.app, most=found.last_id - 4)
        assert count
        assert audit_log.verify(here.app).last_id > found.last_id


def test_what_an_earlier_version_wrote_has_no_node(kept: tuple[Place, dict[str, Any]]) -> None:
    here, _known = kept
    newest, *before = audit_log.page(here.app, AuditFilter(), 500)
    assert newest.event == "system.upgraded"
    assert newest.node
    assert {e.node for e in before} == {""}
