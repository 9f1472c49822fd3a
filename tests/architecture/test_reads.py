"""Reads of the use-cases: each one has an actor and checks the right of this actor."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import watchword.usecases
from tests.support.acts import Acts
from tests.support.installation import Installation
from watchword.domain.audit import Actor, Interface
from watchword.domain.errors import SessionEnded
from watchword.storage.audit_query import AuditFilter
from watchword.usecases import accounts
from watchword.usecases.administrators import other_accounts
from watchword.usecases.api import api_password
from watchword.usecases.audit import audit_log

FOLDER = Path(watchword.usecases.__file__).parent
DIRECT = {
    # Before a client is authenticated.
    "sessions.sessions.find",
    "sessions.login_attempts.find", "login.password_login._look_up",
    "login.recovery_login._look_up", "api.authentication.refreshed",
    "api.authentication.authenticate", "api.authentication._looked_up",
    "api.authentication._is_worth_a_note",
    "api.regular_password._readings",
    "throttling.reservations.is_closed", "throttling.reservations.reserve",
    "administrators.first_run.is_needed", "administrators.first_run.demand_open",
    # Part of a write that checks the right itself.
    "account.own_password.replace_given", "accounts._is_taken",
    "gateway.visitors._refusal_of_address", "gateway.visitors.by_session",
    "api.authentication.username_of", "gateway.gateway_checks.check",
    "gateway.visitors.by_api_password",
    "applications.applications.enabled_at", "gateway.return_tickets.read", "gateway.hand_over.enter",
    # An account's own applications.
    "applications.permitted.to",
    # The server's own work.
    "audit.audit_log._too_old", "audit.chain_watch._checked", "audit.login_counts.count_new",
    "operations.data_checks._inside", "operations.maintenance._batches", "operations.key_rotation._is_whole",
    "operations.key_rotation._seal_again", "operations.key_rotation._next",
    "operations.key_rotation.name_of",
}  # fmt: skip
"""Functions that open a read without an actor, by reason."""


def direct_reads() -> set[str]:
    """Return the functions that call `reading()` of a database."""
    found = set()
    for path in FOLDER.rglob("*.py"):
        module = ".".join(path.relative_to(FOLDER).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(each, ast.Attribute) and each.attr == "reading"
                for each in ast.walk(node)
            ):
                found.add(f"{module}.{node.name}")
    return found - {"unit_of_work.reading"}


def test_reads_without_an_actor_are_listed_with_a_reason() -> None:
    assert direct_reads() == DIRECT


@pytest.fixture
def acts(here: Installation) -> Acts:
    return Acts(here, is_there=True)


@pytest.mark.parametrize("interface", [Interface.CONSOLE, Interface.API])
def test_unauthenticated_client_reads_nothing(acts: Acts, interface: Interface) -> None:
    unknown, account = Actor(interface, address="192.0.2.7"), acts.account
    with pytest.raises(SessionEnded):
        next(accounts.everyone(acts.app, unknown))
    with pytest.raises(SessionEnded):
        other_accounts.page(acts.app, unknown)
    with pytest.raises(SessionEnded):
        api_password.read(acts.app, unknown, account)
    with pytest.raises(SessionEnded):
        audit_log.page(acts.app, unknown, AuditFilter(), 10)
    assert next(accounts.everyone(acts.app, unknown.known_as(account)))
