"""The templates. As text: translated sentences, nothing that the content security policy refuses.
Rendered: form tokens, and fields that password managers recognise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment, nodes

from watchword.domain.sessions import Left
from watchword.usecases.audit.login_counts import LoginDay, LoginDays
from watchword.web.console.account.login_chart import chart
from watchword.web.console.frame.flash import Message
from watchword.web.console.frame.list_query import ListQuery
from watchword.web.console.frame.rendering import Pages
from watchword.web.console.frame.times import Times

TEMPLATES = Path(__file__).parents[2] / "src/watchword/web/console/templates"
FILES = {file.name: file.read_text() for file in sorted(TEMPLATES.glob("*.html"))}
ENVIRONMENT = Environment()
SPOKEN = {"title", "placeholder", "aria-label", "alt", "label"}

each_file = pytest.mark.parametrize("text", FILES.values(), ids=FILES)


def markup(text: str) -> str:
    """Return the HTML around the expressions; "0" replaces each expression."""
    tokens = ENVIRONMENT.lex(text)
    kept = {"data": None, "variable_begin": "0"}
    return "".join(kept[kind] or value for _line, kind, value in tokens if kind in kept)


class Bare(HTMLParser):
    """Collects the words in the HTML itself."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        is_button = tag == "input" and at.get("type") in ("submit", "button", "reset")
        for name in (SPOKEN | ({"value"} if is_button else set())) & at.keys():
            self.handle_data(at[name] or "")

    def handle_data(self, data: str) -> None:
        self.words += re.findall(r"[^\W\d_]+", data)


def is_gettext(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Call) and getattr(node.node, "name", "") in ("_", "ngettext")


def unmarked(text: str) -> list[str]:
    """Return words and sentences that cannot be translated."""
    tree = ENVIRONMENT.parse(text)
    calls = [call for call in tree.find_all(nodes.Call) if is_gettext(call)]
    marked = {id(c) for call in calls for c in call.args}
    consts = [c for c in tree.find_all(nodes.Const) if id(c) not in marked]
    strings = [c.value for c in consts if isinstance(c.value, str)]
    sentence = re.compile(r"^[A-Z][A-Za-z]|(?:[^\W\d_]+\s+){2}[^\W\d_]")
    opaque = [str(c.args[0]) for c in calls if not isinstance(c.args[0], nodes.Const)]
    return Bare(markup(text)).words + opaque + [s for s in strings if sentence.search(s)]


def unfilled(text: str) -> list[str]:
    """Return sentences with a placeholder that is not filled."""
    tree = ENVIRONMENT.parse(text)
    calls = [c for c in tree.find_all(nodes.Call) if "filled" in str(c.node)]
    filled = {id(arg) for call in calls for arg in call.args}
    calls = [c for c in tree.find_all(nodes.Call) if getattr(c.node, "name", "") == "_"]
    empty = [str(c.args[0]) for c in calls if not c.kwargs and id(c) not in filled]
    return [sentence for sentence in empty if "%(" in sentence]


def refused(text: str) -> list[str]:
    """Return elements that the content security policy refuses, or that load from other hosts."""
    html = markup(text)
    scripts = [tag for tag in re.findall(r"<script[^>]*>", html) if "nonce=" not in tag]
    return scripts + re.findall(
        r"<[^>]*\s(?:style=|on[a-z]+=)[^>]*>|<style[^>]*>|<[^>]*(?:src|href)=\"(?:https?:)?//", html
    )


def forgeable(text: str) -> list[str]:
    """Return forms that change something and have no token."""
    forms = re.findall(r"<form.*?</form>", text, re.S)
    return [f for f in forms if 'method="get"' not in f and not re.search(r"\btoken\(\)", f)]


@each_file
def test_every_posted_form_has_its_token(text: str) -> None:
    assert forgeable(text) == []


@each_file
def test_every_sentence_is_translatable(text: str) -> None:
    assert unmarked(text) == []


@each_file
def test_every_placeholder_is_filled(text: str) -> None:
    assert unfilled(text) == []


@each_file
def test_templates_comply_with_the_content_security_policy(text: str) -> None:
    assert refused(text) == []


@pytest.mark.parametrize(
    "text",
    ["<p>Hello</p>", '<input placeholder="Name">', '<img alt="A picture">', '{{ "OK" }}',
     '{{ parts.press("/x", "Cancel") }}', '{{ parts.field("x", hint="type it here") }}',
     '<input type="submit" value="Go">', "{{ _(heading) }}"],
)  # fmt: skip
def test_untranslatable_word_is_found(text: str) -> None:
    assert unmarked(text)


