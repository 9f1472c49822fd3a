"""GET /metrics: metrics in Prometheus' text format, version 0.0.4.

Counters start with the process, as Prometheus expects. Stored values are counted at each scrape.
While the database does not answer, `watchword_database_up` is 0 and the stored values are omitted,
because a zero would be wrong. Labels contain no usernames and no secrets.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from watchword import __version__
from watchword.domain.audit import AuditEvent, Interface
from watchword.domain.operational_errors import DatabaseUnavailable
from watchword.i18n import N_, _
from watchword.usecases.operations import metrics
from watchword.usecases.unit_of_work import SERVER
from watchword.web.api.operations import Api, Group, Success
from watchword.web.http.worker_threads import api as in_thread

PATH: Final = "/metrics"
MEDIA_TYPE: Final = "text/plain; version=0.0.4"
_LOGINS: Final[Mapping[AuditEvent, str]] = MappingProxyType(
    {
        AuditEvent.LOGIN: "success",
        AuditEvent.PASSWORD_FAIL: "wrong_password",
        AuditEvent.MFA_FAIL: "wrong_code",
        AuditEvent.MFA_REPLAY: "used_code",
        AuditEvent.RECOVERY_FAILED: "wrong_recovery_code",
    }
)
group = Group(N_("Server"))
Sample = tuple[Mapping[str, str], float]


class Family(Struct, frozen=True):
    """A metric with its samples."""

    name: str
    kind: str
    about: str
    samples: Iterable[Sample]

    def lines(self) -> Iterator[str]:
        """Yield its lines in the text format."""
        yield f"# HELP {self.name} {self.about}"
        yield f"# TYPE {self.name} {self.kind}"
        for labels, value in self.samples:
            pairs = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
            number = int(value) if value == int(value) else value
            yield f"{self.name}{{{pairs}}} {number}" if pairs else f"{self.name} {number}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


@group.operation(
    "GET", PATH,
    summary=N_("Metrics for Prometheus"),
    about=N_("Needs no credentials for requests from the server's own machine without headers of a "
             "proxy (X-Forwarded-..., Forwarded, X-Real-IP, Via)."),
    is_open_to_loopback=True,
    answers=(Success(200, N_("Metrics in Prometheus' text format."), str, media_type="text/plain"),),
)  # fmt: skip
async def get_metrics(api: Api, _request: Request) -> Response:
    """Return all metrics."""
    families = [*_process(api), *_counters(api), *_queue(api), *await _stored(api)]
    text = "\n".join(line for family in families for line in family.lines())
    return Response(text + "\n", media_type=MEDIA_TYPE)


def _process(api: Api) -> Iterator[Family]:
    build = {"version": __version__, "python": platform.python_version()}
    yield Family("watchword_build_info", "gauge", _("Always 1; the labels contain the version."),
                 [(build, 1)])  # fmt: skip
    yield Family("process_start_time_seconds", "gauge", _("Unix time at which the server started."),
                 [({}, api.started_at.timestamp())])  # fmt: skip
    if api.certificate_expires_at is not None:
        yield Family("watchword_certificate_not_after_timestamp_seconds", "gauge",
                     _("Unix time at which the current certificate expires."),
                     [({}, api.certificate_expires_at().timestamp())])  # fmt: skip


def _counters(api: Api) -> Iterator[Family]:
    events = api.app.tally.read()
    yield Family("watchword_api_answers_total", "counter",
                 _("Answers of the Management API by class of status."),
                 [({"status": c}, api.answers.total(c)) for c in api.answers])  # fmt: skip
    yield Family(
        "watchword_logins_total",
        "counter",
        _("Login steps at the Management Console by outcome."),
        [
            ({"outcome": outcome}, events.get((event.value, Interface.CONSOLE.value), 0))
            for event, outcome in _LOGINS.items()
        ],
    )
    refused = events.get((AuditEvent.API_AUTH_FAIL.value, Interface.API.value), 0)
    yield Family("watchword_api_credentials_refused_total", "counter",
                 _("Wrong credentials at the Management API."), [({}, refused)])  # fmt: skip
    yield Family("watchword_audit_events_total", "counter",
                 _("Audit events since the server's start, by event and interface."),
                 [({"event": e, "interface": d}, n) for (e, d), n in sorted(events.items())])  # fmt: skip


def _queue(api: Api) -> Iterator[Family]:
    queue, workers = api.app.queue, api.app.settings.workers
    yield Family("watchword_password_hashes_waiting", "gauge",
                 _("Password hashes that wait."), [({}, api.app.hashes_waiting())])  # fmt: skip
    yield Family("watchword_password_hashes_waiting_limit", "gauge",
                 _("Password hashes of an interface that may wait before further requests are refused."),
                 [({"interface": d.value}, queue.places(d) * workers) for d in (Interface.CONSOLE, Interface.API)])  # fmt: skip
    yield Family("watchword_password_hash_workers", "gauge",
                 _("Password hashes that can run in parallel."), [({}, queue.workers * workers)])  # fmt: skip


async def _stored(api: Api) -> list[Family]:
    kind = {"kind": api.app.database.name}
    about = _("1 if the database answered this scrape, else 0.")
    try:
        found = await in_thread(metrics.count, api.app, SERVER)
    except DatabaseUnavailable:
        return [Family("watchword_database_up", "gauge", about, [(kind, 0)])]
    by_status = [({"mfa": s.value}, n) for s, n in found.by_mfa_status.items()]
    members = [({"mfa": s.value}, n) for s, n in found.members_by_mfa_status.items()]
    return [
        Family("watchword_database_up", "gauge", about, [(kind, 1)]),
        Family("watchword_administrators", "gauge", _("Accounts by MFA status."), by_status),
        Family("watchword_administrators_disabled", "gauge", _("Disabled accounts."),
               [({}, found.disabled)]),
        Family("watchword_members", "gauge", _("Members by MFA status."), members),
        Family("watchword_members_disabled", "gauge", _("Disabled members."),
               [({}, found.disabled_members)]),
        Family("watchword_sessions", "gauge", _("Valid console sessions."),
               [({}, found.sessions)]),
        Family("watchword_api_passwords", "gauge", _("Accounts with an API password."),
               [({}, found.api_passwords)]),
        Family("watchword_audit_chain_broken", "gauge",
               _("1 after a change of the audit log was detected, until the finding is resolved."),
               [({}, int(found.is_chain_broken))]),
    ]  # fmt: skip
