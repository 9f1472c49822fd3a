"""Changes of administrators to each other's accounts, on both databases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.support.acts import BY_CLI, CLI, CONSOLE, PASSWORD, Acts
from tests.support.race import race
from watchword.crypto.passwords import run
from watchword.domain.audit import Actor, AuditEvent, Interface
from watchword.domain.errors import (
    AlreadySo,
    Invalid,
    LastAdministrator,
    LoginFailed,
    NoSuchAdministrator,
    NothingToRevoke,
    NotInThisState,
    OwnAccount,
    ProofNeeded,
    Refusal,
    SessionEnded,
)
from watchword.domain.mfa import Event, Status
from watchword.domain.secret import Secret
from watchword.storage.administrator_filters import Only
from watchword.storage.administrator_query import Listed, Sort
from watchword.storage.audit_query import AuditFilter
from watchword.usecases import accounts
from watchword.usecases.account import own_sessions, recovery_codes
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import (
    administrator_list,
    other_accounts,
    other_credentials,
)
from watchword.usecases.administrators.administrator_list import Wanted
from watchword.usecases.administrators.authorization import By
from watchword.usecases.api import api_password
from watchword.usecases.audit import audit_log
from watchword.usecases.context import Watchword
from watchword.usecases.login.password_login import Browser
from watchword.usecases.sessions import sessions
from watchword.usecases.sessions.sessions import LoggedIn, Principal

NEW = Secret("another otter with pencils")


@pytest.fixture
def bob(acts: Acts) -> Acts:
    """Bob, another administrator."""
    return Acts(acts.here, "bob")


@pytest.fixture
def by(acts: Acts) -> By:
    """Alice, immediately after her login."""
    principal = acts.login()
    return By(CONSOLE.known_as(principal.account), principal.account, principal)


def logged_in(who: Acts, password: str = PASSWORD) -> LoggedIn:
    result = who.password(password)
    assert isinstance(result, LoggedIn)
    return result


# --- MFA -------------------------------------------------------------------------------------
def test_enabling_mfa_of_another_ends_their_sessions_and_leads_to_pending(
    acts: Acts, bob: Acts, by: By
) -> None:
    session = logged_in(bob)
    assert (
        other_credentials.change_mfa(acts.app, by, "bob", Event.ENABLE).account.mfa.status
        is Status.PENDING
    )
    with pytest.raises(SessionEnded):
        bob.principal(session)
    bob.login()
    assert bob.status is Status.ACTIVE


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("event", [Event.RESET, Event.DISABLE])
def test_reset_or_disable_deletes_recovery_codes_and_the_api_password_unless_kept(
    acts: Acts, bob: Acts, by: By, event: Event, keep: bool
) -> None:
    password = bob.generate_api_password(bob.activate())
    old = bob.recovery_codes
    other_credentials.change_mfa(acts.app, by, "bob", event, keep_api_password=keep)
    assert recovery_codes.state(acts.app, CLI, bob.account)[0] == 0
    if keep:
        assert bob.call_api(password)
    else:
        with pytest.raises(LoginFailed):
            bob.call_api(password)
    bob.here.clock.next_step()
    bob.login()
    assert event is Event.DISABLE or bob.recovery_codes != old


@pytest.mark.parametrize("event", [Event.RESET, Event.DISABLE])
def test_mfa_change_that_the_status_does_not_allow_is_refused(
    acts: Acts, bob: Acts, by: By, event: Event
) -> None:
    with pytest.raises(NotInThisState):
        other_credentials.change_mfa(acts.app, by, bob.username, event)


def test_change_of_the_own_account_as_another_is_refused(acts: Acts, by: By) -> None:
    for act in (
        lambda: other_credentials.change_mfa(acts.app, by, "ALICE", Event.ENABLE),
        lambda: other_accounts.disable(acts.app, by, "alice"),
        lambda: other_accounts.lock_down(acts.app, by, "alice"),
        lambda: other_accounts.delete(acts.app, by, "alice"),
        lambda: other_credentials.revoke_api_password(acts.app, by, "alice"),
        lambda: other_credentials.end_sessions(acts.app, by, "alice"),
        lambda: other_accounts.unlock(acts.app, by, "alice"),
        lambda: run(other_accounts.set_password(acts.app, by, "alice", NEW)),
    ):
        with pytest.raises(OwnAccount):
            act()


def test_changes_to_others_require_recent_reauthentication(acts: Acts, bob: Acts, by: By) -> None:
    acts.here.clock.advance(timedelta(minutes=10))
    new = NewAdministrator("carol", "", "", NEW)
    for act in (
        lambda: other_credentials.change_mfa(acts.app, by, "bob", Event.ENABLE),
        lambda: other_accounts.disable(acts.app, by, "bob"),
        lambda: other_accounts.delete(acts.app, by, "bob"),
        lambda: other_accounts.change(acts.app, by, "bob", full_name="B", email=None),
        lambda: run(other_accounts.set_password(acts.app, by, "bob", NEW)),
        lambda: run(other_accounts.create(acts.app, by, new)),
    ):
        with pytest.raises(ProofNeeded):
            act()
    assert bob.status is Status.DISABLED


def test_actor_who_was_disabled_meanwhile_is_refused(acts: Acts, bob: Acts, by: By) -> None:
    other_accounts.disable(acts.app, BY_CLI, "alice")
    with pytest.raises(SessionEnded):
        other_accounts.disable(acts.app, by, "bob")


# --- accounts --------------------------------------------------------------------------------
def test_disabled_account_is_refused_at_every_interface_until_enabled(
    acts: Acts, bob: Acts, by: By
) -> None:
    session = logged_in(bob)
    password = bob.generate_api_password()
    other_accounts.disable(acts.app, by, "bob")
    for refused in (bob.password, lambda: bob.call_api(password)):
        with pytest.raises(LoginFailed):
            refused()
    with pytest.raises(SessionEnded):
        bob.principal(session)
    with pytest.raises(AlreadySo):
        other_accounts.disable(acts.app, by, "bob")
    other_accounts.enable(acts.app, by, "bob")
    logged_in(bob)
    with pytest.raises(LoginFailed):
        bob.call_api(password)
    with pytest.raises(AlreadySo):
        other_accounts.enable(acts.app, by, "bob")


def test_deleted_account_frees_its_name_for_another_id(acts: Acts, bob: Acts, by: By) -> None:
    old = bob.account.id
    session = logged_in(bob)
    other_accounts.delete(acts.app, by, "bob")
    with pytest.raises(SessionEnded):
        bob.principal(session)
    with pytest.raises(NoSuchAdministrator):
        accounts.by_name(acts.app, CLI, "bob")
    assert acts.create("bob").id > old


def test_last_administrator_cannot_be_disabled_or_deleted(acts: Acts, bob: Acts) -> None:
    other_accounts.disable(acts.app, BY_CLI, "bob")
    session, password = logged_in(acts), acts.generate_api_password()
    for act in (other_accounts.disable, other_accounts.delete, other_accounts.lock_down):
        with pytest.raises(LastAdministrator):
            act(acts.app, BY_CLI, "alice")
    assert acts.principal(session).account.username == acts.call_api(password).account.username
    other_accounts.delete(acts.app, BY_CLI, "bob")


def changes_of(acts: Acts, bob: Acts) -> list[str]:
    """Return the events that changed bob's account, without those of logins, oldest first."""
    found = audit_log.page(acts.app, CLI, AuditFilter(account="bob"), 500)
    events = [e.event for e in reversed(found) if not e.event.startswith("auth.")]
    return [e for e in events if e != "administrator.created"]


