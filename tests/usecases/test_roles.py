"""Members: what the use-cases refuse them, and the changes of roles and groups, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from tests.support.acts import API, BY_CLI, CLI, CONSOLE, PASSWORD, Acts
from tests.support.race import race
from watchword.crypto.passwords import run
from watchword.domain.audit import AuditEvent
from watchword.domain.errors import (
    AlreadySo,
    HasPassword,
    Invalid,
    LastAdministrator,
    LoginFailed,
    NoSuchAdministrator,
    NoSuchMember,
    NotAnAdministrator,
    PasswordMissing,
    PersonNeeded,
    SessionEnded,
)
from watchword.domain.mfa import Event
from watchword.domain.roles import Role
from watchword.domain.secret import Secret
from watchword.storage.audit_query import AuditFilter
from watchword.usecases import accounts
from watchword.usecases.account import overview
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import (
    account_details,
    account_usage,
    administrator_list,
    other_accounts,
    other_credentials,
    role_changes,
    script_accounts,
)
from watchword.usecases.administrators.administrator_list import Wanted
from watchword.usecases.administrators.authorization import By
from watchword.usecases.api import api_password
from watchword.usecases.audit import audit_log
from watchword.usecases.context import Watchword
from watchword.usecases.operations import metrics
from watchword.usecases.sessions import sessions
from watchword.usecases.sessions.sessions import LoggedIn, Principal

NEW = NewAdministrator("new", "", "", Secret("another otter with pencils"))
MEMBER = replace(NEW, username="mia", password=Secret(PASSWORD), role=Role.MEMBER)


@pytest.fixture
def mia(acts: Acts) -> Acts:
    """Mia, a member."""
    run(other_accounts.create(acts.app, BY_CLI, MEMBER))
    return Acts(acts.here, "mia", is_there=True)


def by(principal: Principal) -> By:
    return By(CONSOLE.known_as(principal.account), principal.account, principal)


def changes(acts: Acts, name: str) -> list[tuple[str, dict[str, str | int]]]:
    """Return the events of a name, newest first."""
    found = audit_log.page(acts.app, CLI, AuditFilter(account=name), 20)
    return [(row.event, dict(row.facts)) for row in found]


# --- what a member may do --------------------------------------------------------------------
def test_a_member_reads_and_changes_nothing_but_the_own_account(acts: Acts, mia: Acts) -> None:
    password = mia.generate_api_password()
    caller = mia.call_api(password)
    me = mia.login()
    app, actor = acts.app, CONSOLE.known_as(me.account)
    alice = acts.account
    by_api = By(API.known_as(caller.account), caller.account, caller=caller)
    reads: list[Callable[[], object]] = [
        lambda: next(accounts.everyone(app, actor)),
        lambda: next(accounts.listed(app, actor, Role.MEMBER)),
        lambda: accounts.by_name(app, actor, "mia"),
        lambda: account_details.read(app, actor, "mia"),
        lambda: account_details.with_groups(app, actor, "mia", Role.MEMBER),
        lambda: account_usage.before(app, actor, me, "alice", "delete"),
        lambda: administrator_list.read(app, actor, Wanted(), 10),
        lambda: other_accounts.page(app, actor),
        lambda: overview.read(app, actor, me),
        lambda: audit_log.page(app, actor, AuditFilter(), 10),
        lambda: metrics.count(app, actor),
        lambda: api_password.read(app, actor, alice),
        lambda: sessions.standing(app, actor, alice),
    ]
    changing: list[Callable[[By], object]] = [
        lambda who: run(other_accounts.create(app, who, NEW)),
        lambda who: other_accounts.change(app, who, "alice", full_name="x"),
        lambda who: other_accounts.change(app, who, "mia", full_name="x"),
        lambda who: run(other_accounts.set_password(app, who, "alice", Secret("y" * 20))),
        lambda who: other_accounts.disable(app, who, "alice"),
        lambda who: other_accounts.enable(app, who, "alice"),
        lambda who: other_accounts.lock_down(app, who, "alice"),
        lambda who: other_accounts.unlock(app, who, "alice"),
        lambda who: other_accounts.delete(app, who, "alice"),
        lambda who: other_credentials.change_mfa(app, who, "alice", Event.ENABLE),
        lambda who: other_credentials.revoke_api_password(app, who, "alice"),
        lambda who: other_credentials.end_sessions(app, who, "alice"),
        # On the API, these are refused to every caller.
        lambda who: role_changes.change(app, replace(who, caller=None), "alice", Role.MEMBER),
        lambda who: script_accounts.create(app, replace(who, caller=None), NEW),
    ]
    for read in reads:
        with pytest.raises(NotAnAdministrator):
            read()
    before = len(audit_log.page(app, CLI, AuditFilter(), 100))
    for change in changing:
        for who in (by(me), by_api):
            with pytest.raises(NotAnAdministrator):
                change(who)
    assert len(audit_log.page(app, CLI, AuditFilter(), 100)) == before
    assert api_password.read(app, actor, me.account).mac is not None
    assert sessions.standing(app, actor, me.account)


def test_a_script_account_cannot_log_in_and_gets_a_new_api_password_from_an_administrator(
    acts: Acts,
) -> None:
    made, secret = script_accounts.create(acts.app, by(acts.login()), replace(NEW, username="cron"))
    cron = Acts(acts.here, "cron", is_there=True)
    assert (made.role, made.has_password) == (Role.MEMBER, False)
    for typed in ("", PASSWORD):
        with pytest.raises(LoginFailed):
            cron.password(typed)
        with pytest.raises(LoginFailed):
            cron.call_api(typed)
    assert cron.call_api(secret.reveal()).account.role is Role.MEMBER
    with pytest.raises(PasswordMissing):
        role_changes.change(acts.app, BY_CLI, "cron", Role.ADMINISTRATOR)
    seen = api_password.read(acts.app, CLI, made).generation
    newer = script_accounts.generate_api_password(acts.app, by(acts.login()), "cron", seen=seen)
    assert cron.call_api(newer.reveal())
    with pytest.raises(LoginFailed):
        cron.call_api(secret.reveal())


def test_only_the_owner_generates_the_api_password_of_an_account_with_a_password(
    acts: Acts, mia: Acts
) -> None:
    with pytest.raises(HasPassword):
        script_accounts.generate_api_password(acts.app, by(acts.login()), "mia", seen=0)


def test_each_list_contains_the_accounts_of_one_role(acts: Acts, mia: Acts) -> None:
    other_accounts.change(acts.app, BY_CLI, "mia", groups=("staff", "wiki"))
    (row,) = accounts.listed(acts.app, CLI, Role.MEMBER)
    assert (row.account.username, row.groups) == ("mia", ("staff", "wiki"))
    assert [a.username for a in accounts.everyone(acts.app, CLI)] == ["alice"]
    for role, name in ((Role.ADMINISTRATOR, "alice"), (Role.MEMBER, "mia")):
        page = administrator_list.read(acts.app, CLI, Wanted(role=role), 10)
        assert [r.account.username for r in page.rows] == [name]
        assert page.counts.total == 1
        found = administrator_list.read(acts.app, CLI, Wanted(search="mi", role=role), 10)
        assert [r.account.username for r in found.rows] == ["mia"] * (role is Role.MEMBER)
    with pytest.raises(NoSuchMember):
        accounts.by_name(acts.app, CLI, "alice", Role.MEMBER)
    with pytest.raises(NoSuchAdministrator):
        other_accounts.delete(acts.app, replace(BY_CLI, role=Role.ADMINISTRATOR), "mia")


# --- changes of the role ---------------------------------------------------------------------
def test_a_change_of_the_role_ends_sessions_and_the_api_password(acts: Acts, mia: Acts) -> None:
    for role in (Role.ADMINISTRATOR, Role.MEMBER):
        password = mia.generate_api_password()
        session, caller = mia.password(), mia.call_api(password)
        assert isinstance(session, LoggedIn)
        principal = mia.principal(session)
        changed = role_changes.change(acts.app, by(acts.login()), "mia", role)
        assert (changed.account.role, changed.api_password_revoked) == (role, True)
        assert ("administrator.role", {"role": role.value}) in changes(acts, "mia")[:2]
        with pytest.raises(SessionEnded):
            mia.principal(session)
        with pytest.raises(LoginFailed):
            mia.call_api(password)
        for old in (by(principal), By(API.known_as(caller.account), caller.account, caller=caller)):
            with pytest.raises((SessionEnded, LoginFailed, NotAnAdministrator)):
                other_accounts.change(acts.app, old, "alice", full_name="x")
        with pytest.raises(AlreadySo):
            role_changes.change(acts.app, BY_CLI, "mia", role)


def test_groups_are_recorded_and_a_wrong_one_changes_nothing(acts: Acts, mia: Acts) -> None:
    who = by(acts.login())
    other_accounts.change(acts.app, who, "mia", full_name="Mia", groups=("staff",))
    other_accounts.change(acts.app, who, "mia", groups=("ops", "staff"))
    assert changes(acts, "mia")[0] == (
        "member.groups", {"groups": "ops,staff", "before": "staff"},
    )  # fmt: skip
    with pytest.raises(Invalid):
        other_accounts.change(acts.app, who, "mia", full_name="x", groups=("a,b",))
    with pytest.raises(AlreadySo):
        other_accounts.change(acts.app, who, "mia", groups=("ops", "staff"))
    assert account_details.with_groups(acts.app, CLI, "mia", Role.MEMBER)[1] == ("ops", "staff")
    assert accounts.by_name(acts.app, CLI, "mia").full_name == "Mia"
    other_accounts.delete(acts.app, who, "mia")
    assert changes(acts, "mia")[0] == ("member.deleted", {})


def test_no_credential_of_the_api_changes_role_group_password_or_mfa_of_a_member(
    acts: Acts, mia: Acts
) -> None:
    caller = acts.call_api(acts.generate_api_password())
    who = By(API.known_as(caller.account), caller.account, caller=caller)
    app = acts.app
    for change in (
        lambda: role_changes.change(app, who, "mia", Role.ADMINISTRATOR),
        lambda: role_changes.change(app, who, "alice", Role.MEMBER),
        lambda: other_accounts.change(app, who, "mia", groups=("staff",)),
        lambda: run(other_accounts.set_password(app, who, "mia", Secret("y" * 20))),
        lambda: other_credentials.change_mfa(app, who, "mia", Event.ENABLE),
        lambda: script_accounts.create(app, who, NEW),
        lambda: script_accounts.generate_api_password(app, who, "mia", seen=0),
    ):
        with pytest.raises(PersonNeeded):
            change()
    assert [name for name, _facts in changes(acts, "mia")] == ["member.created"]


# --- the last administrator ------------------------------------------------------------------
@pytest.mark.parametrize("is_member_there", [True, False])
def test_the_last_usable_administrator_stays_one(acts: Acts, is_member_there: bool) -> None:
    if is_member_there:
        run(other_accounts.create(acts.app, BY_CLI, MEMBER))
    for remove in (
        lambda: role_changes.change(acts.app, BY_CLI, "alice", Role.MEMBER),
        lambda: other_accounts.disable(acts.app, BY_CLI, "alice"),
        lambda: other_accounts.lock_down(acts.app, BY_CLI, "alice"),
        lambda: other_accounts.delete(acts.app, BY_CLI, "alice"),
    ):
        with pytest.raises(LastAdministrator):
            remove()


ACTS = ("demote", "disable", "delete")


def remove(app: Watchword, name: str, act: str) -> None:
    if act == "demote":
        role_changes.change(app, BY_CLI, name, Role.MEMBER)
    elif act == "disable":
        other_accounts.disable(app, BY_CLI, name)
    else:
        other_accounts.delete(app, BY_CLI, name)


def test_fifty_parallel_demotions_and_removals_leave_one_administrator(acts: Acts) -> None:
    names = ["alice", *(f"admin{number}" for number in range(4))]
    for name in names[1:]:
        acts.create(name)
    run(other_accounts.create(acts.app, BY_CLI, MEMBER))

    jobs = [(names[number % 5], ACTS[number % 3]) for number in range(50)]
    done = race(acts.here, remove, jobs)
    assert done.count("done") >= 4
    assert "last-administrator" in done
    usable = [a for a in accounts.everyone(acts.app, CLI) if not a.is_disabled]
    assert len(usable) == 1


@pytest.mark.parametrize("name", ["a:b", "Zoë Müller", "🦦 otter", "plain"])
def test_members_with_a_colon_umlaut_or_emoji_use_their_api_passwords(
    acts: Acts, name: str
) -> None:
    made, secret = script_accounts.create(acts.app, BY_CLI, replace(NEW, username=name))
    caller = Acts(acts.here, name, is_there=True).call_api(secret.reveal())
    assert (caller.account.id, caller.account.role) == (made.id, Role.MEMBER)
    acts.create("other")
    with pytest.raises(LoginFailed):
        acts.call_api(secret.reveal(), username="other")
    assert acts.times(AuditEvent.API_PASSWORD_FIRST_USE) == 1
