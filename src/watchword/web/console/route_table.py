"""The routes of the console: its pages, and the paths of their buttons."""

from __future__ import annotations

from typing import Final

from watchword.domain.roles import Role
from watchword.web.console import help_page
from watchword.web.console.account import (
    api_refusals,
    banners,
    overview,
    passwords,
    preferences,
    your_mfa_settings,
    your_sessions,
)
from watchword.web.console.administrators import (
    account_page,
    administrators_table,
    confirmed_actions,
    forget_browser,
    new_administrator,
)
from watchword.web.console.applications import application_page, applications_table, enter
from watchword.web.console.audit_log import log_page, log_query
from watchword.web.console.frame import paths
from watchword.web.console.frame.routes import ConsoleRoute
from watchword.web.console.login import (
    after_recovery,
    enrolment_code,
    first_run,
    login,
    recovery_login,
)
from watchword.web.console.login.attempt_cookie import SECOND_STEP

SETTINGS: Final = your_mfa_settings.PATH
APPLICATION: Final = paths.APPLICATIONS + "/{name}"


def _one(role: Role) -> str:
    return paths.list_of(role) + "/{name}"


def _pages_of(role: Role) -> list[ConsoleRoute]:
    """Return the list of accounts of a role, the page of an account, and those of its actions."""
    new, one = new_administrator, _one(role)
    acts = confirmed_actions.of_role(role)
    return [
        ConsoleRoute(paths.list_of(role), administrators_table.show),
        ConsoleRoute(paths.new_of(role), new.show, new.create),
        ConsoleRoute(one, account_page.show, account_page.save),
        *(ConsoleRoute(f"{one}/{name}", confirmed_actions.show, act) for name, act in acts.items()),
        ConsoleRoute(f"{one}/{forget_browser.NAME}", forget_browser.show, forget_browser.act),
    ]


PAGES: Final = (
    ConsoleRoute("/first-run/{token}", first_run.show, first_run.submit, is_public=True),
    ConsoleRoute("/login", login.show, login.submit, is_public=True),
    ConsoleRoute(SECOND_STEP, login.show_second_step, login.submit_second_step, is_public=True),
    ConsoleRoute(enrolment_code.PATH, enrolment_code.show, enrolment_code.submit, is_public=True),
    ConsoleRoute(login.RECOVERY, login.show_recovery, login.submit_recovery, is_public=True),
    ConsoleRoute(recovery_login.PATH, recovery_login.show, recovery_login.submit, is_public=True),
    ConsoleRoute("/", overview.show),
    ConsoleRoute(
        passwords.CHANGE_PASSWORD,
        passwords.show_change,
        passwords.change,
        is_open_to_members=True,
    ),
    ConsoleRoute(
        paths.NEW_PASSWORD,
        passwords.show_new,
        passwords.choose_new,
        is_open_to_given_password=True,
        is_open_to_members=True,
    ),
    ConsoleRoute(
        paths.AFTER_RECOVERY,
        after_recovery.show,
        after_recovery.keep,
        is_open_to_undecided=True,
        is_open_to_members=True,
    ),
    ConsoleRoute(SETTINGS, your_mfa_settings.show, is_open_to_members=True),
    ConsoleRoute(
        your_mfa_settings.FINISH,
        your_mfa_settings.show_finish,
        your_mfa_settings.submit_finish,
        is_open_to_members=True,
    ),
    *_pages_of(Role.ADMINISTRATOR),
    *_pages_of(Role.MEMBER),
    ConsoleRoute(your_sessions.PATH, your_sessions.show, is_open_to_members=True),
    ConsoleRoute(paths.ENTER, enter.show, is_open_to_members=True),
    ConsoleRoute(paths.APPLICATIONS, applications_table.show),
    ConsoleRoute(paths.NEW_APPLICATION, applications_table.show_new, applications_table.create),
    ConsoleRoute(paths.YOUR_APPLICATIONS, applications_table.show_yours, is_open_to_members=True),
    ConsoleRoute(APPLICATION, application_page.show, application_page.save),
    *(
        ConsoleRoute(f"{APPLICATION}/{name}", application_page.confirm, act)
        for name, act in application_page.CONFIRMED.items()
    ),
    ConsoleRoute(log_query.PATH, log_page.show),
    ConsoleRoute(paths.PREFERENCES, preferences.show, preferences.save, is_open_to_members=True),
    ConsoleRoute(paths.HELP, help_page.show, is_public=True),
)

BUTTONS: Final = (
    ConsoleRoute("/login/cancel", login.show, login.cancel, is_public=True, is_page=False),
    ConsoleRoute(banners.PATH, overview.show, banners.mark_as_seen, is_page=False),
    ConsoleRoute(banners.DISMISS, overview.show, banners.dismiss, is_page=False),
    ConsoleRoute(
        api_refusals.DISMISS,
        overview.show,
        api_refusals.dismiss_own,
        is_page=False,
        is_open_to_members=True,
    ),
    ConsoleRoute("/stay", overview.show, login.stay, is_page=False, is_open_to_members=True),
    ConsoleRoute(
        preferences.APPEARANCE,
        preferences.show,
        preferences.choose_appearance,
        is_page=False,
        is_open_to_members=True,
    ),
    ConsoleRoute(
        preferences.LANGUAGE,
        login.show,
        preferences.choose_language,
        is_public=True,
        is_page=False,
        stands_in_session=True,
    ),
    ConsoleRoute("/tour/not-now", overview.show, overview.not_now, is_page=False),
    ConsoleRoute(
        "/logout", login.show, login.logout, is_public=True, is_page=False, stands_in_session=True
    ),
    *(
        ConsoleRoute(
            f"{SETTINGS}/{name}",
            your_mfa_settings.show,
            act,
            is_page=False,
            is_open_to_undecided=name == "reset-secret",
            is_open_to_members=True,
        )
        for name, act in your_mfa_settings.BUTTONS.items()
    ),
    *(
        ConsoleRoute(f"{_one(role)}/{name}", account_page.show, act, is_page=False)
        for role in Role
        for name, act in account_page.BUTTONS.items()
    ),
    *(
        ConsoleRoute(f"{APPLICATION}/{name}", application_page.show, act, is_page=False)
        for name, act in application_page.BUTTONS.items()
    ),
    *(
        ConsoleRoute(
            f"{your_sessions.PATH}/{name}",
            your_sessions.show,
            act,
            is_page=False,
            is_open_to_members=True,
        )
        for name, act in your_sessions.BUTTONS.items()
    ),
    ConsoleRoute(f"{log_query.PATH}/export", log_page.show, log_page.export, is_page=False),
)
"""Paths that only accept POST. A refusal is shown on the page that contains the button."""
