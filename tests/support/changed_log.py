"""A change of the audit log in the database, made without the server."""

from __future__ import annotations

from contextlib import closing

from tests.support.installation import settings_for
from tests.support.served import Served
from watchword import bootstrap
from watchword.usecases.audit.chain_watch import ChainWatch


def change_the_log(served: Served) -> int | None:
    """Change the first event and check the chain, as the server does once a minute.

    Returns the id of the event if that is a new finding.
    """
    with closing(bootstrap.open(settings_for(served.data))) as app:
        with app.database.writing() as connection:
            connection.exec_driver_sql("UPDATE audit_events SET address = 'x' WHERE id = 1")
        return ChainWatch(app).step()
