"""The endpoints of one installation, as the table's rows reach them."""

from __future__ import annotations

from dataclasses import dataclass

from watchword.web.api.administrators import Administrators
from watchword.web.api.audit_and_server import Operation
from watchword.web.api.description import Description
from watchword.web.api.metrics import Metrics
from watchword.web.api.routes import ApiRoute, Endpoint
from watchword.web.api.rpc.invoke import Invoke


@dataclass(frozen=True)
class Endpoints:
    """One object for each room of endpoints."""

    administrators: Administrators
    operation: Operation
    invoke: Invoke
    metrics: Metrics
    description: Description
    ready: Endpoint


Row = ApiRoute[Endpoints]
