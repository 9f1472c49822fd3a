"""Reading the audit log: pages, and exports whose reading is itself an event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from watchword.domain.audit import Actor, AuditEvent
from watchword.storage.listings import AuditFilter, AuditRow, audit_page
from watchword.usecases.context import Watchword
from watchword.usecases.unit import unit

EXPORT_PAGE = 1000


def page(app: Watchword, wanted: AuditFilter, limit: int) -> list[AuditRow]:
    """Return events, newest first."""
    with app.database.reading() as connection:
        return audit_page(connection, wanted, limit)


def export(app: Watchword, actor: Actor, wanted: AuditFilter) -> Iterator[AuditRow]:
    """Yield every wanted event, newest first; that it was exported is recorded first."""
    with unit(app, actor) as u:
        u.record(AuditEvent.AUDIT_EXPORTED)
    while rows := page(app, wanted, EXPORT_PAGE):
        yield from rows
        wanted = replace(wanted, before_id=rows[-1].id)
