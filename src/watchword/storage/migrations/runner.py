"""Runs Alembic on a connection that the caller has opened and locked."""

from __future__ import annotations

from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

_SCRIPTS = ScriptDirectory(str(Path(__file__).parent))


def known_revisions() -> set[str]:
    """Return every revision this version can start from or has reached."""
    return {script.revision for script in _SCRIPTS.walk_revisions()}


def run(connection: Connection, to: str = "head") -> None:
    """Run the missing migrations, in the caller's transaction."""

    def steps(revision: object, _context: MigrationContext) -> list[object]:
        return list(_SCRIPTS._upgrade_revs(to, revision))  # type: ignore[arg-type]

    context = MigrationContext.configure(
        connection,
        opts={"fn": steps, "render_as_batch": connection.dialect.name == "sqlite",
              "transactional_ddl": True},
    )  # fmt: skip
    with Operations.context(context):
        context.run_migrations()
