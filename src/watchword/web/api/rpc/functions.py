"""The functions of /api/invoke: names, arguments and implementation.

They call the same use-cases as the operations under /api/v1.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from starlette.requests import Request

from watchword import __version__
from watchword.domain.audit import Interface
from watchword.domain.mfa import Event, Status
from watchword.domain.secret import Secret
from watchword.i18n import N_, _
from watchword.usecases import accounts
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.context import Watchword
from watchword.web.api import bodies
from watchword.web.api.authorization import reader, writer
from watchword.web.api.schemas import Text, enrolment_code_of, rfc3339
from watchword.web.http.worker_threads import api as in_thread

Arguments = Mapping[str, str]
MOST_LISTED: Final = 5000
"""Most administrators in one answer, which is built in memory."""


class TooMany(Exception):  # noqa: N818 - the name states the problem
    """The answer would be too large; the message contains the remedy."""


class Call(Struct, frozen=True):
    """A call: the installation, the HTTP request and the arguments."""

    app: Watchword
    request: Request
    arguments: Arguments


class Argument(Struct, frozen=True):
    """An argument of a function. `type` is `string`, `number`, `bool` or `json`."""

    name: str
    about: str
    type: str = "string"


class Function(Struct, frozen=True):
    """A function with its arguments in order; all are required."""

    name: str
    about: str
    arguments: tuple[Argument, ...]
    run: Callable[[Call], Awaitable[Any]]

    @property
    def argument_names(self) -> tuple[str, ...]:
        """Return the names in their order."""
        return tuple(argument.name for argument in self.arguments)


CONFIG: Final = Argument(
    "config",
    N_("JSON with userName, fullName, emailAddress. Omitted keys do not change."),
    "json",
)
USER_NAME: Final = Argument("userName", N_("The account's username."))
PASSWORD: Final = Argument(
    "password", N_("The new password. The administrator must change it at the next console login.")
)


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The argument `config`."""

    user_name: Annotated[Text, Meta(description="The account's username.")]
    full_name: Text | UnsetType = UNSET
    email_address: Text | UnsetType = UNSET


class SystemAdministrator(msgspec.Struct, frozen=True, rename="camel"):
    """An account, as GetSystemAdministrators lists it."""

    user_name: str
    full_name: str
    email_address: str


def _config(call: Call) -> Config:
    return bodies.decoded(call.arguments["config"].encode(), Config)


async def _ping(_call: Call) -> str:
    return "pong"


async def _environment(call: Call) -> dict[str, str]:
    return {
        "product": "Watchword",
        "version": __version__,
        "hostName": call.app.node,
        "database": call.app.database.name,
    }


async def _status(call: Call) -> dict[str, str | None]:
    return {"status": "running", "time": rfc3339(call.app.clock.now())}


async def _list(call: Call) -> list[SystemAdministrator]:
    rows = await in_thread(
        other_accounts.page, call.app, reader(call.request), limit=MOST_LISTED + 1
    )
    if len(rows) > MOST_LISTED:
        raise TooMany(_("There are more than %(most)s administrators. GET "
                                        "/api/v1/administrators lists them in pages.",
                                        most=MOST_LISTED))  # fmt: skip
    found = (row.account for row in rows)
    return [SystemAdministrator(a.username, a.full_name, a.email) for a in found]


async def _create(call: Call) -> None:
    by, sent = writer(call.app, call.request), _config(call)
    new = accounts.NewAdministrator(
        sent.user_name,
        "" if sent.full_name is UNSET else str(sent.full_name),
        "" if sent.email_address is UNSET else str(sent.email_address),
        Secret(call.arguments["password"]),
        must_change_password=True,
    )
    await call.app.queue.run(other_accounts.create(call.app, by, new), Interface.API, in_thread)


async def _configure(call: Call) -> None:
    by, sent = writer(call.app, call.request), _config(call)
    full_name = None if sent.full_name is UNSET else str(sent.full_name)
    email = None if sent.email_address is UNSET else str(sent.email_address)
    if full_name is None and email is None:
        await in_thread(accounts.by_name, call.app, reader(call.request), sent.user_name)
        return
    await in_thread(
        other_accounts.change, call.app, by, sent.user_name, full_name=full_name, email=email
    )


async def _set_password(call: Call) -> None:
    by, password = writer(call.app, call.request), Secret(call.arguments["password"])
    setting = other_accounts.set_password(call.app, by, call.arguments["userName"], password)
    await call.app.queue.run(setting, Interface.API, in_thread)


async def _delete(call: Call) -> None:
    by = writer(call.app, call.request)
    await in_thread(other_accounts.delete, call.app, by, call.arguments["userName"])


async def _initialize_mfa(call: Call) -> dict[str, str] | None:
    """Enable MFA, or reset the secret of an account whose MFA is active.

    A pending account does not change: it has no secret yet, and the next login creates one.
    Returns the enrolment code if the setting `enrolment_proof` requires one, else None.
    """
    by, username = writer(call.app, call.request), call.arguments["userName"]
    status = (
        await in_thread(accounts.by_name, call.app, reader(call.request), username)
    ).mfa.status
    if status is Status.PENDING:
        return None
    event = Event.ENABLE if status is Status.DISABLED else Event.RESET
    changed = await in_thread(other_credentials.change_mfa, call.app, by, username, event)
    code = enrolment_code_of(changed)
    return None if code is None else {"enrolmentCode": code}


async def _deactivate_mfa(call: Call) -> None:
    by, username = writer(call.app, call.request), call.arguments["userName"]
    await in_thread(other_credentials.change_mfa, call.app, by, username, Event.DISABLE)


_ALL: Final = (
    Function("Ping", N_('Answers "pong".'), (), _ping),
    Function(
        "GetEnvironmentInfo", N_("Returns product, version, host and database."), (), _environment
    ),
    Function("GetServiceStatus", N_("Returns the status and the time of the server."), (), _status),
    Function("GetSystemAdministrators", N_("Lists the administrators."), (), _list),
    Function(
        "CreateSystemAdministrator",
        N_("Creates an administrator."),
        (CONFIG, PASSWORD),
        _create,
    ),
    Function(
        "SetSystemAdministratorConfiguration",
        N_("Changes full name and e-mail address."),
        (CONFIG,),
        _configure,
    ),
    Function(
        "SetSystemAdministratorPassword",
        N_("Sets another administrator's password."),
        (USER_NAME, PASSWORD),
        _set_password,
    ),
    Function(
        "DeleteSystemAdministrator",
        N_("Deletes another administrator."),
        (USER_NAME,),
        _delete,
    ),
    Function(
        "InitializeSystemAdministratorMFA",
        N_("Enables another administrator's MFA, or resets the secret where MFA is active."),
        (USER_NAME,),
        _initialize_mfa,
    ),
    Function(
        "DeactivateSystemAdministratorMFA",
        N_("Disables another administrator's MFA."),
        (USER_NAME,),
        _deactivate_mfa,
    ),
)
FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType({f.name: f for f in _ALL})
