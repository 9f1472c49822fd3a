"""Times of pages and logins with ten thousand accounts and a million audit events.

It measures only the share of the database: the use-cases run in this process, without HTTP and
with cheap hashes. BENCH_ACCOUNTS and BENCH_EVENTS reduce the size.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from tests.support import many_rows, postgres
from tests.support.acts import CLI, Acts
from tests.support.clock import MovableClock
from tests.support.installation import CHEAP, Installation, settings_for
from watchword import bootstrap
from watchword.domain.audit_categories import events_of
from watchword.storage.audit_query import AuditFilter
from watchword.usecases.administrators import other_accounts
from watchword.usecases.audit import audit_log
from watchword.usecases.operations import metrics
from watchword.usecases.sessions import sessions
from watchword.usecases.sessions.sessions import LoggedIn

ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", "10000"))
EVENTS = int(os.environ.get("BENCH_EVENTS", "1000000"))
ROUNDS, SLOW_SECONDS = 60, 3.0


@contextmanager
def _postgres() -> Iterator[str]:
    with postgres.running() as server:
        yield server.url(server.new_database())


def _measured(act: Callable[[], object]) -> tuple[float, float]:
    """Return p50 and p95 in milliseconds; a slow operation gets fewer rounds."""
    times: list[float] = []
    end = time.perf_counter() + SLOW_SECONDS
    while len(times) < ROUNDS and (len(times) < 3 or time.perf_counter() < end):
        start = time.perf_counter()
        act()
        times.append((time.perf_counter() - start) * 1000)
    ordered = sorted(times)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def _lists(acts: Acts) -> dict[str, Callable[[], object]]:
    app = acts.app
    middle = many_rows.name(ACCOUNTS // 2)
    place = other_accounts.page(app, CLI, search=middle)[0].place
    return {
        "administrators, first page": lambda: other_accounts.page(app, CLI),
        "administrators, page in the middle": lambda: other_accounts.page(app, CLI, after=place),
        "administrators, search, one found": lambda: other_accounts.page(app, CLI, search=middle),
        "administrators, search, none found": lambda: other_accounts.page(
            app, CLI, search="no such name"
        ),
    }


def _audit(acts: Acts) -> dict[str, Callable[[], object]]:
    now, account = acts.here.clock.now(), many_rows.name(ACCOUNTS // 2)
    long_ago = now - timedelta(seconds=EVENTS // 2)
    changes = frozenset(e.value for e in events_of(None, changes_only=True))
    window = AuditFilter(since=long_ago, until=long_ago + timedelta(hours=1))
    wanted = {
        "all": AuditFilter(),
        "account": AuditFilter(account=account),
        "account, none": AuditFilter(account="no-such-name"),
        "event": AuditFilter(event="mfa.reset"),
        "event, none": AuditFilter(event="no.such.event"),
        "interface": AuditFilter(interface="cli"),
        "changes only": AuditFilter(events=changes),
        "address": AuditFilter(address="192.0.2.1"),
        "time window": window,
        "time window and event": replace(window, event="mfa.reset"),
        "account and event": AuditFilter(account=account, event="mfa.reset"),
        "account and time window": replace(window, account=account),
        "event and interface, none": AuditFilter(event="mfa.reset", interface="no interface"),
        "all, deep page": AuditFilter(before_id=EVENTS // 10),
        "account, deep page": AuditFilter(account=account, before_id=EVENTS // 10),
        "event, deep page": AuditFilter(event="mfa.reset", before_id=EVENTS // 10),
    }
    return {
        f"audit, {name}": (lambda each=each: audit_log.page(acts.app, CLI, each, 51))  # type: ignore[misc]
        for name, each in wanted.items()
    }


def _visits(acts: Acts) -> dict[str, Callable[[], object]]:
    logged_in = acts.password()
    assert isinstance(logged_in, LoggedIn)
    token = logged_in.session_token.reveal()
    password = acts.generate_api_password(sessions.find(acts.app, token))
    return {
        "whoami, API password": lambda: acts.call_api(password),
        "a page's session": lambda: sessions.find(acts.app, token),
        "metrics, counted": lambda: metrics.count(acts.app, CLI),
        # Last: many logins end the oldest sessions, which the operations above use.
        "login without its hash": acts.password,
    }


def _on(database: str, folder: Path, url: str) -> dict[str, float]:
    settings, clock = settings_for(folder, url), MovableClock()
    app = bootstrap.open(settings, clock=clock, hashing=CHEAP)
    acts = Acts(Installation(database, folder, settings, clock, app))
    start = time.perf_counter()
    many_rows.fill(app, ACCOUNTS, EVENTS, acts.account)
    figures = {f"{database}: filling (s)": time.perf_counter() - start}
    for label, act in {**_visits(acts), **_lists(acts), **_audit(acts)}.items():
        p50, p95 = _measured(act)
        figures[f"{database}: {label}, p50 (ms)"] = p50
        figures[f"{database}: {label}, p95 (ms)"] = p95
    app.close()
    return figures


def run() -> dict[str, float]:
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        figures |= _on("sqlite", Path(name), "")
    with tempfile.TemporaryDirectory() as name, _postgres() as url:
        figures |= _on("postgresql", Path(name), url)
    return figures
