"""A cache of compiled SQL statements, shared by all engines of a process and by its forks.

Each installation has its own engine, and SQLAlchemy caches the SQL of a statement for each
engine. An installation of a test sends about twenty statements: compiling them again takes longer
than sending them.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa


class _Kept(dict[Any, Any]):
    """A cache whose keys contain the kind of the dialect instead of the dialect itself.

    All engines of one kind are configured alike.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_of_the_kind(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(_of_the_kind(key), compiled)


def _of_the_kind(key: Any) -> Any:
    dialect, *rest = key
    return (type(dialect), *rest)


_KEPT: Final = _Kept()


@sa.event.listens_for(sa.Engine, "engine_connect")
def _share(connection: sa.Connection) -> None:
    connection.execution_options(compiled_cache=_KEPT)
