"""Saves a database of this schema revision as a fixture for the tests of upgrades.

    .venv/bin/python tools/upgrade_fixture.py

Run it once for each schema revision, before you change the schema. It writes
tests/upgrades/REVISION and refuses to overwrite it. tests/upgrades/test_upgrades.py upgrades each
fixture with the current code, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support import postgres
from tests.support.acts import BY_CLI, Acts
from tests.support.installation import make_template, open_copy
from tests.support.postgres import PostgresServer
from watchword.domain.mfa import Event
from watchword.storage.schema import REVISION
from watchword.usecases.administrators import other_accounts

TARGET = Path(__file__).parents[1] / "tests" / "upgrades" / REVISION


def fill(folder: Path, server: PostgresServer | None) -> tuple[dict[str, Any], str]:
    """Fill a database with typical data. Returns the secrets for the test, and the database URL."""
    template = make_template(folder / "template", server)
    here = open_copy(template, folder / "data", server)
    alice = Acts(here)
    principal = alice.activate()
    known: dict[str, Any] = {"api_password": alice.generate_api_password(principal)}
    here.clock.next_step()
    used = alice.code()
    alice.second_step(alice.attempt(), used)
    bob, carol = Acts(here, "bob"), Acts(here, "carol:c")
    carol.press(Event.ENABLE)
    bob.create("dave")
    other_accounts.disable(here.app, BY_CLI, "dave")
    known |= {
        "secret": alice.phone.hex(),
        "used_code": used,
        "recovery_codes": [code.reveal() for code in alice.recovery_codes],
        "now": here.clock.now().isoformat(),
    }
    here.app.close()
    return known, here.settings.database_url


def main() -> None:
    TARGET.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder, postgres.running() as server:
        known, _ = fill(Path(folder) / "sqlite", None)
        data = Path(folder) / "sqlite" / "data"
        shutil.copytree(data, TARGET / "sqlite", ignore=shutil.ignore_patterns("*-wal", "*-shm"))
        (TARGET / "sqlite" / "known.json").write_text(json.dumps(known, indent=1))
        known, url = fill(Path(folder) / "postgresql", server)
        shutil.copytree(Path(folder) / "postgresql" / "data", TARGET / "postgresql")
        (TARGET / "postgresql" / "known.json").write_text(json.dumps(known, indent=1))
        dumped = subprocess.run(
            [postgres.program("pg_dump"), "--no-owner", "--inserts", url],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        # Older versions of psql reject the backslash commands of newer ones.
        lines = [line for line in dumped.stdout.splitlines(True) if not line.startswith("\\")]
        (TARGET / "postgresql" / "dump.sql").write_text("".join(lines))


if __name__ == "__main__":
    main()