@pytest.mark.parametrize(
    "text",
    ['<p style="x">', '<p onclick="x">', "<script>x</script>", '<img src="//host/x">', "<style>"],
)
def test_violation_of_the_policy_is_found(text: str) -> None:
    assert refused(text)


def test_missing_token_and_empty_placeholder_are_found() -> None:
    assert forgeable('<form method="post"></form>')
    assert unfilled('{{ _("Hello %(name)s") }}')
    assert not unfilled('{{ _("Hello %(name)s", name=x) }}{{ parts.filled(_("%(a)s"), a=x) }}')


# --- as drawn --------------------------------------------------------------------------------
PAGES = Pages()
NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
NAME = {"username": "ops:alice", "attempt": "a", "shortest": 15, "action": "/here", "host": "h"}
ENROL = {"qr": {"src": "data:,", "side": 256}, "issuer": "Watchword (h)", "otpauth_uri": "otpauth://totp/x", "token_groups": ["ABCD"],
         "cancel_url": "/login/cancel", "in_login": True, "server_time": None, "showings": [],
         "has_earlier": True}  # fmt: skip
MFA = {"status": "active", "enabled": True, "pending_since": None, "activated_at": NOW,
       "can_enable": False, "can_disable": True, "can_reset": True, "finishable": False,
       "recovery_left": 8, "recovery_mark": 1}  # fmt: skip
API = {"exists": True, "hint": "wwp_abcd", "created_at": NOW, "created_by": "ops:alice",
       "last_used_at": None, "last_used_address": None, "client": "", "note": "",
       "expires_at": None, "old_in_use": True,
       "choice": "old_ends_in", "choices": [(0, "immediately"), (1, "in 1 hour")],
       "url": "https://localhost:8474", "curl": "curl --user alice", "curl_words": [["curl"]], "asks": True,
       "has_own_ca": True,
       "old": {"hint": "wwp_abcd", "expires_at": NOW + timedelta(hours=1), "generation": 1,
               "last_used_at": NOW, "last_used_address": "192.0.2.9",
               "client": "curl 8.5"}}  # fmt: skip
CONFIRM = {
    "hidden": {"generation": "1"},
    "cancel_url": "/",
    "needs_code": True,
}
USE = {"at": NOW - timedelta(hours=2), "address": "192.0.2.9"}
USAGE = {"mfa_enabled": False, "has_api_password": True, "api_password_in_use": True,
         "regular_password_in_use": True, "revokes": False, "api_used": USE, "regular_used": USE,
         "sessions": 1, "seen": USE}  # fmt: skip
REFUSALS = {"until": 1, "generated_at": NOW, "lines": [
    {"sentence": "Wrong password.", "address": "192.0.2.9", "client": "curl 8.5", "user_agent": "curl/8.5.0", "count": 2,
     "first_at": NOW - timedelta(days=2), "last_at": NOW - timedelta(days=1)}]}  # fmt: skip
EMPTY = dict.fromkeys(["username", "full_name", "email", "groups"])
TABLE = {"here": ListQuery(search="x")}
ROW = {"username": "bob", "at": "/administrators/bob", "is_me": False, "is_disabled": False,
       "status": "active", "can_enable": True, "can_disable": True, "can_reset": True,
       "role": "administrator", "has_password": True, "last_login": NOW,
       "last_login_address": "192.0.2.9", "password_set_at": NOW,
       "must_change_password": True, "audit_log": "/audit-log"}  # fmt: skip
CLIENT = {"client": "Firefox", "user_agent": "Firefox/1", "address": "192.0.2.9", "since": NOW,
          "last_seen": NOW}  # fmt: skip
