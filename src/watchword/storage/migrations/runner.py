"""The configuration of Alembic, and upgrades on a connection that the caller has locked."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "watchword.storage:migrations")
    return config


def known_revisions() -> set[str]:
    """Return every revision that this version contains a migration to."""
    scripts = ScriptDirectory.from_config(_config())
    return {script.revision for script in scripts.walk_revisions()}


def run(connection: Connection) -> None:
    """Run the missing migrations in the caller's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
