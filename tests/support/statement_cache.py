"""What statements are compiled to is kept for all engines of a process, and for its forks.

Each installation has an engine of its own, and SQLAlchemy keeps the SQL of a statement for the
engine that sent it first. A test's installation lives for some twenty statements: to compile
them anew for each test takes longer than to send them.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa


class _Kept(dict[Any, Any]):
    """SQLAlchemy's keys begin with the engine's dialect; here its kind is enough, as engines of
    one kind are all set up alike.
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
