"""Re-authentication before every protected action of the console.

The actions come from the routing table, so new ones are included; a test fails if no page shows the
action's button. The login of the session is older than the limit. Each action is done with every
proof that the account can give, after wrong answers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from requests.cookies import RequestsCookieJar

from tests.support import phone
from tests.support.parsed_page import Button, Control
from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from watchword.web.console import route_table

OTHER = "bo:b é"
MEMBER, SCRIPT = "mi:a é", "cr:on é"
APPLICATION, OFF = "wiki", "old-wiki"
"""An enabled and a disabled application."""
ROUTES = (*route_table.PAGES, *route_table.BUTTONS)
SERVING = {r.path: (r.show, r.act) for r in ROUTES}
TWINS = {
    path: twin
    for twin, served_by in SERVING.items()
    for path in (twin.replace("administrator", "member", 1),)
    if path != twin and SERVING.get(path) == served_by
}
"""The routes of members that have the same functions as those of administrators."""
ACTIONS = sorted({r.path for r in ROUTES if r.act and not r.is_public} - {*TWINS})
UNPROTECTED = {
    "/after-recovery", "/appearance", "/audit-log/export", "/dismiss-refusals", "/preferences", "/seen", "/seen/dismiss",
    "/stay",    "/tour/not-now", "/your-mfa-settings/dismiss-refusals", "/your-sessions/end",
    "/your-sessions/end-others",
}  # fmt: skip
"""Actions that change neither credentials nor another account. The two dismiss-refusals delete
counts of the session's own account, and no audit events.
"""
OF_ONE_BROWSER = "/administrators/{name}/forget-browser"
"""Its page needs the id of a browser: test_forgotten_browsers.py."""
PROTECTED = [path for path in ACTIONS if path not in {*UNPROTECTED, OF_ONE_BROWSER}]
CONFIRM = "Confirm it is you"
NEW = "another otter with pencils"
TYPED = {
    "Username": "newcomer", "Full name": "Changed", "Email": "changed@example.org",
    "Password": NEW, "Repeat password": NEW, "Current password": PASSWORD,
    "New password": NEW, "Repeat new password": NEW, "Name": "docs", "Hosts": "docs.example",
}  # fmt: skip
AS_THEY_ARE = {
    "The current API password stops working", "Level", "Groups", "Accounts", "Public paths",
    "Maximum age of the login", "Session ends without requests after", "Session ends after",
}  # fmt: skip
"""Labels of the fields in which nothing is typed."""
WRONG = {"Password": {"Password": "wrong"}, "Code": {"Password": PASSWORD, "Code": "000000"},
         "Recovery code": {"Password": PASSWORD, "Recovery_code": "0000-" * 5 + "0000"}}  # fmt: skip


def filled(path: str) -> str:
    other = OTHER
    if path.startswith("/members/"):
        other = SCRIPT if path.endswith("/generate-api-password") else MEMBER
    if path.startswith("/applications/"):
        other = OFF if path.endswith("/enable") else APPLICATION
    return path.replace("{name}", quote(other, safe=""))


PAGES = [filled(r.path) for r in route_table.PAGES if not r.is_public and r.path not in TWINS]
EDIT = [f"{filled(path)}?edit=yes" for path in ("/administrators/{name}", "/applications/{name}")]
"""The pages ask for the re-authentication before they show their forms."""


@dataclass
class State:
    """A saved database, with the cookies of a session whose login is old."""

    kept: Path
    cookies: RequestsCookieJar
    secret: str = ""
    codes: tuple[str, ...] = ()
    actions: dict[str, str] = field(default_factory=dict)

    def restore(self, person: Person) -> None:
        live = sqlite3.connect(person.served.data / "watchword.db", timeout=10)
        with closing(live), closing(sqlite3.connect(self.kept)) as kept:
            kept.backup(live)
        person.http.cookies = self.cookies.copy()

    def answer(self, proof: str) -> dict[str, str]:
        """Return the fields of the correct answer."""
        if proof == "Code":
            # The code of the current step was used when the state was made.
            later = datetime.now(UTC) + timedelta(seconds=30)
            return {"Password": PASSWORD, "Code": phone.code(self.secret, later)}
        given = {"Recovery_code": self.codes[0]} if proof == "Recovery code" else {}
        return {"Password": PASSWORD, **given}


# --- accounts in every state -----------------------------------------------------------------
def disabled(person: Person, name: str) -> State:
    person.login(name)
    return State(Path(), person.http.cookies)


def pending(person: Person, name: str) -> State:
    disabled(person, name)
    person.settings().press("Enable MFA").press("Finish now")
    return State(Path(), person.http.cookies)


def active(person: Person, name: str) -> State:
    pending(person, name)
    secret = person.token
    codes = person.press("OK", Code=phone.code(secret)).recovery_codes()
    return State(Path(), person.http.cookies, secret, tuple(codes))


def given(person: Person, name: str) -> State:
    person.served.cli("administrator", "set-password", "--must-change", "--password-stdin", name,
                      stdin=PASSWORD)  # fmt: skip
    return disabled(person, name)


def recovered(person: Person, name: str) -> State:
    """Log in with a recovery code, before the decision about the secret."""
    state = active(person, name)
    person.press("Logout").login(name).follow("Use a recovery code")
    person.press("OK", Recovery_code=state.codes[0])
    return State(Path(), person.http.cookies, state.secret, state.codes[1:])


def other_active(served: Served) -> None:
    served.cli("mfa", "enable", "--", OTHER)
    person = Person(served)
    person.enrol(OTHER)
    person.close()


def other_off(served: Served) -> None:
    served.cli("administrator", "disable", "--", OTHER)


MAKE: dict[str, tuple[Callable[[Person, str], State], Callable[[Served], object]]] = {
    "disabled": (disabled, lambda _served: None),
    "disabled, other active": (disabled, other_active),
    "pending, other off": (pending, other_off),
    "active": (active, lambda _served: None),
    "active, other active": (active, other_active),
    "active, other off": (active, other_off),
    "given password": (given, lambda _served: None),
    "after recovery": (recovered, lambda _served: None),
}


def age_logins(file: Path) -> None:
    with closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as database:
        database.execute("UPDATE sessions SET proved_at = proved_at - 11 * 60 * 1000000")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served.running(tmp_path_factory.mktemp("walk") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def states(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], State]:
    """Return a function that makes each state once, on first use."""
    folder, made = tmp_path_factory.mktemp("states"), dict[str, State]()
    live = served.data / "watchword.db"
    empty = folder / "empty.db"
    for name in ("me", OTHER):
        served.create(name)
        for _ in range(2):
            served.cli("api-password", "generate", "--keep-old", "24h", "--", name)
    served.cli("member", "create", "--password-stdin", "--", MEMBER, stdin=PASSWORD)
    served.cli("member", "create", "--script", "--", SCRIPT)
    for name in (APPLICATION, OFF):
        served.cli("application", "create", name, "--host", f"{name}.example")
    served.cli("application", "disable", OFF)
    with closing(sqlite3.connect(live, timeout=10)) as database:
        database.execute("VACUUM INTO ?", [str(empty)])

    def state(name: str) -> State:
        if name not in made:
            person = Person(served)
            State(empty, RequestsCookieJar()).restore(person)
            make_me, make_other = MAKE[name]
            make_other(served)
            made[name] = make_me(person, "me")
            age_logins(live)
            made[name].kept = folder / f"{len(made)}.db"
            with closing(sqlite3.connect(live, timeout=10)) as database:
                database.execute("VACUUM INTO ?", [str(made[name].kept)])
            look_for_actions(person, made[name])
            person.close()
        return made[name]

    return state


@pytest.fixture
def me(served: Served) -> Iterator[Person]:
    person = Person(served)
    yield person
    person.close()


def test_pages_of_members_have_the_functions_of_those_of_administrators() -> None:
    others = {path for path in SERVING if path.startswith("/member")} - {*TWINS}
    assert others == {"/members/{name}/make-administrator", "/members/{name}/generate-api-password"}
    assert len(TWINS) > 12


# --- the walk --------------------------------------------------------------------------------
def button_of(me: Person, action: str) -> Button | None:
    """Return the enabled button on the page that sends a form to the action."""
    for button in me.page.buttons:
        form = me.page.forms[button.form]
        path = form.action.partition("#")[0].partition("?")[0]
        if (form.method, path, button.disabled) == ("post", filled(action), False):
            return button
    return None


def prove(me: Person, state: State, proof: str) -> None:
    """Answer "Confirm it is you": wrongly first, then correctly."""
    if proof == "Recovery code" and proof not in me.page.labels:
        me.press("Use a recovery code")
    assert proof in me.page.labels
    for wrong in (WRONG["Password"] | {k: v for k, v in WRONG[proof].items() if k != "Password"},
                  WRONG[proof]):  # fmt: skip
        me.press("OK", **wrong)
        assert (me.heading, me.response.status_code) == (CONFIRM, 422)
    me.press("OK", **state.answer(proof))


def events(served: Served) -> list[str]:
    with closing(sqlite3.connect(served.data / "watchword.db", timeout=10)) as database:
        query = "SELECT event FROM audit_events WHERE outcome = 'done' ORDER BY id"
        return [str(event) for (event,) in database.execute(query)]


def look_for_actions(me: Person, state: State) -> None:
    """Find the pages that have the buttons, or that ask "Confirm it is you" themselves."""
    for page in [
        *EDIT,
        *(f"{path}?search={quote(OTHER)}" for path in [*PAGES, f"/applications/{OFF}"]),
    ]:
        me.open(page)
        own = {CONFIRM: me.response.url.removeprefix(me.served.console)}.get(me.heading, "")
        for action in PROTECTED:
            is_before = own.partition("?")[0] == filled(action)
            if is_before or (me.heading != CONFIRM and button_of(me, action)):
                state.actions.setdefault(action, page)


def open_with(me: Person, state: State, proof: str, action: str) -> Button | None:
    """Open the page that has the action's button, answering "Confirm it is you" if the page needs
    a proof.
    """
    state.restore(me)
    if action not in state.actions:
        return None
    me.open(state.actions[action])
    if me.heading == CONFIRM:
        prove(me, state, proof)
    return button_of(me, action)


def type_in(me: Person, button: Button) -> dict[str, str]:
    """Return texts for the fields of the button's form."""
    fields = {c.id for c in me.page.forms[button.form].controls if isinstance(c, Control)}
    typed = TYPED | ({"Code": phone.code(me.token)} if "token" in me.page.attributes else {})
    labels = [label for label, field in me.page.labels.items() if field in fields]
    return {label.replace(" ", "_"): typed[label] for label in labels if label not in AS_THEY_ARE}


PROOFS = {"Password": ("disabled", "disabled, other active", "pending, other off",
                       "given password"),
          "Code": ("active", "active, other active", "active, other off", "after recovery"),
          "Recovery code": ("active", "active, other active", "active, other off",
                            "after recovery")}  # fmt: skip


@pytest.mark.parametrize("action", PROTECTED)
def test_action_is_done_after_wrong_and_correct_answers(
    served: Served, states: Callable[[str], State], me: Person, action: str
) -> None:
    """For each proof. A new password is typed only once."""
    proofs = []
    for proof, names in PROOFS.items():
        for state in map(states, names):
            if (button := open_with(me, state, proof, action)) is None:
                continue
            typed = type_in(me, button)
            before = len(events(served))
            me.press(button.text, **typed)
            if me.heading == CONFIRM:
                assert not any("password" in label for label in typed)
                prove(me, state, proof)
            found = [e for e in events(served)[before:] if not e.startswith("reauth")]
            assert found, f"{action} by {proof}: nothing was done: {me.page.text[:300]}"
            assert me.response.status_code == 200
            assert not me.sees("There is a problem")
            proofs.append(proof)
            break
    assert proofs, f"no page has a button for {action}"