def test_lock_down_disables_ends_sessions_and_revokes_the_api_password(
    acts: Acts, bob: Acts, by: By
) -> None:
    session, password = logged_in(bob), bob.generate_api_password()
    changed = other_accounts.lock_down(acts.app, by, "bob")
    assert (changed.account.is_disabled, changed.api_password_revoked) == (True, True)
    assert changes_of(acts, bob) == [
        "api_password.generated", "session.ended", "api_password.revoked", "administrator.disabled",
    ]  # fmt: skip
    with pytest.raises(SessionEnded):
        bob.principal(session)
    with pytest.raises(LoginFailed):
        bob.password()
    assert api_password.read(acts.app, CLI, bob.account).mac is None
    with pytest.raises(AlreadySo):
        other_accounts.lock_down(acts.app, by, "bob")
    other_accounts.enable(acts.app, by, "bob")
    with pytest.raises(LoginFailed):
        bob.call_api(password)


def test_lock_down_of_a_disabled_account_revokes_its_api_password(
    acts: Acts, bob: Acts, by: By
) -> None:
    bob.generate_api_password()
    other_accounts.disable(acts.app, by, "bob")
    assert api_password.read(acts.app, CLI, bob.account).mac is not None
    assert other_accounts.lock_down(acts.app, by, "bob").api_password_revoked
    assert api_password.read(acts.app, CLI, bob.account).mac is None
    assert changes_of(acts, bob)[-2:] == ["administrator.disabled", "api_password.revoked"]


