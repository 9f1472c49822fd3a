"""The variable `page` of the templates, and the menu on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from msgspec import Struct

from watchword.domain.sessions import Left
from watchword.i18n import _
from watchword.usecases.sessions.sessions import Principal
from watchword.web.console.frame import flash, form_errors, paths
from watchword.web.console.frame.times import Times


class MenuItem(Struct, frozen=True):
    """One line of the menu."""

    href: str
    label: str
    current: bool


class Page(Struct, frozen=True):
    """The variable `page` of every template.

    `at` is the page's own address, also if a refused POST to another address shows it. `left` is
    the time until the session ends. `errors_about` names the refused action on a page with several.
    `host` is the name of this server, or "". `theme` is "light" or "dark" if the administrator chose
    one.
    `language` is the code of the page's language, `own_language` that of the account's choice ("":
    the browser's), and `languages` are those to choose from.
    """

    title: str
    host: str
    menu: tuple[MenuItem, ...]
    account: str | None
    nonce: str
    form_token: str
    notice: flash.Message | None
    left: Left | None
    idle: timedelta
    at: str
    is_refused_form: bool
    errors: tuple[form_errors.FieldError, ...]
    errors_about: flash.Message | None
    theme: str | None
    times: Times
    language: str
    languages: Mapping[str, str]
    own_language: str
    asset: Callable[[str], str]


def menu_of(me: Principal | None, here: str) -> tuple[MenuItem, ...]:
    """Return the menu of a session on the page with the path `here`.

    It is empty before the mandatory pages are complete, because none of its pages opens.
    """
    if me is None or me.account.must_change_password or me.must_decide:
        return ()
    if here in {paths.NEW_ADMINISTRATOR, paths.NEW_MEMBER}:
        here = paths.list_of(paths.role_of(here))
    if here == paths.NEW_APPLICATION:
        here = paths.APPLICATIONS
    items = _administrators_menu() if me.account.is_administrator else _members_menu()
    return tuple(
        MenuItem(href, label, here == href or (href != "/" and here.startswith(href)))
        for href, label in items
    )


def _administrators_menu() -> list[tuple[str, str]]:
    return [
        ("/", _("Overview")),
        (paths.YOUR_MFA_SETTINGS, _("Your MFA Settings")),
        (paths.ADMINISTRATORS, _("System Administrators")),
        (paths.MEMBERS, _("Members")),
        (paths.APPLICATIONS, _("Applications")),
        ("/your-sessions", _("Your Sessions")),
        ("/audit-log", _("Audit Log")),
    ]


def _members_menu() -> list[tuple[str, str]]:
    return [
        (paths.YOUR_APPLICATIONS, _("Your Applications")),
        (paths.YOUR_MFA_SETTINGS, _("Your MFA Settings")),
        ("/your-sessions", _("Your Sessions")),
    ]
