"""The functions of /api/invoke: their names, their arguments, and what they call.

They come to the same use-cases as the routes under /api/v1; only the way of asking differs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request

from watchword import __version__
from watchword.domain.audit import Door
from watchword.domain.secret import Secret
from watchword.usecases import accounts, others
from watchword.usecases.context import Watchword
from watchword.web.api import bodies
from watchword.web.api.caller import writer
from watchword.web.api.schemas import Text, rfc3339
from watchword.web.http.errors import N_
from watchword.web.http.hops import scripts as hop

Arguments = Mapping[str, str]


@dataclass(frozen=True)
class Call:
    """One call: the installation, the request it came with, and its arguments."""

    app: Watchword
    request: Request
    arguments: Arguments


@dataclass(frozen=True)
class Function:
    """A function, its arguments (all of them needed), and what it does."""

    name: str
    about: str
    arguments: tuple[str, ...]
    run: Callable[[Call], Awaitable[Any]]


ARGUMENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "config": N_("JSON: userName, fullName, emailAddress; keys that are left out stay as they "
                     "are."),
        "userName": N_("The account's username."),
        "password": N_("The new password; they choose their own at the next login at the console."),
    }
)  # fmt: skip


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The argument `config`."""

    user_name: Annotated[Text, Meta(description="Names the account.")]
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
    everyone = await hop(accounts.everyone, call.app)
    return [SystemAdministrator(a.username, a.full_name, a.email) for a in everyone]


async def _create(call: Call) -> None:
    by, sent = writer(call.app, call.request), _config(call)
    new = accounts.NewAdministrator(
        sent.user_name,
        "" if sent.full_name is UNSET else str(sent.full_name),
        "" if sent.email_address is UNSET else str(sent.email_address),
        Secret(call.arguments["password"]),
        must_change_password=True,
    )
    await call.app.queue.run(others.create(call.app, by, new), Door.API, hop)


async def _configure(call: Call) -> None:
    by, sent = writer(call.app, call.request), _config(call)
    full_name = None if sent.full_name is UNSET else str(sent.full_name)
    email = None if sent.email_address is UNSET else str(sent.email_address)
    if full_name is None and email is None:
        await hop(accounts.by_name, call.app, sent.user_name)
        return
    await hop(others.change, call.app, by, sent.user_name, full_name=full_name, email=email)


async def _set_password(call: Call) -> None:
    by, password = writer(call.app, call.request), Secret(call.arguments["password"])
    setting = others.set_password(call.app, by, call.arguments["userName"], password)
    await call.app.queue.run(setting, Door.API, hop)


async def _delete(call: Call) -> None:
    by = writer(call.app, call.request)
    await hop(others.delete, call.app, by, call.arguments["userName"])


_ALL: Final = (
    Function("Ping", N_("Answers."), (), _ping),
    Function("GetEnvironmentInfo", N_("Tells which server this is."), (), _environment),
    Function("GetServiceStatus", N_("Tells that the server runs, and its time."), (), _status),
    Function("GetSystemAdministrators", N_("Lists the administrators."), (), _list),
    Function(
        "CreateSystemAdministrator",
        N_("Creates an administrator."),
        ("config", "password"),
        _create,
    ),
    Function(
        "SetSystemAdministratorConfiguration",
        N_("Changes full name and e-mail address."),
        ("config",),
        _configure,
    ),
    Function(
        "SetSystemAdministratorPassword",
        N_("Sets another administrator's password."),
        ("userName", "password"),
        _set_password,
    ),
    Function(
        "DeleteSystemAdministrator",
        N_("Deletes another administrator."),
        ("userName",),
        _delete,
    ),
)
FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType({f.name: f for f in _ALL})
