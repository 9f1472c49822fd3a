"""A change of the audit log in the database, past the server."""

from __future__ import annotations

from contextlib import closing

from tests.support.installation import settings_for
from tests.support.served import Served
from watchword import bootstrap
from watchword.usecases.audit.chain_watch import ChainWatch


def change_the_log(served: Served) -> int | None:
    """Change the first event, and follow the chain as the server does once a minute. Returns the
    number of the event when that is a new finding.
    """
    with closing(bootstrap.open(settings_for(served.data))) as app:
        with app.database.writing() as connection:
            connection.exec_driver_sql("UPDATE audit_events SET address = 'x' WHERE id = 1")
        return ChainWatch(app).step()
