"""Managing applications, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.support.acts import API, BY_CLI, CLI, CONSOLE, Acts
from tests.support.race import race
from watchword.domain.application_errors import (
    ApplicationTaken,
    HostTaken,
    NoSuchApplication,
    TooManyApplications,
)
from watchword.domain.applications import Admission, Application, Level
from watchword.domain.audit import AuditEvent as E
from watchword.domain.errors import (
    AlreadySo,
    Invalid,
    LoginFailed,
    NoSuchAdministrator,
    PersonNeeded,
    ProofNeeded,
    Refusal,
)
from watchword.storage import applications as stored
from watchword.storage.audit_query import AuditFilter
from watchword.usecases.administrators import other_accounts
from watchword.usecases.administrators.authorization import By
from watchword.usecases.applications import applications
from watchword.usecases.applications.applications import Grants, Managed
from watchword.usecases.audit import audit_log
from watchword.usecases.context import Watchword

WIKI = Application("Wiki", ("wiki.example",))


@pytest.fixture
def bob(acts: Acts) -> Acts:
    return Acts(acts.here, "bob")


def made(acts: Acts, application: Application = WIKI, *usernames: str) -> Managed:
    return applications.create(acts.app, BY_CLI, Managed(application, usernames))


def read(acts: Acts, name: str = "wiki") -> Managed:
    return applications.by_name(acts.app, CLI, name).managed


def facts(acts: Acts, event: E) -> list[dict[str, object]]:
    found = audit_log.page(acts.app, CLI, AuditFilter(event=event.value), 50)
    return [dict(row.facts) for row in reversed(found)]


def test_a_new_application_is_stored_as_it_was_entered_and_admits_no_account(acts: Acts) -> None:
    whole = replace(
        WIKI,
        hosts=("wiki.example", "wiki.example:8443"),
        level=Level.PASSWORD,
        accept_api_passwords=True,
        max_login_age=3600,
        idle_seconds=600,
        absolute_seconds=7200,
        public_paths=("/favicon.ico", "/static/*"),
    )
    created = made(acts, whole)
    assert created.application == replace(whole, id=created.application.id)
    assert read(acts).application.who == Admission()
    assert [row.managed for row in applications.every(acts.app, CLI)] == [created]
    assert facts(acts, E.APPLICATION_CREATED) == [{"application": "Wiki"}]


def test_everything_that_is_wrong_with_a_new_application_is_named(acts: Acts) -> None:
    with pytest.raises(Invalid) as refused:
        made(acts, Application("two words", ("a b", "*.example"), public_paths=("no-slash",)))
    assert {p.field for p in refused.value.problems} == {"name", "hosts", "public_paths"}
    assert applications.every(acts.app, CLI) == []


def test_a_group_that_no_account_can_have_is_refused(acts: Acts) -> None:
    made(acts)
    for group in ("ü", "x" * 65):
        with pytest.raises(Invalid) as refused:
            applications.grant(acts.app, BY_CLI, "wiki", Grants(groups=frozenset({group, "staff"})))
        assert [p.field for p in refused.value.problems] == ["groups"]
    assert read(acts).application.who == Admission()


def test_a_name_and_a_host_belong_to_one_application(acts: Acts) -> None:
    made(acts)
    with pytest.raises(ApplicationTaken):
        made(acts, Application("WIKI", ("other.example",)))
    with pytest.raises(HostTaken) as refused:
        made(acts, Application("other", ("new.example", "Wiki.Example.")))
    assert refused.value.facts == {"host": "wiki.example", "application": "Wiki"}
    made(acts, Application("other", ("other.example",)))
    with pytest.raises(HostTaken):
        applications.change(acts.app, BY_CLI, "other", lambda m: m.but(hosts=("wiki.example",)))
    with pytest.raises(ApplicationTaken):
        applications.change(acts.app, BY_CLI, "other", lambda m: m.but(name="wiki"))
    assert [row.managed.application.name for row in applications.every(acts.app, CLI)] == [
        "other",
        "Wiki",
    ]


def create_in_race(app: Watchword, name: str, host: str) -> None:
    applications.create(app, BY_CLI, Managed(Application(name, (host,))))


def test_of_parallel_creations_with_one_host_one_succeeds(acts: Acts) -> None:
    outcomes = race(acts.here, create_in_race, [(f"a{n}", "wiki.example") for n in range(8)])
    assert sorted(outcomes) == ["done", *["host-taken"] * 7]


def test_grants_are_added_and_withdrawn_one_by_one(acts: Acts, bob: Acts) -> None:
    made(acts)
    granted = applications.grant(
        acts.app, BY_CLI, "wiki", Grants(groups=frozenset({"staff"}), usernames=frozenset({"BOB"}))
    )
    assert granted.usernames == ("bob",)
    who = Admission(groups=frozenset({"staff"}), accounts=frozenset({bob.account.id}))
    assert granted.application.who == who
    applications.grant(acts.app, BY_CLI, "wiki", Grants(everyone=True))
    with pytest.raises(AlreadySo):
        applications.grant(acts.app, BY_CLI, "wiki", Grants(everyone=True))
    left = applications.revoke(
        acts.app, BY_CLI, "wiki", Grants(everyone=True, usernames=frozenset({"Bob"}))
    )
    assert left.application.who == Admission(groups=frozenset({"staff"}))
    assert [f["admitted"] for f in facts(acts, E.APPLICATION_CHANGED) if "admitted" in f] == [
        "group staff, bob", "everyone"
    ]  # fmt: skip
    assert [f["removed"] for f in facts(acts, E.APPLICATION_CHANGED) if "removed" in f] == [
        "everyone, bob"
    ]


def test_a_grant_for_an_unknown_account_changes_nothing(acts: Acts) -> None:
    made(acts)
    with pytest.raises(NoSuchAdministrator):
        applications.grant(
            acts.app, BY_CLI, "wiki", Grants(everyone=True, usernames=frozenset({"nosuch"}))
        )
    assert read(acts).application.who == Admission()


def test_a_deleted_account_loses_its_grants(acts: Acts, bob: Acts) -> None:
    made(acts, WIKI, "bob")
    other_accounts.delete(acts.app, BY_CLI, "bob")
    assert read(acts).application.who == Admission()


def test_disabling_enabling_and_deleting_are_recorded(acts: Acts) -> None:
    made(acts)
    for is_enabled in (False, True):
        applications.set_enabled(acts.app, BY_CLI, "wiki", is_enabled=is_enabled)
        assert read(acts).application.is_enabled is is_enabled
        with pytest.raises(AlreadySo):
            applications.set_enabled(acts.app, BY_CLI, "wiki", is_enabled=is_enabled)
    applications.delete(acts.app, BY_CLI, "WIKI")
    with pytest.raises(NoSuchApplication):
        read(acts)
    with pytest.raises(NoSuchApplication):
        applications.delete(acts.app, BY_CLI, "wiki")
    for event in (E.APPLICATION_DISABLED, E.APPLICATION_ENABLED, E.APPLICATION_DELETED):
        assert facts(acts, event) == [{"application": "Wiki"}]


def test_the_console_asks_for_a_recent_proof(acts: Acts) -> None:
    principal = acts.login()
    by = By(CONSOLE.known_as(principal.account), principal.account, principal)
    acts.here.clock.advance(timedelta(minutes=11))
    for act in (
        lambda: applications.create(acts.app, by, Managed(WIKI)),
        lambda: applications.grant(acts.app, by, "wiki", Grants(everyone=True)),
        lambda: applications.set_enabled(acts.app, by, "wiki", is_enabled=False),
        lambda: applications.delete(acts.app, by, "wiki"),
    ):
        with pytest.raises(ProofNeeded):
            act()


def test_no_credential_of_the_api_changes_who_may_enter(acts: Acts, bob: Acts) -> None:
    caller = acts.call_api(acts.generate_api_password())
    by = By(API.known_as(caller.account), caller.account, caller=caller)
    for who, usernames in ((Admission(everyone=True), ()), (Admission(), ("bob",)),
                           (Admission(groups=frozenset({"staff"})), ())):  # fmt: skip
        with pytest.raises(PersonNeeded):
            applications.create(acts.app, by, Managed(replace(WIKI, who=who), usernames))
    applications.create(acts.app, by, Managed(WIKI))
    with pytest.raises(PersonNeeded):
        applications.grant(acts.app, by, "wiki", Grants(usernames=frozenset({"bob"})))
    applications.grant(acts.app, BY_CLI, "wiki", Grants(everyone=True))
    with pytest.raises(PersonNeeded):
        applications.revoke(acts.app, by, "wiki", Grants(everyone=True))
    applications.change(acts.app, by, "wiki", lambda m: m.but(level=Level.PASSWORD))
    assert read(acts).application.level is Level.PASSWORD


def test_an_ended_api_password_changes_no_application(acts: Acts, bob: Acts) -> None:
    made(acts)
    caller = bob.call_api(bob.generate_api_password())
    by = By(API.known_as(caller.account), caller.account, caller=caller)
    other_accounts.disable(acts.app, BY_CLI, "bob")

    def refused() -> Refusal:
        with pytest.raises(LoginFailed) as refusal:
            applications.delete(acts.app, by, "wiki")
        return refusal.value

    assert refused()
    assert read(acts)


def test_the_number_of_applications_is_bounded(acts: Acts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applications, "MOST_APPLICATIONS", 1)
    made(acts)
    with pytest.raises(TooManyApplications):
        made(acts, Application("other", ("other.example",)))


def test_an_application_of_more_parts_than_one_statement_has_parameters_is_read(acts: Acts) -> None:
    """SQLite and PostgreSQL bound the parameters of a statement."""
    made(acts, replace(WIKI, public_paths=tuple(f"/p{n:03}" for n in range(100))))
    with acts.app.database.reading() as connection:
        found = stored.find(connection, "wiki")
    assert found is not None
    assert len(found.public_paths) == 100
