"""Cookie names: two installations with the same host name, and unknown cookies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests.support.installation import Installation
from tests.support.person import Person
from tests.support.served import OWN_COOKIES, PASSWORD, Served
from watchword.usecases.context import Watchword
from watchword.web.http import cookies

PREFIXES = {"default": ["", ""], "cookie_prefix": ["__Host-first", "__Host-second"]}
SHARED = {"WATCHWORD_COOKIE_PREFIX": "__Host-shared"}


@contextmanager
def two_servers(tmp_path_factory: pytest.TempPathFactory, *prefixes: str) -> Iterator[list[Person]]:
    """Open one browser with a page of each server; both have the administrator alice.

    Both start for the first time: copies of one folder have the same installation ID.
    """
    people: list[Person] = []
    first, second = (tmp_path_factory.mktemp("two") / "data" for _ in prefixes)
    environs = [{"WATCHWORD_COOKIE_PREFIX": prefix} for prefix in prefixes]
    with (
        Served.running(first, environ=environs[0], is_first=True) as one,
        Served.running(second, environ=environs[1], is_first=True) as other,
    ):
        for served in (one, other):
            served.create("alice")
            people.append(Person(served))
        people[1].http.cookies = people[0].http.cookies
        yield people
        for person in people:
            person.close()


@pytest.mark.parametrize("prefixes", PREFIXES.values(), ids=PREFIXES)
def test_login_at_one_server_keeps_the_session_at_the_other(
    tmp_path_factory: pytest.TempPathFactory, prefixes: list[str]
) -> None:
    with two_servers(tmp_path_factory, *prefixes) as (here, there):
        here.login()
        form = here.open("/your-mfa-settings").button("Enable MFA")
        there.login()
        assert there.heading == "Overview"
        assert form is not None
        here.press("Enable MFA")
        assert here.status == "Pending"
        there.press("Logout")
        assert here.open("/").heading == "Overview"


def test_login_attempt_at_one_server_survives_a_login_at_the_other(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with two_servers(tmp_path_factory, "", "") as (here, there):
        here.login().settings().press("Enable MFA").press("Logout").login()
        there.login()
        assert here.open("/login/second-step").heading == "Set up MFA"


def test_default_names_end_in_the_installation_id(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("names") / "data"
    with Served.running(folder, environ=OWN_COOKIES) as served:
        served.create("alice")
        with closing(Person(served)) as person:
            person.login()
            names = {c.name for c in person.http.cookies}
    endings = {re.sub(r"^__Host-ww_[a-z]+_(?=[0-9a-f]{8}$)", "", name) for name in names}
    assert len(names) == 2
    assert len(endings) == 1
    assert re.fullmatch("[0-9a-f]{8}", endings.pop())


@pytest.mark.parametrize("kind", ["SESSION", "ATTEMPT", "BROWSER", "ENROLMENT", "BEFORE_LOGIN"])
def test_unknown_cookie_is_never_deleted(
    tmp_path_factory: pytest.TempPathFactory, kind: str, shared: Served
) -> None:
    """It may belong to another installation with the same configured prefix."""
    name = "__Host-shared" + getattr(cookies, kind).removeprefix(cookies.PREFIX)
    with closing(Person(shared)) as person:
        person.http.headers["Cookie"] = f"{name}={'A' * 43}"
        for path in ("/", "/login", "/login/second-step", "/your-mfa-settings", "/nowhere"):
            assert not deleted(person.open(path), name)
        form = {"username": "alice", "password": PASSWORD, "attempt": "x", "totp_code": "123456"}
        for path in ("/login/second-step", "/your-mfa-settings/enable"):
            person.response = person.http.post(shared.console + path, data=form, timeout=30)
            assert not deleted(person, name)


def deleted(person: Person, name: str) -> bool:
    answers = [person.response, *person.response.history]
    sent = [c for a in answers for c in a.raw.headers.getlist("set-cookie")]
    return any(c.startswith(f"{name}=") and "Max-Age=0" in c for c in sent)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("shared") / "data", environ=SHARED) as served:
        served.create("alice")
        yield served


def names_at(app: Watchword) -> str:
    return cookies.names_of(app).sent(cookies.SESSION)


def test_all_nodes_have_the_same_names_and_restarts_keep_them(here: Installation) -> None:
    node = here.reopened()
    assert names_at(node) == names_at(here.app)
    assert re.fullmatch(r"__Host-ww_s_[0-9a-f]{8}", names_at(node))
    node.close()
    before = names_at(here.app)
    here.with_settings(log_level="debug")
    assert names_at(here.app) == before
