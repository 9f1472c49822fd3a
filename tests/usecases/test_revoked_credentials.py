"""Use-cases check the session or API credential again in the transaction that writes."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from types import GeneratorType
from typing import Any, Final

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from tests.support.acts import API, BY_CLI, CLI, CONSOLE, PASSWORD, Acts
from watchword import usecases
from watchword.crypto.passwords import run
from watchword.domain.applications import Application
from watchword.domain.errors import LoginFailed, PersonNeeded, SessionEnded
from watchword.domain.mfa import Event
from watchword.domain.roles import Role
from watchword.domain.secret import Secret
from watchword.storage import schema
from watchword.storage.audit_query import AuditFilter
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import other_credentials
from watchword.usecases.administrators.authorization import By
from watchword.usecases.api import api_password
from watchword.usecases.applications import applications
from watchword.usecases.applications.applications import Grants, Managed
from watchword.usecases.audit import audit_log
from watchword.usecases.login.reauthentication import Answer
from watchword.usecases.sessions import sessions
from watchword.usecases.sessions.sessions import Principal

NEW: Final = Secret("another otter with pencils")
VALUES: Final[dict[str, Any]] = {
    "username": "bob", "event": Event.ENABLE, "password": NEW, "current": Secret(PASSWORD),
    "new": NEW, "repeated": NEW, "seen": 0, "session_id": 1, "named": "", "typed": "000000",
    "wanted": AuditFilter(), "answer": Answer(Secret(PASSWORD)), "up_to": 1, "id_": "b", "role": Role.MEMBER, "to": Role.MEMBER,
    "name": "wiki", "changed": lambda before: before.but(is_enabled=False), "is_enabled": False,
    "more": Grants(everyone=True), "less": Grants(everyone=True),
}  # fmt: skip
SHOP: Final = Managed(Application("shop", ("shop.example",)))
SPECIAL: Final[dict[Callable[..., Any], dict[str, Any]]] = {
    applications.create: {"new": SHOP},
    applications.apply: {"wanted": [SHOP]},
}
ACTS_WITHOUT_ACTOR: Final = {"put_away", "keep_secret"}
READS: Final = {"before", "read", "enter", "browser"}
"""`hand_over.enter` reads its ticket first: tests/web/test_gateway_entry.py."""


def public_functions() -> Iterator[tuple[Callable[..., Any], set[str]]]:
    for found in pkgutil.walk_packages(usecases.__path__, "watchword.usecases."):
        module = import_module(found.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            is_context = hasattr(function, "__wrapped__")
            if function.__module__ == found.name and not name.startswith("_") and not is_context:
                yield function, set(inspect.signature(function).parameters)


BY: Final = [f for f, names in public_functions()
             if {"app", "by"} <= names and not f.__name__.startswith("demand")]  # fmt: skip
OWN: Final = [f for f, names in public_functions()
              if ({"app", "actor", "principal"} <= names and f.__name__ not in READS)
              or f.__name__ in ACTS_WITHOUT_ACTOR]  # fmt: skip


def run_act(function: Callable[..., Any], **given: Any) -> None:
    """Call a function with a value for each parameter that it needs."""
    if "by" in given:
        given["new"] = NewAdministrator("eve", "", "", NEW)
    given |= SPECIAL.get(function, {})
    parameters = inspect.signature(function).parameters.values()
    needed = {p.name for p in parameters if p.default is p.empty} | given.keys()
    arguments = {p.name: {**VALUES, **given}[p.name] for p in parameters if p.name in needed}
    result = function(**arguments)
    if isinstance(result, GeneratorType):
        list(result) if function is audit_log.export else run(result)


def rows(acts: Acts) -> dict[str, list[str]]:
    with acts.app.database.reading() as connection:
        tables = schema.metadata.sorted_tables
        return {t.name: sorted(map(repr, connection.execute(sa.select(t)))) for t in tables}


def name_of(function: Callable[..., Any]) -> str:
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


def acted(acts: Acts, functions: list[Callable[..., Any]], refusal: type[Exception] | tuple[type[Exception], ...],
          **given: Any) -> list[str]:  # fmt: skip
    """Return the functions that were not refused, or that changed a row."""
    before, found = rows(acts), []
    for function in functions:
        try:
            run_act(function, app=acts.app, **given)
        except refusal:
            if rows(acts) == before:
                continue
        found.append(name_of(function))
    return found


def test_changes_to_others_are_refused_after_the_api_password_was_revoked(acts: Acts) -> None:
    acts.create("bob")
    applications.create(acts.app, BY_CLI, Managed(Application("wiki", ("wiki.example",))))
    caller = acts.call_api(api_password.generate_by_operator(acts.app, CLI, "alice").reveal())
    other_credentials.revoke_api_password(acts.app, BY_CLI, "alice")
    by = By(API.known_as(caller.account), caller.account, caller=caller)
    assert acted(acts, BY, (LoginFailed, PersonNeeded), by=by) == []


def test_changes_to_others_are_refused_after_the_regular_password_stopped_working(
    acts: Acts,
) -> None:
    acts.create("bob")
    applications.create(acts.app, BY_CLI, Managed(Application("wiki", ("wiki.example",))))
    caller = acts.call_api(PASSWORD)
    other_credentials.change_mfa(acts.app, BY_CLI, "alice", Event.ENABLE)
    by = By(API.known_as(caller.account), caller.account, caller=caller)
    assert acted(acts, BY, (LoginFailed, PersonNeeded), by=by) == []


def with_given_password(principal: Principal) -> Principal:
    """`replace_given` refuses any other account before it checks the session."""
    account = replace(principal.account, must_change_password=True)
    return replace(principal, account=account)


@pytest.mark.parametrize("functions", [BY, OWN], ids=["on others", "on oneself"])
def test_changes_at_the_console_are_refused_after_the_session_ended(
    acts: Acts, functions: list[Callable[..., Any]]
) -> None:
    acts.create("bob")
    applications.create(acts.app, BY_CLI, Managed(Application("wiki", ("wiki.example",))))
    principal = with_given_password(acts.login())
    other_credentials.end_sessions(acts.app, BY_CLI, "alice")
    actor = CONSOLE.known_as(principal.account)
    by = By(actor, principal.account, principal)
    given = {"by": by} if functions is BY else {"actor": actor, "principal": principal}
    assert acted(acts, functions, SessionEnded, **given) == []


def test_walk_finds_the_functions_that_change_something() -> None:
    assert {"other_accounts.create", "other_accounts.delete", "other_credentials.change_mfa"} <= {
        *map(name_of, BY)
    }
    assert {"audit_log.export", "own_mfa.change_own", "sessions.logout"} <= {*map(name_of, OWN)}
    assert sessions.say not in OWN
