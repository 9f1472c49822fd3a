"""GET /metrics: figures in Prometheus' text format, version 0.0.4.

Counters are of this process since it started, as Prometheus expects; what is stored is counted
at each scrape. When the database does not answer, that is told and its figures are left out: a
zero would be a lie. No name of a person and no secret is among the labels.
"""

from __future__ import annotations

import ipaddress
import platform
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchword import __version__
from watchword.domain.audit import AuditEvent, Interface
from watchword.domain.forwarded import is_forwarding
from watchword.domain.operational_errors import DatabaseUnavailable
from watchword.i18n import _
from watchword.usecases.context import Watchword
from watchword.usecases.operations import metrics
from watchword.usecases.unit_of_work import NOBODY
from watchword.web.http.worker_threads import scripts as hop

PATH: Final = "/metrics"
MEDIA_TYPE: Final = "text/plain; version=0.0.4"
_CLASSES: Final = ("2xx", "3xx", "4xx", "5xx")
_LOGINS: Final[Mapping[AuditEvent, str]] = MappingProxyType(
    {
        AuditEvent.LOGIN: "success",
        AuditEvent.PASSWORD_FAIL: "wrong_password",
        AuditEvent.MFA_FAIL: "wrong_code",
        AuditEvent.MFA_REPLAY: "used_code",
        AuditEvent.RECOVERY_FAILED: "wrong_recovery_code",
    }
)
Sample = tuple[Mapping[str, str], float]


def is_from_this_host(scope: Scope) -> bool:
    """Return whether the peer is this machine, and no proxy on it: those say so in headers."""
    client = scope.get("client")
    try:
        address = ipaddress.ip_address(client[0] if client else "")
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    names = {name.decode("latin-1").lower() for name, _value in scope["headers"]}
    is_forwarded = "via" in names or is_forwarding(names)
    return (mapped or address).is_loopback and not is_forwarded


class Answers:
    """ASGI: counts the API's answers by the class of their status."""

    def __init__(self, app: ASGIApp, counts: Counter[str]) -> None:
        self._app = app
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._counts[f"{message['status'] // 100}xx"] += 1
            await send(message)

        await self._app(scope, receive, counted)


@dataclass(frozen=True)
class Family:
    """One metric: its samples, and what they mean."""

    name: str
    kind: str
    about: str
    samples: Iterable[Sample]

    def lines(self) -> Iterator[str]:
        """Return it as it is exposed."""
        yield f"# HELP {self.name} {self.about}"
        yield f"# TYPE {self.name} {self.kind}"
        for labels, value in self.samples:
            pairs = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
            number = int(value) if value == int(value) else value
            yield f"{self.name}{{{pairs}}} {number}" if pairs else f"{self.name} {number}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


class Metrics:
    """The endpoint, for one installation. `not_after` tells when the certificate runs out."""

    def __init__(self, app: Watchword, not_after: Callable[[], datetime] | None = None) -> None:
        self._app = app
        self._not_after = not_after
        self._started_at = app.clock.now()
        self.answers: Counter[str] = Counter()

    async def show(self, _request: Request) -> Response:
        """Answer with every figure."""
        families = [*self._process(), *self._counters(), *self._queue(), *await self._stored()]
        text = "\n".join(line for family in families for line in family.lines())
        return Response(text + "\n", media_type=MEDIA_TYPE)

    def _process(self) -> Iterator[Family]:
        build = {"version": __version__, "python": platform.python_version()}
        yield Family("watchword_build_info", "gauge", _("Always 1; the labels tell the version."),
                     [(build, 1)])  # fmt: skip
        yield Family("process_start_time_seconds", "gauge", _("Unix time at which the server started."),
                     [({}, self._started_at.timestamp())])  # fmt: skip
        if self._not_after is not None:
            yield Family("watchword_certificate_not_after_timestamp_seconds", "gauge",
                         _("Unix time at which the certificate that is shown now runs out."),
                         [({}, self._not_after().timestamp())])  # fmt: skip

    def _counters(self) -> Iterator[Family]:
        events = self._app.tally.read()
        yield Family("watchword_api_answers_total", "counter",
                     _("Answers of the Management API by class of status."),
                     [({"status": c}, self.answers[c]) for c in _CLASSES])  # fmt: skip
        yield Family(
            "watchword_logins_total",
            "counter",
            _("Logins at the Management Console, by how a step of them ended."),
            [
                ({"outcome": outcome}, events.get((event.value, Interface.CONSOLE.value), 0))
                for event, outcome in _LOGINS.items()
            ],
        )
        refused = events.get((AuditEvent.API_AUTH_FAIL.value, Interface.API.value), 0)
        yield Family("watchword_api_credentials_refused_total", "counter",
                     _("Wrong credentials at the Management API."), [({}, refused)])  # fmt: skip
        yield Family("watchword_audit_events_total", "counter",
                     _("Audit events that this process wrote, by event and interface."),
                     [({"event": e, "interface": d}, n) for (e, d), n in sorted(events.items())])  # fmt: skip

    def _queue(self) -> Iterator[Family]:
        queue = self._app.queue
        yield Family("watchword_password_hashes_waiting", "gauge",
                     _("Password hashes that wait for their turn."), [({}, queue.waiting)])  # fmt: skip
        yield Family("watchword_password_hashes_waiting_limit", "gauge",
                     _("How many may wait before the next one of that interface is told to come again."),
                     [({"interface": d.value}, queue.places(d)) for d in (Interface.CONSOLE, Interface.API)])  # fmt: skip
        yield Family("watchword_password_hash_workers", "gauge",
                     _("How many password hashes run at once."), [({}, queue.workers)])  # fmt: skip

    async def _stored(self) -> list[Family]:
        kind = {"kind": self._app.database.name}
        about = _("Whether the database answered this scrape.")
        try:
            found = await hop(metrics.count, self._app, NOBODY)
        except DatabaseUnavailable:
            return [Family("watchword_database_up", "gauge", about, [(kind, 0)])]
        by_status = [({"mfa": s.value}, n) for s, n in found.by_mfa_status.items()]
        return [
            Family("watchword_database_up", "gauge", about, [(kind, 1)]),
            Family("watchword_administrators", "gauge", _("Accounts by MFA status."), by_status),
            Family("watchword_administrators_disabled", "gauge", _("Accounts that are disabled."),
                   [({}, found.disabled)]),
            Family("watchword_sessions", "gauge", _("Console sessions that stand."),
                   [({}, found.sessions)]),
            Family("watchword_api_passwords", "gauge", _("Accounts that have an API password."),
                   [({}, found.api_passwords)]),
            Family("watchword_audit_chain_broken", "gauge",
                   _("1 from the moment the audit log is found to be changed until it is resolved."),
                   [({}, int(found.is_chain_broken))]),
        ]  # fmt: skip