def _disable(app: Watchword, name: str, _text: str) -> None:
    other = {"alice": "bob", "bob": "alice"}[name]
    account = accounts.by_name(app, CLI, name)
    other_accounts.disable(app, By(Actor(Interface.API).known_as(account), account), other)


def test_two_administrators_who_disable_each_other_at_the_same_moment_leave_one(
    acts: Acts, bob: Acts
) -> None:
    for _round in range(4):  # without the lock both succeed in most rounds, not in each
        outcomes = race(acts.here, _disable, [("alice", ""), ("bob", "")])
        assert outcomes.count("done") == 1
        (gone,) = (a for a in accounts.everyone(acts.app, CLI) if a.is_disabled)
        other_accounts.enable(acts.app, BY_CLI, gone.username)


def test_password_set_by_another_must_be_changed_and_ends_sessions(
    acts: Acts, bob: Acts, by: By
) -> None:
    session = logged_in(bob)
    run(other_accounts.set_password(acts.app, by, "bob", NEW))
    with pytest.raises(SessionEnded):
        bob.principal(session)
    assert bob.principal(logged_in(bob, NEW.reveal())).account.must_change_password
    assert bob.call_api(NEW.reveal()).account.username == "bob"
    with pytest.raises(Invalid):
        run(other_accounts.set_password(acts.app, by, "bob", Secret("short")))


def test_unlock_resets_the_failures(acts: Acts, bob: Acts, by: By) -> None:
    for _ in range(5):
        with pytest.raises(LoginFailed):
            bob.password("wrong wrong wrong")
    with pytest.raises(Refusal):
        bob.password()
    other_accounts.unlock(acts.app, by, "bob")
    logged_in(bob)


def test_api_password_is_revoked_and_sessions_are_ended(acts: Acts, bob: Acts, by: By) -> None:
    session = logged_in(bob)
    with pytest.raises(NothingToRevoke):
        other_credentials.revoke_api_password(acts.app, by, "bob")
    bob.generate_api_password(bob.principal(session))
    other_credentials.revoke_api_password(acts.app, by, "bob")
    assert other_credentials.end_sessions(acts.app, by, "bob") == 1
    with pytest.raises(SessionEnded):
        bob.principal(session)


# --- lists -----------------------------------------------------------------------------------
def names(listed: Iterable[Listed]) -> list[str]:
    return [row.account.username for row in listed]


def test_administrator_list_is_searched_and_paged_by_name(acts: Acts) -> None:
    for number in range(7):
        acts.create(f"name{number}")
    acts.create("100%_sure")
    first = other_accounts.page(acts.app, CLI, limit=5)
    rest = other_accounts.page(acts.app, CLI, after=first[-1].place, limit=50)
    assert names([*first, *rest]) == sorted([*(f"name{n}" for n in range(7)), "alice", "100%_sure"])
    assert names(other_accounts.page(acts.app, CLI, search="NAME3")) == ["name3"]
    assert names(other_accounts.page(acts.app, CLI, search="100%_")) == ["100%_sure"]
    assert other_accounts.page(acts.app, CLI, search="nobody") == []
    for odd in ("\0", "\ud800", "alice", "9" * 40 + ".x"):
        assert len(other_accounts.page(acts.app, CLI, after=odd, limit=50)) == 9
    for odd in ("\0", "\ud800"):
        assert other_accounts.page(acts.app, CLI, search=f"nobody{odd}") == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ÄRZ", ["zoë:ops"]),
        ("mül ärzte", ["zoë:ops"]),
        ("zoë:o", ["zoë:ops"]),
        ("ops", ["zoë:ops"]),
        ("z.mueller@exam", ["zoë:ops"]),
        ("example.org", ["alice", "zoë:ops"]),
        ("ärzte alice", []),
        ("alice-mül", []),
        ("jo-bo", ["bob"]),
        ("O'BRI bob", ["bob"]),
        ("o'brien:x", []),
        ("üller", []),
        ("%", []),
        ("\U0010ffff", []),
    ],
)
def test_search_finds_the_beginnings_of_words(
    acts: Acts, by: By, search: str, found: list[str]
) -> None:
    """All the words must match username, full name or e-mail; case does not matter."""
    acts.create("zoë:ops")
    other_accounts.change(
        acts.app, by, "zoë:ops", full_name="Zoë Müller (Ärzte)", email="z.mueller@example.org"
    )
    acts.create("bob")
    other_accounts.change(acts.app, BY_CLI, "bob", full_name="Jo-Bob O'Brien", email=None)
    other_accounts.change(acts.app, BY_CLI, "alice", full_name=None, email="alice@example.org")
    assert names(other_accounts.page(acts.app, CLI, search=search)) == found


