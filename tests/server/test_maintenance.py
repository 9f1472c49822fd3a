"""Periodic maintenance of the server continues after a failed round."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from tests.support import loops
from tests.support.acts import Acts
from tests.support.installation import Installation
from watchword.crypto import live_certificate
from watchword.crypto.certificates import Names
from watchword.crypto.live_certificate import LiveCertificate, Source
from watchword.domain.audit import AuditEvent
from watchword.domain.operational_errors import PlaceUnusable
from watchword.server.serve import _maintenance

NAMES = Names(("localhost",), ("127.0.0.1",))


@pytest.mark.parametrize("error", [OSError("disk"), PlaceUnusable(what="tls", reason="full")])
def test_rounds_continue_after_a_failed_one(
    here: Installation, tmp_path: Path, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    now = here.clock.now()
    live_certificate.local(tmp_path, NAMES, NAMES.dns, now)
    first = x509.load_pem_x509_certificate((tmp_path / "server.crt").read_bytes())
    rounds: list[datetime] = []
    reached = asyncio.Event()
    loop: asyncio.AbstractEventLoop | None = None

    def prepare(at: datetime) -> x509.Certificate:
        rounds.append(at)
        if len(rounds) in {2, 3}:
            raise error
        if len(rounds) > 3 and loop is not None:
            loop.call_soon_threadsafe(reached.set)
        return first

    source = Source(tmp_path / "server.crt", tmp_path / "server.key", None, prepare)
    rounds_of = _maintenance(here.app, LiveCertificate(source, now), every=0.001)

    async def until_reached() -> None:
        nonlocal loop
        loop = asyncio.get_running_loop()
        task = asyncio.ensure_future(rounds_of())
        await asyncio.wait_for(reached.wait(), 30)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    loops.run(until_reached())
    assert len([r for r in caplog.records if r.name == "watchword.server"]) == 2


def test_old_events_are_deleted_while_the_server_runs(acts: Acts) -> None:
    acts.here.clock.advance(timedelta(days=500))

    async def until_pruned() -> None:
        task = asyncio.ensure_future(_maintenance(acts.app, None, every=0.001)())
        while not acts.times(AuditEvent.AUDIT_PRUNED):  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    loops.run(asyncio.wait_for(until_pruned(), 30))
    assert acts.times(AuditEvent.ADMINISTRATOR_CREATED) == 0


def test_an_audit_log_changed_from_outside_is_logged_as_an_error(
    acts: Acts, caplog: pytest.LogCaptureFixture
) -> None:
    acts.login()
    with acts.app.database.writing() as connection:
        connection.exec_driver_sql("UPDATE audit_events SET address = '192.0.2.66' WHERE id = 1")

    async def until_found() -> None:
        task = asyncio.ensure_future(_maintenance(acts.app, None, every=0.001)())
        while not caplog.records:  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    loops.run(asyncio.wait_for(until_found(), 30))
    assert [(r.levelname, r.args) for r in caplog.records] == [("ERROR", (1,))]
