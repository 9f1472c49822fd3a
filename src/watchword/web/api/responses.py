"""JSON answers."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response


def json_response(value: Any, status: int = 200, **headers: str) -> Response:
    """Return a struct as JSON."""
    return Response(
        msgspec.json.encode(value), status, media_type="application/json", headers=headers
    )
