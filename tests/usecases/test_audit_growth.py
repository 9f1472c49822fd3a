"""Rows that unauthenticated clients can create, from any number of addresses."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from tests.support.acts import API, BY_CLI, CLI, CONSOLE, PASSWORD, Acts
from tests.support.failed_attempts import store_failures
from watchword.crypto.passwords import run
from watchword.domain import refused_addresses
from watchword.domain.api_password import assemble
from watchword.domain.audit import Actor
from watchword.domain.audit import AuditEvent as E
from watchword.domain.errors import Refusal, Throttled
from watchword.domain.secret import Secret
from watchword.domain.throttle import POLICIES, Kind
from watchword.storage.audit_query import AuditFilter
from watchword.storage.refused_addresses import MOST_COUNTED
from watchword.usecases.administrators import other_accounts
from watchword.usecases.audit import audit_log
from watchword.usecases.audit.refused_logins import MOST_ADDRESSES
from watchword.usecases.login import recovery_login
from watchword.usecases.login.password_login import Browser
from watchword.usecases.login.recovery_login import Given
from watchword.usecases.operations import maintenance

MANY = 12
NO_CODE = "0000-" * 5 + "0000"
Entry = Callable[[Acts, Actor, int], object]


def at_console(name: str) -> Entry:
    def enter(acts: Acts, actor: Actor, number: int) -> object:
        return acts.password("wrong wrong wrong", username=name or f"n{number}", actor=actor)

    return enter


def by_recovery_code(name: str) -> Entry:
    def enter(acts: Acts, actor: Actor, number: int) -> object:
        given = Given(name or f"n{number}", Secret(PASSWORD), NO_CODE)
        return run(recovery_login.enter(acts.app, actor, given, Browser()))

    return enter


def at_api(name: str, password: str = "wrong wrong wrong") -> Entry:
    def enter(acts: Acts, actor: Actor, number: int) -> object:
        caller = replace(API, address=actor.address)
        return acts.call_api(password, username=name or f"n{number}", actor=caller)

    return enter


API_PASSWORD = assemble("A" * 32)
ENTRIES: dict[str, Entry] = {
    "login, unknown name": at_console(""),
    "login, an account": at_console("bob"),
    "login, a disabled account": at_console("carol"),
    "recovery code, unknown name": by_recovery_code(""),
    "recovery code, an account": by_recovery_code("bob"),
    "API, unknown name": at_api(""),
    "API, an account": at_api("bob"),
    "API, an account with MFA": at_api("alice"),
    "API, correct password of an account with MFA": at_api("alice", PASSWORD),
    "API, a disabled account": at_api("carol", PASSWORD),
    "API password, unknown name": at_api("", API_PASSWORD),
    "API password, an account": at_api("bob", API_PASSWORD),
    "API password, an account with MFA": at_api("alice", API_PASSWORD),
}


@pytest.fixture
def crowded(acts: Acts) -> Acts:
    """As many refused logins as are recorded in one hour."""
    for name in ("bob", "carol"):
        acts.create(name)
    other_accounts.disable(acts.app, BY_CLI, "carol")
    acts.activate()
    store_failures(acts, Kind.REFUSED_LOGINS, POLICIES[Kind.REFUSED_LOGINS].window_limit, "all")
    return acts


def rows(acts: Acts) -> int:
    with acts.app.database.reading() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM audit_events").scalar_one()
    return int(found)


def flood(acts: Acts, enter: Entry, times: int = MANY) -> None:
    """Send each entry from a /48 of its own."""
    for number in range(times):
        actor = replace(CONSOLE, address=f"2001:db8:{number:x}::1")
        with suppress(Refusal):
            enter(acts, actor, number)


@pytest.mark.parametrize("entry", ENTRIES)
def test_refused_logins_above_the_rate_are_counted_and_not_recorded(
    crowded: Acts, entry: str
) -> None:
    before = rows(crowded)
    flood(crowded, ENTRIES[entry])
    assert rows(crowded) == before


def refused_logins(acts: Acts) -> dict[str, int]:
    found = audit_log.page(acts.app, CLI, AuditFilter(event=E.REFUSED_LOGINS.value), 50)
    return {each.subject: each.facts["failures"] for each in found}


def test_counted_refusals_become_an_event_for_each_account(crowded: Acts) -> None:
    flood(crowded, at_api(""), 3)
    flood(crowded, at_api("bob"), 4)
    flood(crowded, at_api("alice"))
    maintenance.sweep(crowded.app)
    assert refused_logins(crowded) == {"": 3, "bob": 4, "alice": MANY}
    maintenance.sweep(crowded.app)
    assert len(refused_logins(crowded)) == 3
    counted = crowded.app.tally.read()[E.API_AUTH_FAIL.value, "api"]
    assert counted == 3 + 4 + MANY


def test_event_of_counted_refusals_names_the_most_frequent_addresses(crowded: Acts) -> None:
    """Decoys cannot hide the address of the attacker, and the rows have a limit."""
    for number in range(15):
        for address in (*(f"2001:db8:{number:x}{n}::1" for n in range(3)), "203.0.113.7"):
            with suppress(Refusal):
                at_api("alice")(crowded, replace(CONSOLE, address=address), number)
    assert counted_addresses(crowded) == MOST_COUNTED
    maintenance.sweep(crowded.app)
    (event,) = audit_log.page(crowded.app, CLI, AuditFilter(event=E.REFUSED_LOGINS.value), 50)
    found = refused_addresses.read(event.facts["addresses"])
    assert (event.facts["failures"], len(found)) == (60, MOST_ADDRESSES)
    assert next(iter(found.items())) == ("203.0.113.7", 15)
    assert {count for address, count in found.items() if ":" in address} == {1}
    assert counted_addresses(crowded) == 0


def counted_addresses(acts: Acts) -> int:
    with acts.app.database.reading() as connection:
        query = "SELECT count(*) FROM throttles WHERE kind LIKE 'refused-logins:%'"
        return int(connection.execute(sa.text(query)).scalar_one())


def test_refused_logins_below_the_rate_are_recorded(crowded: Acts) -> None:
    crowded.here.clock.advance(timedelta(seconds=6))
    before = rows(crowded)
    flood(crowded, at_api("", API_PASSWORD))
    assert rows(crowded) == before + 1
    crowded.here.clock.advance(timedelta(hours=1))
    flood(crowded, at_api("", API_PASSWORD))
    assert rows(crowded) == before + 1 + MANY


def fail_from(acts: Acts, address: str, number: int) -> str:
    actor = replace(API, address=address)
    with pytest.raises(Refusal) as refused:
        acts.call_api(API_PASSWORD, username=f"n{number}", actor=actor)
    return refused.value.code


def test_addresses_of_a_48_share_a_budget(acts: Acts) -> None:
    codes = [fail_from(acts, f"2001:db8:7:{n:x}::1", n) for n in range(103)]
    assert (codes.count("login-failed"), codes.count("throttled")) == (100, 3)
    assert fail_from(acts, "2001:db8:8::1", 200) == "login-failed"
    assert fail_from(acts, "192.0.2.200", 200) == "login-failed"


def test_failures_in_a_48_do_not_block_a_recognised_address(acts: Acts) -> None:
    home = replace(API, address="2001:db8:7:ffff::1")
    acts.call_api(PASSWORD, actor=home)
    store_failures(acts, Kind.NETWORK, 100, "2001:db8:7::/48")
    assert acts.call_api(PASSWORD, actor=home).account.username == "alice"
    with pytest.raises(Throttled) as refused:
        acts.call_api(PASSWORD, actor=replace(API, address="2001:db8:7:1::1"))
    assert refused.value.facts["is_by_address"]
