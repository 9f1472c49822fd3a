"""Return tickets: where a browser goes after the login at the console.

A ticket names an application, one of its hosts, and path and query there. It is sealed, so no
parameter contains a URL, and a link cannot lead anywhere else. It is bound to the browser by a nonce
in a cookie.
"""

from __future__ import annotations

import base64
import json
from typing import Final

from watchword.crypto import tokens
from watchword.crypto.keyring import Place
from watchword.domain.applications import Application
from watchword.domain.original_request import OriginalRequest
from watchword.domain.secret import Secret
from watchword.usecases.context import Watchword

PLACE: Final = Place("gateway", "return", "")
MOST_TARGET_BYTES: Final = 2048


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
    sealed = app.keyring.seal(PLACE, json.dumps(parts).encode())
    return base64.urlsafe_b64encode(sealed).decode().rstrip("="), nonce
