"""API refusals shown to the owner of an account, on both databases."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from tests.support.acts import API, CLI, PASSWORD, Acts
from tests.support.statements import noted
from watchword.crypto.passwords import run
from watchword.domain import basic_auth
from watchword.domain.api_password import Refused
from watchword.domain.audit import Actor, Interface
from watchword.domain.errors import LoginFailed, Refusal
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.storage.api_refusals import MOST_OF_A_CLIENT, MOST_ROWS
from watchword.storage.replaced_api_passwords import MOST_FORMER
from watchword.usecases.api import api_password, authentication
from watchword.web.http import refusal_messages

CRON = Actor(Interface.API, address="198.51.100.4", user_agent="curl/8.5 (cron)")


def seen(acts: Acts) -> list[tuple[Refused, str, str, int]]:
    found = api_password.refusals(acts.app, CLI, acts.account)
    return [(r.kind, r.address, r.client, r.count) for r in found]


def refuse(acts: Acts, password: str, actor: Actor = CRON, *, newline: bool = False) -> Refusal:
    """Send credentials that are refused, one TOTP step after the previous call."""
    acts.here.clock.next_step()
    candidate = basic_auth.Candidate(acts.username, Secret(password))
    is_api = password.startswith("wwp_")
    given = basic_auth.Credentials(is_api, (candidate,), newline)
    with pytest.raises(LoginFailed) as refused:
        run(authentication.authenticate(acts.app, actor, given))
    return refused.value


def test_use_of_a_former_api_password_is_shown_with_its_client(acts: Acts) -> None:
    first = acts.generate_api_password()
    second = acts.generate_api_password()
    refuse(acts, first)
    refuse(acts, first)
    api_password.revoke(acts.app, API, acts.login())
    refuse(acts, second, API)
    assert seen(acts) == [
        (Refused.FORMER, API.address, API.user_agent, 1),
        (Refused.FORMER, CRON.address, "curl/8.5 (cron)", 2),
    ]


def test_a_limited_number_of_former_api_passwords_is_recognised(acts: Acts) -> None:
    every = [acts.generate_api_password() for _ in range(MOST_FORMER + 2)]
    for each in every[:-1]:
        refuse(acts, each)
    counts = {kind: count for kind, _, _, count in seen(acts)}
    assert counts == {Refused.WRONG: 1, Refused.FORMER: MOST_FORMER}
    acts.call_api(every[-1])


def test_former_api_password_of_another_account_counts_as_wrong(acts: Acts) -> None:
    bob = Acts(acts.here, "bob")
    first = bob.generate_api_password()
    bob.generate_api_password()
    refuse(acts, first)
    assert [kind for kind, *_ in seen(acts)] == [Refused.WRONG]
    assert seen(bob) == []


def test_expired_api_password_counts_as_former(acts: Acts) -> None:
    acts.here.with_settings(api_password_max_days=30)
    password = acts.generate_api_password()
    acts.here.clock.advance(timedelta(days=31))
    refuse(acts, password)
    assert [kind for kind, *_ in seen(acts)] == [Refused.FORMER]


def test_regular_password_of_an_account_with_mfa_is_shown(acts: Acts) -> None:
    acts.activate()
    refuse(acts, PASSWORD, API)
    refuse(acts, PASSWORD, API)
    refuse(acts, "guess")
    assert seen(acts) == [
        (Refused.WRONG, CRON.address, CRON.user_agent, 1),
        (Refused.REGULAR, API.address, API.user_agent, 2),
    ]


# --- a line break ----------------------------------------------------------------------------
@pytest.mark.parametrize("has_mfa", [False, True])
@pytest.mark.parametrize("is_api", [False, True])
def test_password_with_a_line_break_is_refused_and_shown(
    acts: Acts, *, has_mfa: bool, is_api: bool
) -> None:
    if has_mfa:
        acts.activate()
    password = acts.generate_api_password() if is_api else PASSWORD
    for _ in range(8):  # no failure is counted
        refuse(acts, password, newline=True)
    assert seen(acts) == [(Refused.NEWLINE, CRON.address, CRON.user_agent, 8)]
    if is_api or not has_mfa:
        acts.call_api(password)


@pytest.mark.parametrize("has_mfa", [False, True])
def test_refusal_for_a_line_break_does_not_reveal_if_the_password_is_correct(
    acts: Acts, *, has_mfa: bool
) -> None:
    if has_mfa:
        acts.activate()
    refuse(acts, PASSWORD, newline=True)
    outcomes = []
    for password in (PASSWORD, "guess guess guess"):
        with noted(acts.app) as statements:
            refusal = refuse(acts, password, newline=True)
        outcomes.append((type(refusal), refusal.facts, len(statements)))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_final_line_break_is_recognised(ending: str) -> None:
    header = b"Basic " + base64.b64encode(f"alice:pass word{ending}".encode())
    given = basic_auth.parse(header)
    assert given is not None
    assert given.ends_in_newline
    assert given.candidates[0].password.reveal() == "pass word"


# --- bounds, dismissing ----------------------------------------------------------------------
def test_wrong_passwords_from_many_clients_do_not_hide_a_script(acts: Acts) -> None:
    acts.activate()
    for number in range(MOST_ROWS + 5):
        refuse(acts, "guess", Actor(Interface.API, address="192.0.2.9", user_agent=f"bot {number}"))
        refuse(acts, "guess", Actor(Interface.API, address=f"198.51.100.{number}"))
    refuse(acts, PASSWORD)
    found = seen(acts)
    assert found[0] == (Refused.REGULAR, CRON.address, CRON.user_agent, 1)
    wrong = [row for row in found if row[0] is Refused.WRONG]
    assert len(wrong) == MOST_ROWS + 1
    assert sum(row[3] for row in wrong) == 2 * (MOST_ROWS + 5)
    assert [row[3] for row in wrong if row[1:3] == ("", "")] == [MOST_ROWS + 10]


def test_a_long_user_agent_is_truncated(acts: Acts) -> None:
    first = acts.generate_api_password()
    acts.generate_api_password()
    refuse(acts, first, Actor(Interface.API, address="192.0.2.9", user_agent="x" * 200))
    assert seen(acts)[0][2] == "x" * MOST_OF_A_CLIENT


def test_dismissed_refusal_returns_when_it_is_repeated(acts: Acts) -> None:
    first = acts.generate_api_password()
    acts.generate_api_password()
    refuse(acts, first)
    shown = api_password.refusals(acts.app, CLI, acts.account)[0].last_at
    refuse(acts, first, API)
    principal = acts.login()
    api_password.dismiss_refusals(acts.app, principal, shown, wrong_too=True)
    assert seen(acts) == [(Refused.FORMER, API.address, API.user_agent, 1)]
    refuse(acts, first)
    assert [(address, count) for _, address, _, count in seen(acts)] == [
        (CRON.address, 1), (API.address, 1),
    ]  # fmt: skip


def test_dismissing_on_overview_keeps_refusals_that_are_not_shown_there(acts: Acts) -> None:
    bob = Acts(acts.here, "bob")
    for who in (acts, bob):
        who.activate()
        refuse(who, PASSWORD)
        refuse(who, "guess")
    later = acts.app.clock.now()
    api_password.dismiss_refusals(acts.app, acts.login(), later, wrong_too=False)
    assert [kind for kind, *_ in seen(acts)] == [Refused.WRONG]
    assert len(seen(bob)) == 2


def test_counts_start_again_when_mfa_is_enabled_again(acts: Acts) -> None:
    principal = acts.activate()
    refuse(acts, PASSWORD)
    acts.press(Event.DISABLE, principal)
    acts.press(Event.ENABLE)
    assert seen(acts) == []


def test_api_answer_does_not_reveal_the_kind_of_refusal(acts: Acts) -> None:
    acts.activate()
    former = acts.generate_api_password()
    acts.generate_api_password()
    outcomes = [refuse(acts, each) for each in (PASSWORD, "guess", former, "wwp_x")]
    assert len({(type(each), refusal_messages.pause(each)) for each in outcomes}) == 1
