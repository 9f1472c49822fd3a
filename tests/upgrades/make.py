"""Keeps what this version writes as a fixture, before the schema changes:

python -m tests.upgrades.make

The next version's tests then bring it up to date, on both databases.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from tests.support import postgres
from tests.support.acts import BY_CLI, Acts
from tests.support.clock import MovableClock
from tests.support.place import CHEAP, Place, settings_for
from watchword import bootstrap
from watchword.domain.mfa import Event
from watchword.storage.schema import REVISION
from watchword.usecases import others, others_credentials


def live(here: Place) -> dict[str, object]:
    """Let four administrators live there. Returns what the tests have to know of alice."""
    alice = Acts(here)
    principal = alice.activate()
    api_password = alice.generate_api_password(principal)
    here.clock.advance(timedelta(seconds=30))
    used_code = alice.code()
    alice.second_step(alice.attempt(), used_code)
    for name in ("bob", "carol:c", "dave"):
        alice.create(name)
    others_credentials.change_mfa(alice.app, BY_CLI, "carol:c", Event.ENABLE)
    others.disable(alice.app, BY_CLI, "dave")
    return {
        "api_password": api_password,
        "secret": alice.phone.hex(),
        "used_code": used_code,
        "recovery_codes": [code.reveal() for code in alice.recovery_codes],
        "now": here.clock.now().isoformat(),
    }


def keep(folder: Path, url: str = "") -> None:
    """Write the data folder, with what is to be known of it."""
    settings, clock = settings_for(folder, url), MovableClock()
    app = bootstrap.open(settings, clock=clock, hashing=CHEAP)
    known = live(Place("postgresql" if url else "sqlite", folder, settings, clock, app))
    app.close()
    (folder / "known.json").write_text(json.dumps(known, indent=1))


def main() -> None:
    """Write both fixtures of this version's schema."""
    here = Path(__file__).parent / REVISION
    shutil.rmtree(here, ignore_errors=True)
    keep(here / "sqlite")
    with closing(sqlite3.connect(here / "sqlite" / "watchword.db")) as database:
        database.execute("PRAGMA journal_mode=DELETE")
    with postgres.running() as server:
        url = server.url(server.new_database())
        keep(here / "postgresql", url)
        dump = [postgres.program("pg_dump"), "--no-owner", "--no-privileges", url]
        (here / "postgresql" / "dump.sql").write_bytes(subprocess.check_output(dump))


if __name__ == "__main__":
    main()
