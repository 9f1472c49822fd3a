"""No request reads a large table completely: the statements of each path are recorded, and run again
to count the rows that the database visits.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy.engine import Connection

from tests.support import installation, many_rows
from tests.support.acts import API, BY_CLI, CLI, CONSOLE, PASSWORD, Acts, page_of
from tests.support.installation import Installation
from watchword.crypto.passwords import run
from watchword.domain.audit import AuditEvent as E
from watchword.domain.audit_categories import Category, events_of
from watchword.domain.errors import CodeWrong, LoginByRecoveryCodeFailed, LoginFailed
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.storage import audit_history, logins
from watchword.storage.administrator_filters import Only
from watchword.storage.administrator_query import Listed, Sort, administrators_page
from watchword.storage.audit_query import AuditFilter
from watchword.storage.audit_search import MOST_READ, SAMPLE
from watchword.storage.counts import MOST_COUNTED
from watchword.usecases.administrators import (
    account_details,
    administrator_list,
    other_accounts,
    other_credentials,
)
from watchword.usecases.administrators.administrator_list import Wanted
from watchword.usecases.audit import audit_log, banners, login_counts
from watchword.usecases.login import recovery_login
from watchword.usecases.login.password_login import Browser
from watchword.usecases.login.recovery_login import Given
from watchword.usecases.operations import maintenance, metrics
from watchword.usecases.sessions import sessions

MFA_EVENTS = frozenset(e.value for e in events_of(Category.MFA))
FAILURES = frozenset(e.value for e in events_of(None, failures_only=True))
ACCOUNTS, EVENTS = 20_000, 1_000_000
MOST_ROWS = 3_000
"""Rows that one statement may visit: a page has 51, and some queries count to 1000."""
MOST_ROWS_OF = {
    # Up to 200 events of each kind and interface, and the account's own events between them.
    "overview": 25_000,
    # PostgreSQL may count a few thousand words of a term by a bitmap, which visits each twice.
    "administrators, two words": 6_000,
    "administrators, a word with punctuation": 6_000,
    # The events since the last maintenance, which are counted in steps.
    "charts": 12_000,
    # As many as there are accounts, in small tables; none of the log.
    "administrators, counted": 3 * MOST_COUNTED,
    # A page of a rare filter reads and sorts all its accounts.
    "administrators, account-disabled": 2 * MOST_COUNTED,
    # All accounts have the same last login, and SQLite looks up a position by its first column.
    "administrators, mfa-off": 2 * ACCOUNTS,
    # As on Overview, the events that maintenance has not counted yet.
    "page of an account": 25_000,
    "metrics": 3 * ACCOUNTS,
    "upkeep": 3 * ACCOUNTS,
    "audit, time window": 15_000,
    "audit, changes in an hour": 15_000,
    # Up to 10,000 events are counted to find out whether an account has many.
    "audit, account and category": 12_000,
    "audit, address and category": 12_000,
    "audit, account and address": 12_000,
    # One in 25 events of each kind is about this account: a page of each kind skips the others.
    "audit, account of most events and category": 25_000,
}
MOST_ON_POSTGRESQL = {"overview": 12_000}
"""PostgreSQL counts visited rows exactly, SQLite the steps of its machine. The most rows are those of
the accounts, which are counted up to 10,000."""
_STEPS_OF_A_ROW = 15
_STEPS_AT_ONCE = 100


@dataclass
class Stage:
    """A large installation, an administrator with MFA, and one without."""

    here: Installation
    acts: Acts
    other: str

    @property
    def app(self) -> Any:
        return self.here.app


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    folder: Path = tmp_path_factory.mktemp(f"crowd-{request.param}")
    server = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    kind = "postgres_template" if server else "sqlite_template"
    here = installation.open_copy(request.getfixturevalue(kind), folder / "d", server)
    acts = Acts(here)
    many_rows.fill(here.app, ACCOUNTS, EVENTS, acts.account)
    acts.create("carol")
    acts.activate()
    yield Stage(here, acts, "carol")
    here.app.close()


@contextmanager
def caught(stage: Stage) -> Iterator[dict[str, Any]]:
    """Record the statements that are sent, each with its last parameters."""
    found: dict[str, Any] = {}

    def catch(_c: Any, _k: Any, statement: str, parameters: Any, _x: Any, _m: bool) -> None:
        found[statement] = parameters

    engine = stage.app.database.engine
    sa.event.listen(engine, "before_cursor_execute", catch)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", catch)


@dataclass
class Cost:
    """The cost of a statement: visited rows (at most), and the used indexes of the audit log."""

    rows: int
    indexes: frozenset[str]


def cost(stage: Stage, statement: str, parameters: Any, most: int) -> Cost:
    """Run the statement and roll it back."""
    measure = _on_sqlite if stage.app.database.is_sqlite else _on_postgres
    with stage.app.database.engine.connect() as connection:
        try:
            return measure(connection, statement, parameters, most)
        finally:
            connection.rollback()


def _on_sqlite(connection: Connection, statement: str, parameters: Any, most: int) -> Cost:
    raw: Any = connection.connection.driver_connection
    plan = " ".join(
        row[-1] for row in raw.execute("EXPLAIN QUERY PLAN " + statement, parameters).fetchall()
    )
    calls = 0

    def count() -> bool:
        nonlocal calls
        calls += 1
        return calls * _STEPS_AT_ONCE > most * _STEPS_OF_A_ROW  # and the statement ends

    raw.execute("BEGIN")
    raw.set_progress_handler(count, _STEPS_AT_ONCE)
    try:
        with contextlib.suppress(sqlite3.OperationalError):
            raw.execute(statement, parameters).fetchall()
    finally:
        raw.set_progress_handler(None, 0)
    rows = calls * _STEPS_AT_ONCE // _STEPS_OF_A_ROW
    return Cost(rows, frozenset(re.findall(r"ix_audit_events_(\w+)", plan)))


def _on_postgres(connection: Connection, statement: str, parameters: Any, _most: int) -> Cost:
    explain = "EXPLAIN (ANALYZE, FORMAT JSON) "
    found = connection.exec_driver_sql(explain + statement, parameters).scalar_one()
    nodes = list(_nodes(found[0]["Plan"]))
    rows = sum(_visited(node) for node in nodes if node["Node Type"].endswith("Scan"))
    indexes = [node["Index Name"] for node in nodes if "Index Name" in node]
    return Cost(rows, frozenset(
        name.removeprefix("ix_audit_events_") for name in indexes if "audit_events_" in name
    ))  # fmt: skip


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)


def _visited(node: dict[str, Any]) -> int:
    removed = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    each = node["Actual Rows"] + sum(node.get(name, 0) for name in removed)
    return int(each * node["Actual Loops"])


def costs(stage: Stage, statements: dict[str, Any], most: int = MOST_ROWS) -> dict[str, Cost]:
    """The cost of each statement that reads or changes rows."""
    return {
        " ".join(statement.split()): cost(stage, statement, parameters, most)
        for statement, parameters in statements.items()
        if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE"))
    }


# --- the paths -------------------------------------------------------------------------------
def first_step(stage: Stage) -> None:
    stage.acts.attempt()


def second_step(stage: Stage) -> None:
    stage.here.clock.next_step()
    stage.acts.second_step(stage.acts.attempt())


def wrong_answers(stage: Stage) -> None:
    with pytest.raises(CodeWrong):
        stage.acts.second_step(stage.acts.attempt(), "000000")
    with pytest.raises(LoginFailed):
        stage.acts.password("wrong wrong wrong", username="nobody")


def login_with_recovery_code(stage: Stage) -> None:
    given = Given(stage.acts.username, Secret(PASSWORD), "0000-" * 5 + "0000")
    with pytest.raises(LoginByRecoveryCodeFailed):
        run(recovery_login.enter(stage.app, CONSOLE, given, Browser()))


def page_of_a_session(stage: Stage) -> None:
    stage.here.clock.next_step()
    principal = stage.acts.principal(stage.acts.second_step(stage.acts.attempt()))
    sessions.standing(stage.app, CLI, principal.account)
    sessions.say(stage.app, principal, "")


def own_mfa(stage: Stage) -> None:
    stage.acts.press(Event.RESET)
    stage.acts.login()


def whoami(stage: Stage) -> None:
    password = stage.acts.generate_api_password()
    stage.acts.call_api(password)
    stage.here.clock.advance(timedelta(minutes=2))
    stage.acts.call_api(password)


def whoami_by_password(stage: Stage) -> None:
    stage.acts.call_api(PASSWORD, username=stage.other)
    with pytest.raises(LoginFailed):
        stage.acts.call_api("wrong wrong wrong", username="a:b:c", actor=API)


def act_on_another(stage: Stage) -> None:
    other_credentials.change_mfa(stage.app, BY_CLI, many_rows.name(77), Event.ENABLE)
    other_credentials.end_sessions(stage.app, BY_CLI, many_rows.name(77))
    other_credentials.change_mfa(stage.app, BY_CLI, many_rows.name(77), Event.DISABLE)


def first_page(stage: Stage) -> None:
    other_accounts.page(stage.app, CLI)


def page_in_the_middle(stage: Stage) -> None:
    found = other_accounts.page(stage.app, CLI, search=many_rows.name(ACCOUNTS // 2))
    other_accounts.page(stage.app, CLI, after=found[0].place)


def sorted_page(sort: Sort) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        for descending in (False, True):
            first = other_accounts.page(stage.app, CLI, sort=sort, descending=descending, limit=20)
            other_accounts.page(
                stage.app, CLI, sort=sort, descending=descending, after=first[-1].place
            )

    return act


def searched(words: str) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        other_accounts.page(stage.app, CLI, search=words)
        other_accounts.page(stage.app, CLI, search=words, sort=Sort.EMAIL)

    return act


def filtered(only: Only) -> Callable[[Stage], None]:
    """Read pages of a filter in every order. All accounts but a few have MFA off."""

    def page(stage: Stage, **asked: Any) -> list[Listed]:
        rare = only is not Only.MFA_OFF
        with stage.app.database.reading() as connection:
            return administrators_page(connection, [], only=only, is_rare=rare, limit=51, **asked)

    def act(stage: Stage) -> None:
        for sort in Sort:
            for descending in (False, True):
                order: dict[str, Any] = {"sort": sort, "descending": descending}
                place = page(stage, **order)[-1].place if page(stage, **order) else "1.x"
                page(stage, **order, after=place)
                page(stage, **order, before=place)

    return act


def counted(words: str) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        found = administrator_list.read(stage.app, CLI, Wanted(words), 50)
        assert found.counts.of[Only.MFA_OFF] == (1 if words else MOST_COUNTED + 1)

    return act


def page_of_an_account(stage: Stage) -> None:
    account_details.read(stage.app, CLI, stage.acts.username)
    account_details.read(stage.app, CLI, many_rows.name(77))


def overview(stage: Stage) -> None:
    stage.here.clock.next_step()
    principal = stage.acts.principal(stage.acts.second_step(stage.acts.attempt()))
    shown = page_of(stage.app, principal)
    banners.put_away(stage.app, principal, shown.unseen.newest_id)


def figures_for_monitoring(stage: Stage) -> None:
    metrics.count(stage.app, CLI)


def upkeep_round(stage: Stage) -> None:
    login_counts.count_new(stage.app)
    maintenance.sweep(stage.app)
    maintenance.record_long_pending(stage.app)


def charts(stage: Stage) -> None:
    with stage.app.database.reading() as connection:
        login_counts.of_all(stage.app, connection)
        login_counts.of_account(stage.app, connection, stage.acts.account.id)


def newest_of_a_kind(stage: Stage) -> None:
    since = stage.here.clock.now() - timedelta(days=1)
    with stage.app.database.reading() as connection:
        audit_history.latest(connection)
        audit_history.latest(connection, E.SYSTEM_BACKUP)
        audit_history.newest_address(connection, E.UNTRUSTED_PEER, since)
        audit_history.newest_address(connection, E.UNTRUSTED_PEER, since, of="198.51.100.9")
        audit_history.newest_facts(connection, E.KEY_ROTATED, "begun")
        audit_history.newest_facts(connection, E.KEY_ROTATED, "done")


def history_of_an_account(stage: Stage) -> None:
    id_, since = stage.acts.account.id, stage.here.clock.now() - timedelta(days=1)
    with stage.app.database.reading() as connection:
        audit_history.has_happened(connection, id_, E.MFA_ENABLE, since)
        audit_history.enrolment_showings(connection, id_, since)
        audit_history.has_other_enrolment(connection, id_, "set-up")
        audit_history.count_of(connection, id_, E.RECOVERY_GENERATED, 2)
        logins.before(connection, id_)
        audit_history.fact_at(connection, id_, E.LOGIN_AFTER_FAIL, since, "failures")
        audit_history.count_since(connection, id_, E.PASSWORD_FAIL, since)
        audit_history.addresses_since(connection, id_, [E.PASSWORD_FAIL], since)


def refused_on_the_api(stage: Stage) -> None:
    with pytest.raises(LoginFailed):
        stage.acts.call_api(PASSWORD)


def disabled_and_deleted(stage: Stage) -> None:
    other_accounts.disable(stage.app, BY_CLI, many_rows.name(78))
    other_accounts.delete(stage.app, BY_CLI, many_rows.name(79))


def audit(wanted: Callable[[Stage], AuditFilter]) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        audit_log.page(stage.app, CLI, wanted(stage), 51)

    return act


def hour(stage: Stage) -> AuditFilter:
    until = stage.here.clock.now() - timedelta(hours=3)
    return AuditFilter(since=until - timedelta(hours=1), until=until)


def search(wanted: Callable[[Stage], AuditFilter]) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        audit_log.search(stage.app, CLI, wanted(stage), 51)

    return act


def days(stage: Stage) -> AuditFilter:
    """Return a time range of nearly all events. Neither of its limits is idle."""
    now = stage.here.clock.now()
    return AuditFilter(since=now - timedelta(seconds=EVENTS - 9), until=now - timedelta(hours=1))


PATHS: dict[str, Callable[[Stage], None]] = {
    "login, first step": first_step,
    "login, second step": second_step,
    "wrong answers": wrong_answers,
    "login with recovery code": login_with_recovery_code,
    "a page of a session": page_of_a_session,
    "own MFA": own_mfa,
    "whoami": whoami,
    "whoami by password": whoami_by_password,
    "an act on another": act_on_another,
    "administrators, first page": first_page,
    "administrators, page in the middle": page_in_the_middle,
    "administrators, searched": searched(many_rows.name(7)),
    "administrators, two words": searched("full name000"),
    "administrators, a letter": searched("n"),
    "administrators, a letter and a name": searched(f"n f {many_rows.name(7)}"),
    "administrators, a word with punctuation": searched(f"{many_rows.name(7)}@ops.ex full'name000"),
    "administrators, nobody found": searched("nobody"),
    **{f"administrators by {sort.value}": sorted_page(sort) for sort in Sort},
    **{f"administrators, {only.value}": filtered(only) for only in Only},
    "administrators, counted": counted(""),
    "administrators, a search counted": counted(many_rows.name(7)),
    "page of an account": page_of_an_account,
    "overview": overview,
    "metrics": figures_for_monitoring,
    "upkeep": upkeep_round,
    "charts": charts,
    "newest of a kind": newest_of_a_kind,
    "history of an account": history_of_an_account,
    "refused on the API": refused_on_the_api,
    "disabled, deleted": disabled_and_deleted,
    "audit, all": audit(lambda _: AuditFilter()),
    "audit, account": audit(lambda _: AuditFilter(account=many_rows.name(70))),
    "audit, nobody": audit(lambda _: AuditFilter(account="nobody")),
    "audit, account and event": audit(
        lambda _: AuditFilter(account=many_rows.name(70), event="auth.login")
    ),
    "audit, account and interface": audit(
        lambda _: AuditFilter(account=many_rows.name(70), interface="cli")
    ),
    "audit, event": audit(lambda _: AuditFilter(event="auth.login")),
    "audit, event that never happened": audit(lambda _: AuditFilter(event="never")),
    "audit, interface": audit(lambda _: AuditFilter(interface="cli")),
    "audit, event and interface": audit(lambda _: AuditFilter(event="mfa.fail", interface="cli")),
    "audit, category": audit(lambda _: AuditFilter(events=MFA_EVENTS)),
    "audit, failed attempts": audit(lambda _: AuditFilter(events=FAILURES)),
    "audit, category and interface": audit(
        lambda _: AuditFilter(events=MFA_EVENTS, interface="cli")
    ),
    "audit, changes in an hour": audit(lambda s: replace(hour(s), events=MFA_EVENTS)),
    "audit, account and category": audit(
        lambda _: AuditFilter(account=many_rows.name(70), events=MFA_EVENTS)
    ),
    "audit, account of most events and category": audit(
        lambda _: AuditFilter(account="alice", events=MFA_EVENTS)
    ),
    "audit, address": audit(lambda _: AuditFilter(address="192.0.2.1")),
    "audit, unknown address": audit(lambda _: AuditFilter(address="198.51.100.1")),
    "audit, address and category": audit(
        lambda _: AuditFilter(address="192.0.2.1", events=MFA_EVENTS)
    ),
    "audit, account and address": audit(
        lambda _: AuditFilter(account=many_rows.name(70), address="192.0.2.1")
    ),
    "audit, deep page": audit(lambda _: AuditFilter(before_id=EVENTS // 10)),
    "audit, time window": audit(hour),
    "search, long time range": search(days),
    "search, long time range and event": search(lambda s: replace(days(s), event="mfa.reset")),
    "search, account and address that never meet": search(
        lambda _: AuditFilter(account="alice", address="192.0.2.99")
    ),
    "search, account of most events and failed attempts": search(
        lambda _: AuditFilter(account="alice", events=FAILURES)
    ),
    "search, address and event that never meet": search(
        lambda _: AuditFilter(address="192.0.2.1", event="auth.login", interface="cli")
    ),
}


_OF_ACCOUNT = frozenset({"subject_id_event_id"})
_BY_NAME = frozenset({"actor_name_id", "subject_name_id"})
INDEXES = {
    "login, second step": _OF_ACCOUNT,
    "login with recovery code": frozenset[str](),
    "a page of a session": _OF_ACCOUNT,
    "own MFA": _OF_ACCOUNT,
    "whoami": _OF_ACCOUNT,
    "overview": _OF_ACCOUNT | {"event_id", "interface_event_id"},
    "history of an account": _OF_ACCOUNT,
    "page of an account": _BY_NAME,
    "newest of a kind": frozenset({"event_id", "at_id"}),
    "audit, account": _BY_NAME,
    "audit, nobody": _BY_NAME,
    "audit, account and event": _BY_NAME,
    "audit, account and interface": _BY_NAME,
    "audit, event": frozenset({"event_id"}),
    "audit, event that never happened": frozenset({"event_id"}),
    "audit, interface": frozenset({"interface_id"}),
    "audit, event and interface": frozenset({"interface_event_id"}),
    "audit, category": frozenset({"event_id"}),
    "audit, failed attempts": frozenset({"event_id"}),
    "audit, category and interface": frozenset({"interface_event_id"}),
    "audit, changes in an hour": frozenset({"event_id", "at_id"}),
    "audit, account and category": _BY_NAME,
    "audit, account of most events and category": _BY_NAME | {"event_id"},
    "audit, address": frozenset({"address_id"}),
    "audit, unknown address": frozenset({"address_id"}),
    "audit, address and category": frozenset({"address_id", "event_id"}),
    "audit, account and address": _BY_NAME | {"address_id"},
    "audit, time window": frozenset({"at_id"}),
    "search, long time range": frozenset({"at_id"}),
    "search, long time range and event": frozenset({"at_id", "event_id"}),
    "search, account and address that never meet": _BY_NAME | {"address_id"},
    "search, account of most events and failed attempts": _BY_NAME | {"event_id"},
    "search, address and event that never meet": frozenset({"address_id", "interface_event_id"}),
}
"""Indexes of the audit log that SQLite uses. "at_id" also finds the ids of a time range."""
SHARED = frozenset({"event_id", "interface_id", "interface_event_id"})
"""PostgreSQL has statistics of the values and may use these instead."""


@pytest.mark.parametrize("path", PATHS)
def test_a_request_visits_few_rows_of_a_million(stage: Stage, path: str) -> None:
    most = (
        2 * MOST_READ + SAMPLE if path.startswith("search,") else MOST_ROWS_OF.get(path, MOST_ROWS)
    )
    if not stage.app.database.is_sqlite:
        most = MOST_ON_POSTGRESQL.get(path, most)
    with caught(stage) as statements:
        PATHS[path](stage)
    assert statements
    found = costs(stage, statements, most)
    assert {s: c for s, c in found.items() if c.rows > most} == {}
    walked = frozenset[str]().union(*(each.indexes for each in found.values()))
    expected = INDEXES.get(path, frozenset())
    assert walked == expected if stage.app.database.is_sqlite else walked <= expected | SHARED


WALKED = {
    "account and event": (AuditFilter(account=many_rows.name(70), event="auth.login"), "name_id"),
    "account and interface": (AuditFilter(account=many_rows.name(70), interface="cli"), "name_id"),
    "account, event and interface": (
        AuditFilter(account=many_rows.name(70), event="auth.login", interface="cli"), "name_id",
    ),
    "account of most events, and event": (
        AuditFilter(account="alice", event="mfa.fail", interface="console"), "interface_event_id",
    ),
    "account of most events, and interface": (AuditFilter(account="alice", interface="console"), "name_id"),
    "event and interface": (
        AuditFilter(event="auth.login", interface="cli"), "interface_event_id",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WALKED)
def test_most_selective_condition_uses_its_index(stage: Stage, name: str) -> None:
    """SQLite may use any index; that of an interface or of an event can contain half of the log."""
    wanted, index = WALKED[name]
    with caught(stage) as statements:
        found = audit_log.page(stage.app, CLI, wanted, 51)
    pages = {
        s: p for s, p in statements.items()
        if "ORDER BY audit_events.id DESC" in s and "count(" not in s
    }  # fmt: skip
    assert len(pages) == 1
    for event in found:
        assert wanted.account in ("", event.actor, event.subject)
        assert (wanted.event or event.event, wanted.interface or event.interface) == (
            event.event,
            event.interface,
        )
    if stage.app.database.is_sqlite:
        plans = [line for s, p in pages.items() for line in _plan(stage, s, p)]
        used = [line for line in plans if " INDEX " in line]
        assert used
        assert [line for line in used if f"{index} (" not in line] == []


def _plan(stage: Stage, statement: str, parameters: Any) -> list[str]:
    with stage.app.database.engine.connect() as connection:
        rows = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
        return [str(row[-1]) for row in rows]


def test_a_statement_that_reads_everything_is_noticed(stage: Stage) -> None:
    for asked in ("administrators WHERE full_name = 'x'", "audit_events WHERE node = 'x'"):
        everything: dict[str, Any] = {f"SELECT * FROM {asked}": ()}
        assert [c.rows > MOST_ROWS for c in costs(stage, everything).values()] == [True]
