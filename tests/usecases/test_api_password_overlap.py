"""A replaced API password that stays valid for some hours, on both databases."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.support.acts import API, BY_CLI, CLI, CONSOLE, Acts
from tests.support.clock import MovableClock
from tests.support.installation import CHEAP
from watchword import bootstrap
from watchword.crypto.passwords import run
from watchword.domain import basic_auth
from watchword.domain.api_password import LONGEST_OVERLAP, OVERLAPS, Refused
from watchword.domain.audit import AuditEvent
from watchword.domain.clocks import CLOCK_TOLERANCE
from watchword.domain.errors import AlreadyGenerated, LoginFailed, NothingToRevoke
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.storage import api_callers, epoch, key_usage
from watchword.storage.audit_query import AuditFilter
from watchword.storage.credentials import StoredApiPassword
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.api import api_password, authentication
from watchword.usecases.api.caller_cache import RememberedCallers
from watchword.usecases.audit import audit_log
from watchword.usecases.context import Watchword
from watchword.usecases.operations import key_retirement, key_rotation, maintenance

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
SECOND = timedelta(seconds=1)
CRON = replace(API, address="198.51.100.4", user_agent="curl/8.5 (cron)")


def generate(acts: Acts, overlap: timedelta = OVERLAPS[0]) -> str:
    """Generate an API password on the page, by a form that was just drawn."""
    me = acts.login()
    seen = stored(acts).generation
    return api_password.generate(acts.app, CONSOLE, me, seen=seen, overlap=overlap).reveal()


def pair(acts: Acts, overlap: timedelta = DAY) -> tuple[str, str]:
    """Return an old API password that is still valid and the one that replaced it."""
    old = generate(acts)
    acts.here.clock.next_step()
    return old, generate(acts, overlap)


def stored(acts: Acts) -> StoredApiPassword:
    return api_password.read(acts.app, CLI, acts.account)


def opens(acts: Acts, password: str, app: Watchword | None = None) -> bool:
    given = basic_auth.Credentials(True, (basic_auth.Candidate("alice", Secret(password)),), False)
    try:
        run(authentication.authenticate(app or acts.app, API, given))
    except LoginFailed:
        return False
    return True


def facts(acts: Acts, event: AuditEvent) -> list[dict[str, str | int]]:
    found = audit_log.page(acts.app, CLI, AuditFilter(event=event.value), 9)
    return [dict(each.facts) for each in found]


def test_both_api_passwords_open_the_api_until_the_end_of_the_overlap(acts: Acts) -> None:
    old, new = pair(acts)
    assert facts(acts, AuditEvent.API_PASSWORD_GENERATED)[0] == {"old_valid_hours": 24}
    acts.call_api(new)
    acts.here.clock.advance(HOUR)
    assert acts.call_api(old, actor=CRON).good_until == acts.here.clock.now() + 23 * HOUR
    current = stored(acts)
    kept = api_password.old_in_force(acts.app, current)
    assert kept is not None
    assert (current.last_used_address, current.last_used_client) == (API.address, API.user_agent)
    assert (kept.last_used_address, kept.last_used_client) == (CRON.address, CRON.user_agent)
    assert kept.last_used_at == acts.here.clock.now()
    assert {"password": "old"} in facts(acts, AuditEvent.API_PASSWORD_FIRST_USE)

    acts.here.clock.advance(23 * HOUR - SECOND)
    assert opens(acts, old)
    acts.here.clock.advance(SECOND)
    assert (opens(acts, old), opens(acts, new)) == (False, True)
    assert api_password.old_in_force(acts.app, stored(acts)) is None
    [refused] = api_password.refusals(acts.app, CLI, acts.account)
    assert (refused.kind, refused.count) == (Refused.FORMER, 1)


def test_api_password_is_replaced_immediately_without_a_choice(acts: Acts) -> None:
    old, new = pair(acts, OVERLAPS[0])
    assert (opens(acts, old), opens(acts, new)) == (False, True)
    assert stored(acts).old is None
    assert facts(acts, AuditEvent.API_PASSWORD_GENERATED) == [{}, {}]
    with pytest.raises(ValueError, match="choices"):
        generate(acts, 2 * HOUR)


def test_first_api_password_has_no_old_one(acts: Acts) -> None:
    generate(acts, DAY)
    assert stored(acts).old is None
    assert facts(acts, AuditEvent.API_PASSWORD_GENERATED) == [{}]


def test_second_generation_ends_the_oldest_api_password(acts: Acts) -> None:
    first, second = pair(acts)
    acts.here.clock.next_step()
    third = generate(acts, HOUR)
    assert [opens(acts, each) for each in (first, second, third)] == [False, True, True]
    acts.here.clock.next_step()
    fourth = generate(acts)
    assert [opens(acts, each) for each in (second, third, fourth)] == [False, False, True]


def test_form_of_an_earlier_generation_keeps_nothing(acts: Acts) -> None:
    """A second tab with the old form changes neither of the two API passwords."""
    old, new = pair(acts)
    acts.here.clock.next_step()
    me = acts.login()
    with pytest.raises(AlreadyGenerated):
        api_password.generate(acts.app, CONSOLE, me, seen=1, overlap=HOUR)
    assert (opens(acts, old), opens(acts, new)) == (True, True)
    assert stored(acts).generation == 2


def test_stop_it_now_ends_the_old_api_password_that_the_page_showed(acts: Acts) -> None:
    old, new = pair(acts)
    kept = stored(acts).old
    assert kept is not None
    acts.here.clock.next_step()
    me = acts.login()
    with pytest.raises(NothingToRevoke):
        api_password.end_old(acts.app, CONSOLE, me, seen=kept.generation - 1)
    assert opens(acts, old)
    api_password.end_old(acts.app, CONSOLE, me, seen=kept.generation)
    assert (opens(acts, old), opens(acts, new)) == (False, True)
    assert facts(acts, AuditEvent.API_PASSWORD_OLD_ENDED) == [{"begins_with": kept.hint}]
    with pytest.raises(NothingToRevoke):
        api_password.end_old(acts.app, CONSOLE, me, seen=kept.generation)


def test_stop_it_now_after_the_end_is_refused(acts: Acts) -> None:
    pair(acts, HOUR)
    acts.here.clock.advance(HOUR)
    with pytest.raises(NothingToRevoke):
        api_password.end_old(acts.app, CONSOLE, acts.login(), seen=1)
    assert facts(acts, AuditEvent.API_PASSWORD_OLD_ENDED) == []


@pytest.mark.parametrize("way", ["own", "other", "reset", "disabled"])
def test_revocation_ends_both_api_passwords(acts: Acts, way: str) -> None:
    acts.activate()
    acts.create("bob")
    old, new = pair(acts)
    acts.here.clock.next_step()
    if way == "own":
        api_password.revoke(acts.app, CONSOLE, acts.login())
    elif way == "other":
        other_credentials.revoke_api_password(acts.app, BY_CLI, "alice")
    elif way == "reset":
        other_credentials.change_mfa(acts.app, BY_CLI, "alice", Event.RESET)
    else:
        other_accounts.disable(acts.app, BY_CLI, "alice")
    assert (opens(acts, old), opens(acts, new)) == (False, False)
    if way == "disabled":
        other_accounts.enable(acts.app, BY_CLI, "alice")
        assert (opens(acts, old), opens(acts, new)) == (False, False)


def test_request_under_way_survives_the_replacement_of_its_api_password(acts: Acts) -> None:
    """Otherwise a change without an outage would refuse some requests."""
    old = generate(acts)
    with acts.app.database.reading() as connection:
        account, seen, _epoch = api_callers.find(connection, "alice")
    assert account is not None
    caller = acts.call_api(old)
    acts.here.clock.next_step()
    generate(acts, HOUR)
    assert authentication._note_use(acts.app, CRON, account, seen)
    assert stored(acts).last_used_at is None
    kept = stored(acts).old
    assert kept is not None
    assert kept.last_used_client == CRON.user_agent
    assert authentication.refreshed(acts.app, caller) is not None
    acts.here.clock.advance(HOUR)
    assert authentication.refreshed(acts.app, caller) is None


def test_cached_caller_is_forgotten_at_the_end_of_the_overlap(acts: Acts) -> None:
    old, _new = pair(acts, HOUR)
    acts.here.clock.advance(HOUR - 2 * SECOND)
    caller = acts.call_api(old)
    remembered = RememberedCallers(acts.app)
    digest = remembered.digest(b"Basic of a test", API.address)
    known = remembered.keep(digest, caller)
    acts.here.clock.advance(SECOND)
    assert remembered.get(digest) == known
    acts.here.clock.advance(SECOND)
    assert remembered.get(digest) is None


@pytest.mark.parametrize("end", ["button", "generation", "time"])
def test_end_of_the_old_api_password_counts_in_every_process(acts: Acts, end: str) -> None:
    old, _new = pair(acts)
    remembered = RememberedCallers(acts.app)
    digest = remembered.digest(b"Basic of a test", API.address)
    remembered.keep(digest, acts.call_api(old))
    clock = acts.here.clock
    clock.next_step()
    me = acts.login()
    with closing(bootstrap.open(acts.here.settings, clock=clock, hashing=CHEAP)) as other:
        assert opens(acts, old, other)
        if end == "button":
            api_password.end_old(other, CONSOLE, me, seen=1)
        elif end == "generation":
            api_password.generate(other, CONSOLE, me, seen=2)
        else:
            clock.advance(DAY)
        cached = remembered.get(digest)
        with acts.app.database.reading() as connection:
            assert cached is None or cached.caller.epoch != epoch.get(connection)
        assert (opens(acts, old), opens(acts, old, other)) == (False, False)


def test_node_whose_clock_is_behind_keeps_the_old_one_for_the_difference(acts: Acts) -> None:
    """The sweep of the node that is ahead deletes nothing that the other still accepts."""
    old, _new = pair(acts, HOUR)
    difference = CLOCK_TOLERANCE - SECOND
    behind = MovableClock(acts.here.clock.now() - difference)
    with closing(bootstrap.open(acts.here.settings, clock=behind, hashing=CHEAP)) as other:
        for clock in (acts.here.clock, behind):
            clock.advance(HOUR)
        maintenance.sweep(acts.app)
        assert (opens(acts, old), opens(acts, old, other)) == (False, True)
        for clock in (acts.here.clock, behind):
            clock.advance(difference)
        assert not opens(acts, old, other)
        acts.here.clock.advance(SECOND)
        maintenance.sweep(acts.app)
        assert stored(acts).old is None


def test_clock_that_was_set_back_leaves_at_most_the_longest_overlap(acts: Acts) -> None:
    """The regular cleanup lowers an end that is further ahead than any choice."""
    old, _new = pair(acts, LONGEST_OVERLAP)
    acts.here.clock.advance(-timedelta(days=30))
    maintenance.sweep(acts.app)
    acts.here.clock.advance(LONGEST_OVERLAP - SECOND)
    assert opens(acts, old)
    acts.here.clock.advance(SECOND)
    assert not opens(acts, old)


def test_old_api_password_expires_by_its_age(acts: Acts) -> None:
    acts.here.with_settings(api_password_max_days=30)
    old = generate(acts)
    acts.here.clock.advance(timedelta(days=29, hours=12))
    generate(acts, DAY)
    acts.here.clock.advance(12 * HOUR - SECOND)
    assert opens(acts, old)
    acts.here.clock.advance(SECOND)
    assert not opens(acts, old)
    acts.here.clock.advance(timedelta(days=31))
    generate(acts, DAY)
    assert stored(acts).old is None, "the replaced one had expired"


def test_retirement_of_a_key_ends_only_the_old_api_password_under_it(acts: Acts) -> None:
    old = generate(acts)
    key_rotation.rotate(acts.app, CLI, lambda _done, _of: None)
    acts.here.clock.next_step()
    new = generate(acts, DAY)
    assert opens(acts, old)
    [holder] = [h for h in key_retirement.holders_of_old(acts.app, CLI) if h.username == "alice"]
    assert (holder.has_api_password, holder.has_old_api_password) == (False, True)
    key_retirement.retire(acts.app, CLI, force=True)
    assert (opens(acts, old), opens(acts, new)) == (False, True)
    with acts.app.database.reading() as connection:
        assert key_usage.holders(connection, [key_rotation.states(acts.app, CLI)[0].id])
    assert facts(acts, AuditEvent.API_PASSWORD_OLD_ENDED) == [{"reason": "key-retired"}]
