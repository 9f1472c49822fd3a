"""Warnings about proxy headers from a peer that is no trusted proxy, once a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.support.acts import API, CLI, CONSOLE, PASSWORD, Acts
from tests.support.installation import Installation
from watchword.domain.audit import AuditEvent
from watchword.domain.errors import LoginFailed
from watchword.domain.health_checks import Code, Level
from watchword.domain.throttle import Kind
from watchword.storage import throttles
from watchword.storage.audit_query import AuditFilter, AuditRow
from watchword.usecases.audit import audit_log, proxy_warnings
from watchword.usecases.operations.data_checks import examine_data

UNTRUSTED = replace(CONSOLE, is_from_untrusted_peer=True)
ELSEWHERE = replace(UNTRUSTED, address="192.0.2.77")


def events(acts: Acts) -> list[AuditRow]:
    wanted = AuditFilter(event=AuditEvent.UNTRUSTED_PEER.value)
    return list(audit_log.page(acts.app, CLI, wanted, 100))


def doctor(here: Installation) -> tuple[Code, Level]:
    (finding,) = [f for f in examine_data(here.settings, here.clock.now())
                  if f.check == "proxies"]  # fmt: skip
    return finding.code, finding.level


def warned_of(acts: Acts) -> str | None:
    with acts.app.database.reading() as connection:
        return proxy_warnings.newest(connection, acts.here.clock.now())


def test_one_event_is_recorded_for_each_peer_and_day(acts: Acts) -> None:
    acts.password()
    assert events(acts) == []
    assert warned_of(acts) is None
    for _ in range(3):
        acts.password(actor=UNTRUSTED)
    (row,) = events(acts)
    assert (row.address, row.subject) == (CONSOLE.address, "alice")
    acts.password(actor=ELSEWHERE)
    assert len(events(acts)) == 2
    acts.here.clock.advance(timedelta(days=1, seconds=1))
    acts.password(actor=UNTRUSTED)
    assert len(events(acts)) == 3


def test_proxy_warning_is_shown_for_a_day(acts: Acts) -> None:
    assert doctor(acts.here) == (Code.PROXIES_GOOD, Level.OK)
    acts.password(actor=ELSEWHERE)
    assert warned_of(acts) == ELSEWHERE.address
    assert doctor(acts.here) == (Code.PROXIES_UNTRUSTED, Level.WARNING)
    acts.here.clock.advance(timedelta(days=1))
    assert warned_of(acts) == ELSEWHERE.address
    acts.here.clock.advance(timedelta(seconds=1))
    assert warned_of(acts) is None
    assert doctor(acts.here) == (Code.PROXIES_GOOD, Level.OK)


def test_unauthenticated_client_cannot_cause_the_proxy_warning(acts: Acts) -> None:
    """Headers without a correct password record nothing."""
    with pytest.raises(LoginFailed):
        acts.password("wrong", actor=UNTRUSTED)
    assert events(acts) == []


def test_api_login_with_proxy_headers_is_recorded(acts: Acts) -> None:
    acts.call_api(PASSWORD, actor=replace(API, is_from_untrusted_peer=True))
    assert [row.interface for row in events(acts)] == ["api"]


def test_failures_are_not_counted_for_the_address_of_a_trusted_proxy(acts: Acts) -> None:
    """All clients behind the proxy share it when it forwards no address."""
    with pytest.raises(LoginFailed):
        acts.password("wrong", actor=CONSOLE)
    shared = replace(CONSOLE, address="192.0.2.50", is_shared=True)
    with pytest.raises(LoginFailed):
        acts.password("wrong", actor=shared)
    with pytest.raises(LoginFailed):
        acts.call_api("wrong", actor=replace(shared, interface=API.interface))
    with acts.app.database.reading() as connection:
        assert throttles.get(connection, Kind.ADDRESS, CONSOLE.address).drained_at.year > 2000
        untouched = throttles.get(connection, Kind.ADDRESS, "nobody's")
        assert throttles.get(connection, Kind.ADDRESS, shared.address) == untouched


def test_audit_log_contains_the_proxy_that_forwarded_the_address(acts: Acts) -> None:
    acts.password(actor=replace(CONSOLE, via="10.0.0.2"))
    acts.password()
    direct, proxied = audit_log.page(acts.app, CLI, AuditFilter(event="auth.login"), 2)
    assert proxied.facts["via"] == "10.0.0.2"
    assert "via" not in direct.facts