def test_texts_and_enabled_are_changed_in_one_transaction(acts: Acts) -> None:
    """When the second change is refused, the first one is undone."""
    account = accounts.by_name(acts.app, CLI, "alice")
    caller = By(CONSOLE.known_as(account), account)
    with pytest.raises(OwnAccount):
        other_accounts.change(acts.app, caller, "alice", full_name="Changed", is_enabled=False)
    assert accounts.by_name(acts.app, CLI, "alice") == account
    # Administrators may change their own texts.
    other_accounts.change(acts.app, caller, "alice", full_name="Alice", is_enabled=True)
    acts.create("bob")
    other_accounts.disable(acts.app, BY_CLI, "alice")
    with pytest.raises(LastAdministrator):
        other_accounts.change(acts.app, BY_CLI, "bob", email="bob@example.org", is_enabled=False)
    assert accounts.by_name(acts.app, CLI, "bob").email == ""
    changed = other_accounts.change(
        acts.app, BY_CLI, "alice", email="a@example.org", is_enabled=True
    )
    assert (changed.account.email, changed.account.is_disabled) == ("a@example.org", False)
    for is_enabled in (None, True):
        with pytest.raises(AlreadySo):
            other_accounts.change(acts.app, BY_CLI, "alice", is_enabled=is_enabled)


def test_changed_account_is_found_by_its_new_words_only(acts: Acts, by: By) -> None:
    acts.create("bob")
    other_accounts.change(acts.app, by, "bob", full_name="Robert Oldname", email=None)
    other_accounts.change(acts.app, by, "bob", full_name="Robert Newname", email=None)
    assert names(other_accounts.page(acts.app, CLI, search="newn")) == ["bob"]
    assert other_accounts.page(acts.app, CLI, search="oldn") == []
    other_accounts.delete(acts.app, by, "bob")
    assert other_accounts.page(acts.app, CLI, search="newn") == []


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", list(Sort))
def test_sorted_pages_follow_each_other_without_gaps(
    acts: Acts, by: By, sort: Sort, descending: bool
) -> None:
    for number, full_name in enumerate(["Beta", "alpha", "", "beta", "Ärzte"]):
        name = f"n{number}"
        acts.create(name)
        other_accounts.change(
            acts.app, by, name, full_name=full_name, email=f"{9 - number}@example.org"
        )
    for name in ("n3", "n1"):
        acts.here.clock.next_step()
        acts.password(username=name)
    expected = {
        Sort.USERNAME: ["alice", "n0", "n1", "n2", "n3", "n4"],
        Sort.FULL_NAME: ["alice", "n2", "n1", "n0", "n3", "n4"],
        Sort.EMAIL: ["alice", "n4", "n3", "n2", "n1", "n0"],
        Sort.LAST_LOGIN: ["n0", "n2", "n4", "alice", "n3", "n1"],
    }[sort]
    found: list[Listed] = []
    while page := other_accounts.page(acts.app, CLI, sort=sort, descending=descending, limit=2,
                              after=found[-1].place if found else ""):  # fmt: skip
        found += page
    assert names(found) == (expected[::-1] if descending else expected)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", list(Sort))
def test_filtered_pages_follow_each_other_in_both_directions(
    acts: Acts, sort: Sort, descending: bool
) -> None:
    for number in range(7):
        acts.create(f"n{number}")
    for number in (1, 4):
        other_accounts.disable(acts.app, BY_CLI, f"n{number}")
    wanted = Wanted(only=Only.NO_API_PASSWORD, sort=sort, descending=descending)
    acts.generate_api_password()
    every = administrator_list.read(acts.app, CLI, wanted, 50)
    assert sorted(names(every.rows)) == [f"n{number}" for number in range(7)]
    assert (every.counts.total, every.counts.of[Only.DISABLED]) == (8, 2)
    pages = [administrator_list.read(acts.app, CLI, wanted, 3)]
    while pages[-1].has_next:
        after = replace(wanted, after=pages[-1].rows[-1].place)
        pages.append(administrator_list.read(acts.app, CLI, after, 3))
    assert [len(page.rows) for page in pages] == [3, 3, 1]
    assert [row for page in pages for row in page.rows] == every.rows
    assert [page.has_previous for page in pages] == [False, True, True]
    back = administrator_list.read(acts.app, CLI, replace(wanted, before=pages[2].rows[0].place), 3)
    assert (back.rows, back.has_previous, back.has_next) == (pages[1].rows, True, True)
    first = administrator_list.read(
        acts.app, CLI, replace(wanted, before=pages[0].rows[1].place), 3
    )
    assert (first.rows, first.has_previous, first.has_next) == (pages[0].rows, False, True)


