"""All operations of the Management API, in the order of its documents."""

from __future__ import annotations

from typing import Final

from watchword.web.api.endpoints import (
    administrators,
    application_setup,
    applications,
    audit_events,
    credentials,
    description,
    health,
    members,
    metrics,
    server,
    whoami,
)
from watchword.web.api.operations import Group, Operation
from watchword.web.api.rpc import invoke

GROUPS: Final[tuple[Group, ...]] = (
    whoami.group,
    administrators.group,
    credentials.group,
    applications.group,
    application_setup.group,
    members.group,
    audit_events.group,
    server.group,
    health.group,
    metrics.group,
    description.group,
    invoke.group,
)
TABLE: Final[tuple[Operation, ...]] = tuple(
    operation for group in GROUPS for operation in group.operations
)
