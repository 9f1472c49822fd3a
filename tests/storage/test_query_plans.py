"""No request reads a large table from end to end: the statements of each path are caught as they
are sent, and the database is asked how it would do them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.support import crowd, place
from tests.support.acts import API, BY_CLI, CONSOLE, PASSWORD, Acts
from tests.support.place import Place
from watchword.crypto.passwords import run
from watchword.domain.errors import CodeWrong, LoginByRecoveryCodeFailed, LoginFailed
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.storage.directory import Sort
from watchword.storage.listings import AuditFilter
from watchword.usecases import (
    api_password,
    audit_log,
    banners,
    others,
    others_credentials,
    recovery_login,
    sessions,
)
from watchword.usecases.login import Browser
from watchword.usecases.recovery_login import Given

# What all of them need is made once: by one process.
pytestmark = pytest.mark.xdist_group("query-plans")

ACCOUNTS = EVENTS = 20_000
LARGE = ("administrators", "authenticators", "api_passwords", "recovery_codes", "sessions",
         "known_browsers", "enrolments", "login_attempts", "throttles", "audit_events",
         "search_words", "api_refusals", "enrolment_codes", "enrolment_browsers")  # fmt: skip
_SCAN = {
    "sqlite": re.compile(rf"^SCAN ({'|'.join(LARGE)})\b"),
    "postgresql": re.compile(rf"Seq Scan on ({'|'.join(LARGE)})\b"),
}


@dataclass
class Stage:
    """A filled installation, one administrator of it with MFA, and one without."""

    here: Place
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
    here = place.open_copy(request.getfixturevalue(kind), folder / "d", server)
    acts = Acts(here)
    crowd.fill(here.app, ACCOUNTS, EVENTS)
    acts.create("carol")
    acts.activate()
    yield Stage(here, acts, "carol")
    here.app.close()


@contextmanager
def caught(stage: Stage) -> Iterator[dict[str, Any]]:
    """The statements that are sent meanwhile, each with its last parameters."""
    found: dict[str, Any] = {}

    def catch(_c: Any, _k: Any, statement: str, parameters: Any, _x: Any, _m: bool) -> None:
        found[statement] = parameters

    engine = stage.app.database.engine
    sa.event.listen(engine, "before_cursor_execute", catch)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", catch)


def _is_walk(statement: str, plan: list[str]) -> bool:
    """Whether the first rows are taken in the order of an index, and the rest is left."""
    is_limited = " LIMIT " in " ".join(statement.split())
    return (
        is_limited
        and " WHERE " not in statement.replace("\n", " ")
        and not any("TEMP B-TREE" in line for line in plan)
    )


def scans(stage: Stage, statements: dict[str, Any]) -> list[str]:
    """The statements that read a large table from end to end."""
    database = stage.app.database
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    found = []
    with database.engine.connect() as connection:
        for statement, parameters in statements.items():
            if not statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE")):
                continue
            rows = connection.exec_driver_sql(explain + statement, parameters)
            plan = [str(row[-1]) for row in rows]
            connection.rollback()
            if _is_walk(statement, plan):
                continue
            if any(_SCAN[database.name].search(line) for line in plan):
                found.append(f"{' '.join(statement.split())} -> {plan}")
    return found


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
    sessions.standing(stage.app, principal.account)
    sessions.previous_login(stage.app, principal)
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
    others_credentials.change_mfa(stage.app, BY_CLI, crowd.name(77), Event.ENABLE)
    others_credentials.end_sessions(stage.app, BY_CLI, crowd.name(77))
    others_credentials.change_mfa(stage.app, BY_CLI, crowd.name(77), Event.DISABLE)


def first_page(stage: Stage) -> None:
    others.page(stage.app)


def page_in_the_middle(stage: Stage) -> None:
    found = others.page(stage.app, search=crowd.name(ACCOUNTS // 2))
    others.page(stage.app, after=found[0].place)


def sorted_page(sort: Sort) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        for descending in (False, True):
            first = others.page(stage.app, sort=sort, descending=descending, limit=20)
            others.page(stage.app, sort=sort, descending=descending, after=first[-1].place)

    return act


def searched(words: str) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        others.page(stage.app, search=words)
        others.page(stage.app, search=words, sort=Sort.EMAIL)

    return act


def overview(stage: Stage) -> None:
    stage.here.clock.next_step()
    principal = stage.acts.principal(stage.acts.second_step(stage.acts.attempt()))
    told = banners.unseen(stage.app, principal)
    banners.put_away(stage.app, principal, told.newest_id)
    api_password.refusals(stage.app, principal.account)


def refused_on_the_api(stage: Stage) -> None:
    with pytest.raises(LoginFailed):
        stage.acts.call_api(PASSWORD)


def disabled_and_deleted(stage: Stage) -> None:
    others.disable(stage.app, BY_CLI, crowd.name(78))
    others.delete(stage.app, BY_CLI, crowd.name(79))


def audit(wanted: Callable[[Stage], AuditFilter]) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        audit_log.page(stage.app, wanted(stage), 51)

    return act


def hour(stage: Stage) -> AuditFilter:
    until = stage.here.clock.now() - timedelta(hours=3)
    return AuditFilter(since=until - timedelta(hours=1), until=until)


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
    "administrators, searched": searched(crowd.name(7)),
    "administrators, two words": searched("full name000"),
    "administrators, a word with punctuation": searched(f"{crowd.name(7)}@ops.ex full'name000"),
    "administrators, nobody found": searched("nobody"),
    **{f"administrators by {sort.value}": sorted_page(sort) for sort in Sort},
    "overview": overview,
    "refused on the API": refused_on_the_api,
    "disabled, deleted": disabled_and_deleted,
    "audit, all": audit(lambda _: AuditFilter()),
    "audit, account": audit(lambda _: AuditFilter(account=crowd.name(70))),
    "audit, nobody": audit(lambda _: AuditFilter(account="nobody")),
    "audit, account and event": audit(
        lambda _: AuditFilter(account=crowd.name(70), event="auth.login")
    ),
    "audit, account and door": audit(lambda _: AuditFilter(account=crowd.name(70), door="cli")),
    "audit, event": audit(lambda _: AuditFilter(event="auth.login")),
    "audit, event that never happened": audit(lambda _: AuditFilter(event="never")),
    "audit, door": audit(lambda _: AuditFilter(door="cli")),
    "audit, event and door": audit(lambda _: AuditFilter(event="mfa.fail", door="cli")),
    "audit, deep page": audit(lambda _: AuditFilter(before_id=EVENTS // 10)),
    "audit, time window": audit(hour),
}


@pytest.mark.parametrize("path", PATHS)
def test_no_request_reads_a_large_table_from_end_to_end(stage: Stage, path: str) -> None:
    with caught(stage) as statements:
        PATHS[path](stage)
    assert statements
    assert scans(stage, statements) == []


WALKED = {
    "account and event": (AuditFilter(account=crowd.name(70), event="auth.login"), "name_id"),
    "account and door": (AuditFilter(account=crowd.name(70), door="cli"), "name_id"),
    "account, event and door": (
        AuditFilter(account=crowd.name(70), event="auth.login", door="cli"), "name_id",
    ),
    "account of most events, and event": (
        AuditFilter(account="busy", event="mfa.fail", door="console"), "event_id",
    ),
    "account of most events, and door": (AuditFilter(account="busy", door="console"), "name_id"),
    "event and door": (AuditFilter(event="auth.login", door="cli"), "event_id"),
}  # fmt: skip


@pytest.mark.parametrize("name", WALKED)
def test_of_what_is_asked_for_the_rarest_is_walked(stage: Stage, name: str) -> None:
    """SQLite takes any index; that of a door or of a kind of event may lead through half the log."""
    if stage.app.database.is_sqlite:
        _make_busy(stage)
    wanted, index = WALKED[name]
    with caught(stage) as statements:
        found = audit_log.page(stage.app, wanted, 51)
    pages = {s: p for s, p in statements.items() if "ORDER BY audit_events.id DESC" in s}
    assert len(pages) == (2 if wanted.account else 1)
    for event in found:
        assert wanted.account in ("", event.actor, event.subject)
        assert (wanted.event or event.event, wanted.door or event.door) == (event.event, event.door)
    if stage.app.database.is_sqlite:
        plans = [line for s, p in pages.items() for line in _plan(stage, s, p)]
        assert [line for line in plans if f"{index} (" not in line] == []


def _make_busy(stage: Stage) -> None:
    with stage.app.database.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE audit_events SET subject_name = 'busy', actor_name = 'busy' WHERE id % 3 = 1"
        )


def _plan(stage: Stage, statement: str, parameters: Any) -> list[str]:
    with stage.app.database.engine.connect() as connection:
        rows = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
        return [str(row[-1]) for row in rows]


def test_a_statement_that_reads_everything_is_told(stage: Stage) -> None:
    everything = {"SELECT * FROM administrators WHERE full_name = 'x'": ()}
    assert len(scans(stage, everything)) == 1