ACCOUNT = {
    **TABLE,
    "values": EMPTY,
    "row": ROW,
    "was": {},
    "back": {"back": "search=x"},
    "can_save": True,
    "edit_url": "/",
    "has_groups": False,
    "mfa": {**MFA, "showings": []},
    "api_password": {
        **API,
        "badge": "",
        "old": None,
        "last_used_client": "curl 8.5",
        "regular_used_at": NOW,
        "regular_used_address": "192.0.2.9",
    },
    "sessions": [CLIENT],
    "browsers": [CLIENT | {"id": "b1"}],
    "events": [],
    "chart": chart(LoginDays((LoginDay(NOW.date(), 1, 0),), is_complete=False)),
}
DRAWN: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "login": ("login.html", {"values": {"username": "", "to": "/"}, "is_turned_away": True,
                             "recovery_url": "/login/with-recovery-code"}),
    "first-run": ("first_run.html", {"values": EMPTY}),
    "code": ("code.html", {"server_time": NOW}),
    "enrol": ("mfa_setup.html", ENROL),
    "recovery-login": ("recovery_login.html", {}),
    "login-with-recovery-code": (
        "login_with_recovery_code.html",
        {"values": {"username": "", "to": "/"}, "login_url": "/login"},
    ),
    "change-password": (
        "change_password.html", {"has_api_password": True, "revoke_api": False}
    ),
    "new-password": ("new_password.html", {"to": "/"}),
    "confirm": ("confirm.html", {**CONFIRM, "with_recovery": False}),
    "confirm-recovery": ("confirm.html", {**CONFIRM, "with_recovery": True}),
    "enrolment-login": ("enrolment_login.html", {}),
    "administrator-new": (
        "administrator_new.html",
        {**TABLE, "values": EMPTY, "role": "administrator"},
    ),
    "member-new": (
        "administrator_new.html",
        {**TABLE, "values": EMPTY, "role": "member", "is_script": False},
    ),
    "account": ("administrator.html", ACCOUNT),
    "member": (
        "administrator.html",
        {**ACCOUNT, "row": ROW | {"role": "member"}, "groups": ["staff"], "has_groups": True},
    ),
    "administrator-confirm": (
        "administrator_confirm.html",
        {**TABLE, **USAGE, "cancel_url": "/", "act": "set-password", "label": "Set Password", "has_box": True,
         "issues_code": False},
    ),
    "settings": ("your_mfa_settings.html", {"mfa": MFA, "showings": [], "api_password": API,
                 "generation": 1, "new_api_password": "wwp_secret", "colon_in_name": True,
                 "refusals": REFUSALS}),
}  # fmt: skip
FIELDS_OF = {
    "login": {"username": "username", "password": "current-password"},
    "first-run": {"username": "username", "password": "new-password",
                  "repeat_password": "new-password"},
    "code": {"account": "username", "totp_code": "one-time-code"},
    "enrol": {"account": "username", "totp_code": "one-time-code"},
    "recovery-login": {"account": "username", "recovery_code": "off"},
    "login-with-recovery-code": {"username": "username", "password": "current-password",
                                 "recovery_code": "off"},
    "change-password": {"account": "username", "current_password": "current-password",
                        "new_password": "new-password", "repeat_new_password": "new-password"},
    "new-password": {"account": "username", "new_password": "new-password",
                     "repeat_new_password": "new-password"},
    "confirm": {"account": "username", "proof_password": "current-password",
                "totp_code": "one-time-code"},
    "enrolment-login": {"account": "username", "enrolment_code": "off"},
    # Another person's name: a password manager must not fill in the user's own.
    "administrator-new": {"username": "off", "password": "new-password",
                          "repeat_password": "new-password"},
    "member-new": {"username": "off", "groups": "off", "password": "new-password",
                   "repeat_password": "new-password"},
    "confirm-recovery": {"account": "username", "proof_password": "current-password",
                         "recovery_code": "off"},
}  # fmt: skip