@pytest.mark.parametrize("search", ["", "n example.org"])
def test_each_filter_finds_as_many_accounts_as_it_counts(acts: Acts, search: str) -> None:
    bob = Acts(acts.here, "n-bob")
    bob.activate()
    other_accounts.change(acts.app, BY_CLI, "n-bob", email="bob@example.org")
    for name in ("n-carol", "n-dave"):
        acts.create(name)
        other_accounts.change(acts.app, BY_CLI, name, email=f"{name}@example.org")
    other_credentials.change_mfa(acts.app, BY_CLI, "n-carol", Event.ENABLE)
    other_accounts.disable(acts.app, BY_CLI, "n-dave")
    bob.generate_api_password(bob.login())
    expected = {
        Only.MFA_OFF: ["n-dave"], Only.PENDING: ["n-carol"], Only.ACTIVE: ["n-bob"],
        Only.NO_API_PASSWORD: ["n-carol", "n-dave"], Only.DISABLED: ["n-dave"],
        Only.NEVER_LOGGED_IN: ["n-carol", "n-dave"],
    }  # fmt: skip
    for only, found in expected.items():
        page = administrator_list.read(acts.app, CLI, Wanted(search, only), 50)
        shown = [name for name in names(page.rows) if name != "alice"]
        assert (only, shown) == (only, found)
        assert page.counts.of[only] == len(page.rows)


def test_account_has_at_most_ten_sessions_and_the_oldest_ends(acts: Acts) -> None:
    opened = [logged_in(acts) for _ in range(12)]
    for gone in opened[:2]:
        with pytest.raises(SessionEnded):
            acts.principal(gone)
    assert len(sessions.standing(acts.app, CLI, acts.principal(opened[-1]).account)) == 10
    assert acts.times(AuditEvent.SESSION_LIMIT) == 2


def test_own_sessions_end_only_for_the_same_account(acts: Acts, bob: Acts) -> None:
    first, second, theirs = logged_in(acts), logged_in(acts), logged_in(bob)
    mine = acts.principal(second)
    with pytest.raises(AlreadySo):
        own_sessions.end(acts.app, CONSOLE, mine, bob.principal(theirs).session.id)
    own_sessions.end(acts.app, CONSOLE, mine, acts.principal(first).session.id)
    with pytest.raises(SessionEnded):
        acts.principal(first)
    logged_in(acts)
    assert own_sessions.end_others(acts.app, CONSOLE, mine) == 1
    assert _is_alive(bob, theirs)
    assert _is_alive(acts, second)


def _is_alive(who: Acts, logged: LoggedIn) -> bool:
    found: Principal = sessions.find(who.app, logged.session_token.reveal())
    return found.account.username == who.username


def test_audit_log_is_filtered_paged_and_exported(acts: Acts, bob: Acts) -> None:
    logged_in(bob)
    acts.password(browser=Browser())
    of_bob = audit_log.page(acts.app, CLI, AuditFilter(account="bob"), 50)
    assert {row.event for row in of_bob} == {"administrator.created", "auth.login"}
    assert {
        r.event for r in audit_log.page(acts.app, CLI, AuditFilter(event="auth.login"), 50)
    } == {"auth.login"}
    later = AuditFilter(since=acts.here.clock.now() + timedelta(seconds=1))
    assert audit_log.page(acts.app, CLI, later, 50) == []
    newest = audit_log.page(acts.app, CLI, AuditFilter(), 1)[0]
    older = audit_log.page(acts.app, CLI, AuditFilter(before_id=newest.id), 50)
    assert newest.id not in {row.id for row in older}
    exported = list(audit_log.export(acts.app, CLI, AuditFilter()))
    assert exported[0].event == "audit.exported"
    assert len(exported) == len(older) + 2
