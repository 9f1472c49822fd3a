"""What runs beside the listeners goes on, whatever happens to one round of it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509

from tests.support import loops
from tests.support.place import Place
from watchword.crypto import live_certificate
from watchword.crypto.certificates import Names
from watchword.crypto.live_certificate import LiveCertificate, Source
from watchword.domain.place_errors import PlaceUnusable
from watchword.server.serve import _upkeep

NAMES = Names(("localhost",), ("127.0.0.1",))


@pytest.mark.parametrize("error", [OSError("disk"), PlaceUnusable(what="tls", reason="full")])
def test_a_round_that_fails_is_not_the_last(
    here: Place, tmp_path: Path, error: Exception, caplog: pytest.LogCaptureFixture
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
    beside = _upkeep(here.app, LiveCertificate(source, now), every=0.001)

    async def until_reached() -> None:
        nonlocal loop
        loop = asyncio.get_running_loop()
        task = asyncio.ensure_future(beside())
        await asyncio.wait_for(reached.wait(), 30)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    loops.run(until_reached())
    assert len([r for r in caplog.records if r.name == "watchword.server"]) == 2