class Seen(HTMLParser):
    """A rendered page: its elements, each with the number of its form (0: none)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, int, dict[str, str]]] = []
        self._forms = self._form = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "form":
            self._forms += 1
            self._form = self._forms
        self.elements.append((tag, self._form, {k: v or "" for k, v in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = 0

    def all(self, tag: str) -> Iterator[tuple[int, dict[str, str]]]:
        return ((form, at) for name, form, at in self.elements if name == tag)


def draw(name: str) -> Seen:
    """Render the page with two errors at every field."""
    template, context = DRAWN[name]
    fields = [*FIELDS_OF.get(name, {}), None]
    errors = [SimpleNamespace(field=f, message=m) for f in fields for m in ("one", "two")]
    page = SimpleNamespace(title="T", language="en", languages={"en": "English"}, own_language="", host="h", menu=(), account="ops:alice", nonce="n", form_token="tok",
                           notice=Message("N %(name)s", "ops:bob"), errors=errors, errors_about=None, theme=None,
                           asset=PAGES.asset_url, at="/here", is_refused_form=False, times=Times(NOW),
                           left=Left(timedelta(minutes=14), timedelta(hours=7)),
                           idle=timedelta(minutes=15))  # fmt: skip
    body = PAGES.draw(template, 200, {"page": page, **NAME, **context}).body
    return Seen(bytes(body).decode())


each_page = pytest.mark.parametrize("name", DRAWN)


@each_page
def test_ids_are_unique_and_references_exist(name: str) -> None:
    elements = [at for _tag, _form, at in draw(name).elements]
    ids = Counter(at["id"] for at in elements if "id" in at)
    refers = ("for", "form", "aria-describedby", "aria-labelledby", "data-copies", "data-reveals")
    assert [i for i, count in ids.items() if count > 1] == []
    assert {i for at in elements for r in refers for i in at.get(r, "").split()} <= set(ids)


@pytest.mark.parametrize("name", FIELDS_OF)
def test_fields_are_recognised_by_password_managers(name: str) -> None:
    """One form contains them all, so that the filled-in values belong to one account."""
    inputs = [(f, at) for f, at in draw(name).all("input")
              if at["type"] not in ("hidden", "checkbox")]  # fmt: skip
    named = {at["id"]: at["autocomplete"] for _form, at in inputs}
    assert {n: a for n, a in named.items() if n not in ("full_name", "email")} == FIELDS_OF[name]
    assert len({form for form, _at in inputs}) == 1
    kinds = {at["id"]: at["type"] for _form, at in inputs}
    assert all((kinds[n] == "password") == ("-password" in a) for n, a in named.items())


@each_page
def test_fields_accept_pasted_text_spaces_and_other_digits(name: str) -> None:
    for _form, at in draw(name).all("input"):
        assert not {"pattern", "onpaste", "minlength", "maxlength"} & at.keys()
        if at.get("name") == "totp_code":
            found = (at["id"], at["type"], at["inputmode"], at["autocomplete"])
            assert found == ("totp_code", "text", "numeric", "one-time-code")


@each_page
def test_every_field_has_a_label_and_secrets_are_not_kept(name: str) -> None:
    page = draw(name)
    labels = {at.get("for") for _form, at in page.all("label")}
    for _form, at in page.all("input"):
        if at["type"] in ("hidden", "checkbox") or at.get("aria-hidden"):
            continue
        assert at["id"] in labels
        is_password = at["type"] == "password"
        assert is_password == (at["autocomplete"] in ("current-password", "new-password"))
        # Values that the script keeps for after the next login are never secrets.
        is_kept = "data-kept" in at
        assert not is_kept or at["name"] in ("username", "full_name", "email", "groups")


@each_page
def test_elements_of_the_script_have_no_text_without_it(
    name: str,
) -> None:
    """w3m and lynx show the content of <template> and of "hidden" elements."""
    page = draw(name)
    assert [tag for tag, _form, _at in page.elements if tag == "template"] == []
    assert [tag for tag, _form, at in page.elements if "hidden" in at and tag != "span"] == []
    assert all("data-button" in at for _form, at in page.all("span") if "hidden" in at)


@each_page
def test_generated_text_runs_from_left_to_right(name: str) -> None:
    """Codes, tokens, dates and passwords would be reordered among right-to-left text; text by
    people has the direction of its letters.
    """
    machines = {"mono", "token", "once", "code"}
    for tag, _form, at in draw(name).elements:
        if machines & set(at.get("class", "").split()):
            assert at.get("dir") == "ltr", at
        elif tag == "input" and at["type"] in ("text", "email") and not at.get("aria-hidden"):
            assert at.get("dir") == "auto", at


def test_only_the_first_run_fills_in_the_own_name_and_email() -> None:
    named = {at["name"]: at for _form, at in draw("first-run").all("input")}
    assert (named["full_name"]["autocomplete"], named["email"]["autocomplete"]) == ("name", "email")
    assert named["email"]["type"] == "email"
    for page in ("administrator-new", "member-new", "account", "member"):
        named = {at["name"]: at for _form, at in draw(page).all("input")}
        assert {named[n]["autocomplete"] for n in ("full_name", "email")} == {"off"}


def test_set_password_names_the_account_for_password_managers() -> None:
    inputs = list(draw("administrator-confirm").all("input"))
    form = next(form for form, at in inputs if at.get("name") == "new_password")
    found = {at.get("id", ""): at.get("autocomplete") for f, at in inputs if f == form}
    assert found["account"] == "username"
    assert found["new_password"] == found["repeat_new_password"] == "new-password"


def test_api_password_is_not_recognised_as_login_password() -> None:
    elements = draw("settings").elements
    shown = [(form, at) for _tag, form, at in elements if "wwp_secret" in at.values()]
    assert [(form, at.get("name", "")) for form, at in shown] == [(0, "")]
    assert "password" not in shown[0][1]["id"]
