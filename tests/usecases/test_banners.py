"""Banners after a login, until they are dismissed; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.support.acts import API, BY_CLI, CONSOLE, Acts, page_of
from watchword.crypto.passwords import run
from watchword.domain.audit import Actor, Recorded
from watchword.domain.audit import AuditEvent as E
from watchword.domain.banners import AUDIENCES, BY_API, Audience, shown_to
from watchword.domain.errors import Refusal
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.storage import audit
from watchword.storage import banners as stored
from watchword.storage.banners import MOST, Happening
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.administrators.authorization import By
from watchword.usecases.audit import banners
from watchword.usecases.audit.banners import Unseen
from watchword.usecases.login import second_factor
from watchword.usecases.login.password_login import Browser
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.web.console.account.banners import OTHERS, OWN
from watchword.web.console.account.banners import for_overview as banner_fields

NEW = Secret("another otter with pencils")


@pytest.fixture
def bob(acts: Acts) -> Acts:
    return Acts(acts.here, "bob")


def unseen(who: Acts) -> Unseen:
    """Log in, and return the events that are shown."""
    who.here.clock.next_step()
    return page_of(who.app, who.login()).unseen


def events(happenings: tuple[Happening, ...]) -> list[E]:
    return [h.event for h in happenings]


def by(who: Acts, interface: Actor) -> By:
    account = who.account
    return By(interface.known_as(account), account)


def test_each_shown_event_has_a_sentence() -> None:
    assert set(OWN) == shown_to(Audience.ACCOUNT)
    assert set(OTHERS) == shown_to(Audience.OTHERS) | {E.MFA_ENABLE, E.MFA_RESET}
    without = {e for e in BY_API if e.value.startswith("application.")}
    assert set(BY_API) - set(AUDIENCES) == {E.ADMINISTRATOR_CHANGED, E.SESSION_ENDED} | without


def test_new_account_is_not_shown_earlier_events(acts: Acts, bob: Acts) -> None:
    assert unseen(bob) == Unseen((), (), ())


def test_changes_to_an_account_are_shown_to_its_owner_and_to_others(acts: Acts, bob: Acts) -> None:
    carol = Acts(acts.here, "carol")
    for who in (acts, bob, carol):
        banners.put_away(who.app, who.login(), 10**6)
    acts.create("dave")
    other_credentials.change_mfa(acts.app, by(acts, CONSOLE), "bob", Event.ENABLE)
    assert events(unseen(carol).others) == [E.MFA_ENABLE, E.ADMINISTRATOR_CREATED]
    assert unseen(carol).others[0].subject == "bob"
    assert events(unseen(acts).others) == [E.ADMINISTRATOR_CREATED]
    assert events(unseen(bob).own)[-1:] == [E.MFA_ENABLE]


def test_dismissed_events_are_not_shown_again_but_later_ones_are(acts: Acts, bob: Acts) -> None:
    other_accounts.disable(acts.app, BY_CLI, "bob")
    principal = acts.login()
    shown = page_of(acts.app, principal).unseen
    assert events(shown.others) == [E.ADMINISTRATOR_DISABLED, E.ADMINISTRATOR_CREATED]
    banners.put_away(acts.app, principal, shown.newest_id)
    banners.put_away(acts.app, principal, 0)
    assert page_of(acts.app, principal).unseen.newest_id == 0
    other_accounts.enable(acts.app, BY_CLI, "bob")
    assert events(page_of(acts.app, principal).unseen.others) == [E.ADMINISTRATOR_ENABLED]


def test_one_dismissed_event_is_hidden_from_one_administrator(acts: Acts, bob: Acts) -> None:
    for name in ("carol", "dave"):
        acts.create(name)
    mine, theirs = acts.login(), bob.login()
    _newest, middle, oldest = page_of(acts.app, mine).unseen.others
    for _ in range(2):
        banners.dismiss(acts.app, mine, middle.id)
    banners.dismiss(acts.app, mine, 10**6)
    shown = page_of(acts.app, mine).unseen
    assert [h.subject for h in shown.others] == ["dave", "bob"]
    assert [h.subject for h in page_of(acts.app, theirs).unseen.others] == ["dave", "carol"]
    acts.create("erin")  # the number that was dismissed before its event existed may be its own
    banners.put_away(acts.app, mine, oldest.id)
    assert [h.subject for h in page_of(acts.app, mine).unseen.others] == ["erin", "dave"]
    with acts.app.database.reading() as connection:
        assert stored.dismissed(connection, mine.account.id) == {middle.id}
    banners.put_away(acts.app, mine, shown.newest_id)
    with acts.app.database.reading() as connection:
        assert stored.dismissed(connection, mine.account.id) == frozenset()


def test_dismissed_events_of_a_full_list_make_room_for_no_others(acts: Acts) -> None:
    """ "Mark as seen" must not remove an event that the page did not show."""
    principal = acts.login()
    _many(acts, MOST + 1, CONSOLE, E.PASSWORD_RESET, 77)
    shown = page_of(acts.app, principal).unseen
    banners.dismiss(acts.app, principal, shown.others[0].id)
    after = page_of(acts.app, principal).unseen
    assert (len(after.others), after.others_is_full) == (MOST - 1, True)
    banners.put_away(acts.app, principal, after.newest_id)
    assert len(page_of(acts.app, principal).unseen.others) == 1


def test_own_changes_are_shown_in_the_next_session_only(acts: Acts) -> None:
    principal = acts.login()
    acts.press(Event.ENABLE, principal)
    own = page_of(acts.app, acts.principal_again(principal)).unseen.own
    assert events(own) == []
    acts.login()
    assert events(unseen(acts).own) == [E.MFA_ENROL_CONFIRMED, E.MFA_ENABLE]


def test_login_from_an_unknown_browser_is_shown_except_the_first(acts: Acts) -> None:
    first = acts.password()
    assert isinstance(first, LoggedIn)
    assert page_of(acts.app, acts.principal(first)).unseen.own == ()
    acts.here.clock.next_step()
    acts.password()
    assert events(unseen(acts).own) == [E.NEW_BROWSER]


def test_five_wrong_codes_from_another_address_are_shown(acts: Acts) -> None:
    """Another person may know the password."""
    acts.activate()
    attempt = acts.attempt()
    elsewhere = replace(CONSOLE, address="198.51.100.9")
    for _ in range(5):
        with pytest.raises(Refusal):
            second_factor.code(acts.app, elsewhere, attempt, "000000", Browser())
    acts.here.clock.advance(acts.app.limits.idle * 8)
    assert E.MFA_FAILED_OUT in events(unseen(acts).own)


def test_api_changes_are_one_banner_for_all_others_and_for_the_callers_owner(
    acts: Acts, bob: Acts
) -> None:
    carol = Acts(acts.here, "carol")
    for who in (acts, bob, carol):
        banners.put_away(who.app, who.login(), 10**6)
    caller = by(acts, API)
    other_accounts.change(acts.app, caller, "bob", full_name="Bob", email=None)
    run(other_accounts.set_password(acts.app, caller, "bob", NEW))
    shown = unseen(carol)
    assert (events(shown.others), events(shown.by_api)) == (
        [],
        [E.PASSWORD_RESET, E.ADMINISTRATOR_CHANGED],
    )
    assert len(unseen(acts).by_api) == 2
    # They are one line: dismissing it dismisses all of them, and not a later one.
    banners.dismiss(acts.app, acts.login(), unseen(acts).by_api[0].id)
    assert unseen(acts).by_api == ()
    other_accounts.change(acts.app, caller, "bob", full_name="Bobby", email=None)
    assert events(unseen(acts).by_api) == [E.ADMINISTRATOR_CHANGED]
    assert len(unseen(carol).by_api) == 3
    bobs = page_of(bob.app, bob.principal(_logged_in(bob))).unseen
    assert events(bobs.by_api) == []
    assert E.PASSWORD_RESET in events(bobs.own)


def _logged_in(who: Acts) -> LoggedIn:
    who.here.clock.next_step()
    result = who.password(NEW.reveal())
    assert isinstance(result, LoggedIn)
    return result


# --- more events than a page shows --------------------------------------------------------------
def _many(acts: Acts, count: int, interface: Actor, event: E, subject: int | None) -> None:
    """Record an event several times, at a time one second later."""
    with acts.app.database.writing() as connection:
        acts.here.clock.advance(timedelta(seconds=1))
        done = Recorded(event, acts.app.clock.now(), "done", interface, subject, "bob", {})
        audit.append(connection, [done] * count, "here", acts.app.chain.link)


@pytest.mark.parametrize("count", [MOST - 1, MOST, MOST + 150])
def test_number_of_api_changes_is_exact_or_a_minimum(acts: Acts, count: int) -> None:
    principal = acts.login()
    _many(acts, count, API, E.ADMINISTRATOR_CHANGED, 77)
    shown = page_of(acts.app, principal).unseen
    page = banner_fields(shown, {})
    assert (page["api_count"], page["api_is_minimum"]) == (min(count, MOST), count >= MOST)
    banners.put_away(acts.app, principal, shown.newest_id)
    assert page_of(acts.app, principal).unseen == Unseen((), (), ())


@pytest.mark.parametrize("is_own", [True, False])
def test_dismissing_a_full_list_keeps_events_that_were_not_shown(acts: Acts, is_own: bool) -> None:
    principal = acts.login()
    subject = principal.account.id if is_own else 77
    _many(acts, MOST + 150, CONSOLE, E.PASSWORD_RESET, subject)
    _many(acts, 1, API, E.ADMINISTRATOR_CHANGED, 78)
    seen: list[int] = []
    while newest := (shown := page_of(acts.app, principal).unseen).newest_id:
        listed = [h.id for h in (shown.own if is_own else shown.others)]
        assert listed == sorted(listed, reverse=True)
        seen += sorted(listed)
        banners.put_away(acts.app, principal, newest)
    assert len(seen) == len(set(seen)) == MOST + 150
    assert seen == sorted(seen)


def test_events_after_the_page_was_shown_are_not_dismissed(acts: Acts) -> None:
    principal = acts.login()
    _many(acts, 3, CONSOLE, E.PASSWORD_RESET, 77)
    shown = page_of(acts.app, principal).unseen
    _many(acts, 2, API, E.PASSWORD_RESET, 77)
    banners.put_away(acts.app, principal, shown.newest_id)
    assert len(page_of(acts.app, principal).unseen.by_api) == 2
