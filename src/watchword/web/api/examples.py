"""One example of each struct that comes in or goes out, for the documents.

They are structs themselves, so an example that does not fit any more is told by the type checker.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from watchword.domain.mfa import Status
from watchword.usecases.api.authentication import Credential
from watchword.web.api import schemas as s
from watchword.web.api.rpc.invoke import (
    ArgumentOut,
    FunctionOut,
    InvokeAnswer,
    InvokeArguments,
    TaskArguments,
)
from watchword.web.api.whoami import MfaState, Whoami

_AT: Final = "2026-11-24T09:30:00.000Z"
_MFA: Final = s.MfaOut(enabled=True, status=Status.PENDING, pending_since=_AT, activated_at=None)
_BOB: Final = s.AdministratorOut(
    username="bob",
    full_name="Bob Example",
    email="bob@example.org",
    enabled=True,
    mfa=s.MfaOut(enabled=False, status=Status.DISABLED, pending_since=None, activated_at=None),
    created_at=_AT,
    last_login_at=None,
)
_SESSION: Final = s.SessionOut("Mozilla/5.0 ...", "192.0.2.7", _AT, _AT)
_EVENT: Final = s.AuditOut(
    id=42,
    at=_AT,
    event="mfa.reset",
    outcome="done",
    interface="console",
    actor="alice",
    subject="bob",
    address="192.0.2.7",
    user_agent="Mozilla/5.0 ...",
    request_id="3lGZcQ",
    session="9f86d081",
    facts={},
    node="host1",
    actor_id=1,
    subject_id=2,
)
_FUNCTION: Final = FunctionOut("DeleteSystemAdministrator", [ArgumentOut("userName", "string")])
_ALL: Final = (
    Whoami("alice", "", MfaState(enabled=True, status=Status.ACTIVE), Credential.API_PASSWORD),
    s.NewAdministrator("bob", "otter pencil gravel monsoon", "Bob Example", "bob@example.org"),
    s.AdministratorChange(full_name="Bob B. Example"),
    s.NewPassword("another otter with pencils"),
    s.MfaChange(keep_api_password=True),
    _MFA,
    _BOB,
    s.AdministratorChangedOut(**msgspec.structs.asdict(_BOB), enrolment_code=None),
    s.AdministratorList([_BOB], None),
    s.SessionList([_SESSION], None),
    s.AuditList([_EVENT], "42"),
    s.ServerOut(version="0.1.0", node="host1", uptime=86400, database="sqlite"),
    s.HealthOut("ready"),
    InvokeArguments(config='{"userName":"bob","fullName":"Bob Example"}'),
    TaskArguments("abc"),
    InvokeAnswer(None, None, 1, "succeeded", 100, "Done.", None, ""),
)
EXAMPLES: Final[Mapping[type, Any]] = MappingProxyType(
    {type(example): msgspec.to_builtins(example) for example in _ALL}
    | {list[FunctionOut]: msgspec.to_builtins([_FUNCTION])}
)
