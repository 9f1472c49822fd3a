"""The operations on administrators, one row each (routes.py says what a row holds)."""

from __future__ import annotations

from functools import partial
from typing import Final

from watchword.domain.mfa import Event
from watchword.web.api import administrators
from watchword.web.api import schemas as s
from watchword.web.api.endpoints import Row
from watchword.web.api.paging import AFTER, LIMIT
from watchword.web.api.problem_sets import WRITING
from watchword.web.api.routes import Body, Parameter, Success
from watchword.web.http.refusal_messages import N_

_ONE: Final = administrators.PATH + "/{username}"
_OTHERS: Final = partial(Row, tag=N_("Administrators"))

_USERNAME: Final = Parameter(
    "username", N_("The username, percent-encoded: a slash is %2F."), {"type": "string"}, "bob",
    place="path",
)  # fmt: skip
_IF_MATCH: Final = Parameter(
    "If-Match", N_("An ETag: act only when the account is still like that."), {"type": "string"},
    place="header",
)  # fmt: skip
_IF_NONE_MATCH: Final = Parameter(
    "If-None-Match", N_("An ETag: answer 304 when the account is still like that."),
    {"type": "string"}, place="header",
)  # fmt: skip
_ETAG: Final = {"ETag": N_("Changes with the account.")}
_EMPTY: Final = (Success(204, N_("Done; there is nothing to say.")),)


def _also(*codes: str) -> tuple[str, ...]:
    return (*WRITING, "own-account", "precondition-failed", *codes)


_ACCOUNTS: Final[tuple[Row, ...]] = (
    _OTHERS(
        name="list_administrators", method="GET", path=administrators.PATH,
        summary=N_("List administrators, by name"),
        endpoint=lambda d: d.administrators.page,
        parameters=(LIMIT, AFTER), failures=("invalid",),
        answers=(Success(body=s.AdministratorList, about=N_("A page of accounts."),
                         headers={"Link": N_("The next page, when there is one.")}),),
    ),
    _OTHERS(
        name="create_administrator", method="POST", path=administrators.PATH,
        summary=N_("Create an administrator"),
        endpoint=lambda d: d.administrators.create,
        body=Body(s.NewAdministrator),
        failures=("writing-switched-off", "username-taken"),
        answers=(Success(201, N_("The new account."), s.AdministratorOut,
                         headers={**_ETAG, "Location": N_("Where the account is found.")}),),
    ),
    _OTHERS(
        name="get_administrator", method="GET", path=_ONE,
        summary=N_("Read one administrator"),
        endpoint=lambda d: d.administrators.show,
        parameters=(_USERNAME, _IF_NONE_MATCH), failures=("no-such-administrator",),
        answers=(Success(200, N_("The account."), s.AdministratorOut, headers=_ETAG),
                 Success(304, N_("It is as the client has it."), headers=_ETAG)),
    ),
    _OTHERS(
        name="change_administrator", method="PATCH", path=_ONE,
        summary=N_("Change an administrator"),
        about=N_("Any of `full_name`, `email`, `enabled`: all that is named is changed, or nothing. "
                 "One's own account cannot be disabled."),
        endpoint=lambda d: d.administrators.change,
        body=Body(s.AdministratorChange), parameters=(_USERNAME, _IF_MATCH),
        failures=_also("last-administrator", "already-so"),
        answers=(Success(200, N_("The account as it is now."), s.AdministratorChangedOut,
                         headers=_ETAG),),
    ),
    _OTHERS(
        name="delete_administrator", method="DELETE", path=_ONE,
        summary=N_("Delete an administrator"),
        endpoint=lambda d: d.administrators.delete,
        parameters=(_USERNAME, _IF_MATCH), failures=_also("last-administrator"), answers=_EMPTY,
    ),
    _OTHERS(
        name="set_password", method="PUT", path=f"{_ONE}/password",
        summary=N_("Set another administrator's password"),
        about=N_("Their console sessions end, and so does an enrolment code that they were given. "
                 "MFA and API password stay as they are."),
        endpoint=lambda d: d.administrators.password,
        body=Body(s.NewPassword), parameters=(_USERNAME, _IF_MATCH), failures=_also(),
        answers=_EMPTY,
    ),
    _OTHERS(
        name="get_mfa", method="GET", path=f"{_ONE}/mfa",
        summary=N_("Read the MFA state of an administrator"),
        endpoint=lambda d: d.administrators.mfa,
        parameters=(_USERNAME,), failures=("no-such-administrator",),
        answers=(Success(200, N_("The state."), s.MfaOut),),
    ),
)  # fmt: skip

_MFA_SUMMARIES: Final = {
    Event.ENABLE: N_("Enable MFA: pending until the next login at the console"),
    Event.DISABLE: N_("Disable MFA"),
    Event.RESET: N_("Reset the secret: the old one is dead, MFA is pending again"),
}
_MFA_ACTS: Final[tuple[Row, ...]] = tuple(
    _OTHERS(
        name=f"{event.value}_mfa", method="POST", path=f"{_ONE}/mfa/{event.value}",
        summary=summary,
        about=N_("All console sessions of the account end."),
        endpoint=lambda d, event=event: d.administrators.mfa_act(event),  # type: ignore[misc]
        body=Body(s.MfaChange, is_required=False), parameters=(_USERNAME, _IF_MATCH),
        failures=_also("not-in-this-state", "changed-meanwhile"),
        answers=(Success(200, N_("The new state."), s.MfaChangedOut),),
    )
    for event, summary in _MFA_SUMMARIES.items()
)  # fmt: skip

_BELONGINGS: Final[tuple[Row, ...]] = (
    _OTHERS(
        name="revoke_api_password", method="DELETE", path=f"{_ONE}/api-password",
        summary=N_("Revoke another administrator's API password"),
        endpoint=lambda d: d.administrators.api_password,
        parameters=(_USERNAME, _IF_MATCH), failures=_also("nothing-to-revoke"), answers=_EMPTY,
    ),
    _OTHERS(
        name="list_sessions", method="GET", path=f"{_ONE}/sessions",
        summary=N_("List the console sessions of an administrator"),
        endpoint=lambda d: d.administrators.sessions,
        parameters=(_USERNAME,), failures=("no-such-administrator",),
        answers=(Success(200, N_("The sessions."), s.SessionList),),
    ),
    _OTHERS(
        name="end_sessions", method="DELETE", path=f"{_ONE}/sessions",
        summary=N_("End all console sessions of an administrator"),
        endpoint=lambda d: d.administrators.end_sessions,
        parameters=(_USERNAME, _IF_MATCH), failures=_also(), answers=_EMPTY,
    ),
)  # fmt: skip
ADMINISTRATORS: Final = (*_ACCOUNTS, *_MFA_ACTS, *_BELONGINGS)
