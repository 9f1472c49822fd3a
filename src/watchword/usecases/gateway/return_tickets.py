"""Return tickets: where a browser goes after the login at the console.

A ticket names an application, one of its hosts, and path and query there. It is sealed, so no
parameter contains a URL, and a link cannot lead anywhere else. It is bound to the browser by a nonce
in a cookie.
"""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Final

from msgspec import Struct

from watchword.crypto import tokens
from watchword.crypto.keyring import Place
from watchword.domain.application_errors import TicketOver
from watchword.domain.applications import Application
from watchword.domain.operational_errors import CannotDecrypt
from watchword.domain.original_request import OriginalRequest
from watchword.domain.secret import Secret
from watchword.storage import applications
from watchword.usecases.context import Watchword

PLACE: Final = Place("gateway", "return", "")
MOST_TARGET_BYTES: Final = 2048
LIFE: Final = timedelta(minutes=10)


class Ticket(Struct, frozen=True):
    """The application, host, path and query of a refused request, and its browser's nonce."""

    application: Application
    host: str
    target: str
    nonce_digest: str


def issue(app: Watchword, application: Application, request: OriginalRequest) -> tuple[str, Secret]:
    """Return a ticket for the address of a refused request, and the nonce of its browser. A target
    that is too long is replaced by its path, or by "/".
    """
    candidates = (request.target, request.path, "/")
    target = next(each for each in candidates if len(each.encode()) <= MOST_TARGET_BYTES)
    nonce = tokens.token()
    parts = [
        application.id,
        request.host,
        target,
        tokens.digest(nonce.reveal()),
        int(app.clock.now().timestamp()),
    ]
    sealed = app.keyring.seal(PLACE, json.dumps(parts, ensure_ascii=False).encode())
    return base64.urlsafe_b64encode(sealed).decode().rstrip("="), nonce


def read(app: Watchword, text: str) -> Ticket:
    """Return a ticket. Raises TicketOver when it is too old or not one of this server."""
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        id_, host, target, nonce_digest, issued = json.loads(app.keyring.open(PLACE, sealed))
    except (ValueError, CannotDecrypt):
        raise TicketOver from None
    age = app.clock.now().timestamp() - issued
    with app.database.reading() as connection:
        application = applications.get(connection, id_)
    if application is None or not -LIFE.total_seconds() < age < LIFE.total_seconds():
        raise TicketOver
    return Ticket(application, host, target, nonce_digest)
