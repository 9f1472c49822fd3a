"""Warnings about another person, which the owner's mistakes must not cause; both databases."""

from __future__ import annotations

import base64
import contextlib

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from tests.support.acts import CLI, CONSOLE, PASSWORD, Acts, page_of
from watchword.crypto.passwords import run
from watchword.domain.audit import Actor
from watchword.domain.audit import AuditEvent as E
from watchword.domain.errors import Refusal
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.storage.schema import audit_events, enrolments
from watchword.usecases.account import own_mfa
from watchword.usecases.login import password_login, second_factor
from watchword.usecases.login.password_login import AttemptStarted, Browser
from watchword.usecases.mfa import enrolment, enrolment_codes
from watchword.usecases.sessions import login_attempts
from watchword.usecases.sessions.sessions import LoggedIn

ELSEWHERE = {
    "address": replace(CONSOLE, address="198.51.100.9"),
    "browser": replace(CONSOLE, user_agent="another"),
}
DAY_AFTER = replace(CONSOLE, address="203.0.113.5", user_agent="a third")


def begun(acts: Acts, actor: Actor, username: str = "alice") -> str:
    """Enter username and password. Returns the attempt's token."""
    entering = password_login.password(
        acts.app, actor, username=username, typed=Secret(PASSWORD), browser=Browser()
    )
    started = run(entering)
    assert isinstance(started, AttemptStarted)
    return started.token.reveal()


def wrong_enrolment_codes(acts: Acts, actor: Actor) -> None:
    """Start a login, and enter wrong enrolment codes only."""
    found = login_attempts.find(acts.app, begun(acts, actor))
    for _ in range(5):
        with contextlib.suppress(Refusal):
            enrolment_codes.use_code(acts.app, actor, found, "0000-0000-0000", None)


def wrong_codes(acts: Acts, actor: Actor) -> None:
    found = login_attempts.find(acts.app, begun(acts, actor))
    for _ in range(5):
        with contextlib.suppress(Refusal):
            second_factor.code(acts.app, actor, found, "000000", Browser())


def shown_twice(acts: Acts, actor: Actor) -> None:
    """Show the QR code in two logins."""
    for _ in range(2):
        found = login_attempts.find(acts.app, begun(acts, actor))
        enrolment.show(acts.app, actor, found.account, found.attempt.enrolment_id)


def logged_in(acts: Acts, actor: Actor, enrolment_code: str = "") -> None:
    """Complete a login of the owner."""
    acts.here.clock.next_step()
    token = begun(acts, actor)
    found = login_attempts.find(acts.app, token)
    if enrolment_code:
        enrolment_codes.use_code(acts.app, actor, found, enrolment_code, None)
        found = login_attempts.find(acts.app, token)
    if found.attempt.enrolment_id:
        shown = enrolment.show(acts.app, actor, found.account, found.attempt.enrolment_id)
        acts.phone = base64.b32decode(shown.secret.reveal())
    second_factor.code(acts.app, actor, found, acts.code(), Browser())


def shown_a_day_later(acts: Acts) -> set[E]:
    """Return the events shown to a session with another address and browser."""
    acts.here.clock.next_step()
    found = login_attempts.find(acts.app, begun(acts, DAY_AFTER))
    done = second_factor.code(acts.app, DAY_AFTER, found, acts.code(), Browser())
    return {h.event for h in page_of(acts.app, acts.principal(done)).unseen.own}


@pytest.mark.parametrize("by", [None, *ELSEWHERE])
def test_wrong_enrolment_code_warns_only_from_another_address_or_browser(
    acts: Acts, by: str | None
) -> None:
    acts.here.with_settings(enrolment_proof="always")
    issued = own_mfa.change_own(acts.app, CONSOLE, acts.login(), Event.ENABLE).issued
    wrong_enrolment_codes(acts, ELSEWHERE[by] if by else CONSOLE)
    acts.here.clock.advance(acts.app.limits.idle * 8)
    logged_in(acts, CONSOLE, issued.code.reveal() if issued.code else "")
    assert (E.MFA_ENROL_CODE_REQUIRED in shown_a_day_later(acts)) is (by is not None)


@pytest.mark.parametrize("by", [None, *ELSEWHERE])
def test_wrong_codes_warn_only_from_another_address_or_browser(acts: Acts, by: str | None) -> None:
    acts.activate()
    wrong_codes(acts, ELSEWHERE[by] if by else CONSOLE)
    acts.here.clock.advance(acts.app.limits.idle * 8)
    logged_in(acts, CONSOLE)
    assert (E.MFA_FAILED_OUT in shown_a_day_later(acts)) is (by is not None)


@pytest.mark.parametrize("by", [None, *ELSEWHERE])
def test_second_set_up_warns_only_from_another_address_or_browser(
    acts: Acts, by: str | None
) -> None:
    acts.press(Event.ENABLE)
    shown_twice(acts, ELSEWHERE[by] if by else CONSOLE)
    logged_in(acts, CONSOLE)
    shown = shown_a_day_later(acts)
    assert (E.MFA_ENROL_SHOWN_AGAIN in shown) is (by is not None)


def test_reload_of_the_enrolment_page_is_no_other_page_view(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    found = login_attempts.find(acts.app, begun(acts, CONSOLE))
    for actor in (CONSOLE, CONSOLE, ELSEWHERE["address"], CONSOLE):
        enrolment.show(acts.app, actor, found.account, found.attempt.enrolment_id)
    listed = enrolment.showings(acts.app, CLI, acts.account)
    assert [s.address for s in listed] == [ELSEWHERE["address"].address, CONSOLE.address]


def test_second_set_up_of_one_session_warns_only_from_another_address(acts: Acts) -> None:
    first, second = (replace(CONSOLE, session_ref=f"{n}" * 8) for n in (1, 2))
    elsewhere = replace(first, address=ELSEWHERE["address"].address)
    logged_in = acts.password()
    assert isinstance(logged_in, LoggedIn)
    acts.press(Event.ENABLE, acts.principal(logged_in))
    seen = []
    for actor in (first, first, elsewhere, second, first):
        me = acts.principal(logged_in)
        enrolment.finish_now(acts.app, actor, me)
        with acts.app.database.reading() as connection:
            id_ = connection.execute(sa.select(enrolments.c.id)).scalar_one()
        shown = enrolment.show(acts.app, actor, me.account, id_)
        seen.append((warnings(acts), len(shown.showings), shown.has_earlier))
    assert seen == [
        (0, 0, False), (0, 0, True), (1, 1, True), (2, 2, True), (2, 2, True),
    ]  # fmt: skip
    listed = enrolment.showings(acts.app, CLI, acts.account)
    assert [view.viewer.session for view in listed] == [second.session_ref, "1" * 8, "1" * 8]


def warnings(acts: Acts) -> int:
    is_warning = audit_events.c.event == E.MFA_ENROL_SHOWN_AGAIN.value
    with acts.app.database.reading() as connection:
        return len(connection.execute(sa.select(audit_events.c.id).where(is_warning)).all())
