"""Creation of accounts and storage of passwords, for the use-cases that need them."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Iterator
from typing import Protocol

from msgspec import Struct

from watchword.config import interfaces
from watchword.crypto.strength import is_guessable
from watchword.domain.accounts import (
    Administrator,
    email_problems,
    full_name_problems,
    password_problems,
    username_problems,
)
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import Invalid, NoSuchAdministrator, NoSuchMember, Problem
from watchword.domain.roles import Role, groups_problems
from watchword.domain.secret import Secret
from watchword.storage import (
    account_groups,
    administrators,
    attempts,
    authenticators,
    enrolment_proofs,
    known_browsers,
    sessions,
)
from watchword.storage.administrator_query import Listed, Sort, administrators_page
from watchword.storage.administrators import NewAccount
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import Unit, reading

PRODUCT = "watchword"
EVERYONE_PAGE = 1000
FEWEST_LETTERS = 4
"""The shortest part of a host name that counts as a guessable word; "com" and "api" do not."""
_PART = re.compile(r"[^\W_]+")


class Named(Protocol):
    """An account, stored or new."""

    @property
    def username(self) -> str:
        """The username."""

    @property
    def full_name(self) -> str:
        """The person's name; may be empty."""

    @property
    def email(self) -> str:
        """The person's e-mail address; may be empty."""


class NewAdministrator(Struct, frozen=True):
    """The input for a new account. A member without a password is a script account."""

    username: str
    full_name: str
    email: str
    password: Secret | None
    must_change_password: bool = False
    role: Role = Role.ADMINISTRATOR
    groups: tuple[str, ...] = ()


def _words_of_here(app: Watchword) -> list[str]:
    """Return the names of this installation: product, host, public host names and their parts,
    which often contain the name of the organisation.
    """
    hosts = [socket.gethostname(), *(each.public_host for each in interfaces(app.settings))]
    parts = [part for host in hosts for part in host.split(".") if len(part) >= FEWEST_LETTERS]
    return [PRODUCT, *hosts, *parts]


def _words_of(named: Named | None) -> list[str]:
    """Return the account's names and email address, and their parts."""
    if named is None:
        return []
    wholes = [named.username, named.full_name, named.email, named.email.partition("@")[0]]
    parts = _PART.findall(" ".join(wholes[:3]))
    return [*wholes, "".join(_PART.findall(named.full_name)), *dict.fromkeys(parts)]


def new_password_problems(
    app: Watchword, password: Secret, named: Named | None, field: str = "password"
) -> list[Problem]:
    """Return no problem or one problem of a new password; `named` is its account, if any."""
    context = [*_words_of(named), *_words_of_here(app)]
    problems = password_problems(
        password.reveal(),
        shortest=app.settings.password_min_length,
        context=context,
        field_name=field,
    )
    if not problems and is_guessable(password.reveal(), context):
        return [Problem(field, "guessable")]
    return problems


def demand_valid(app: Watchword, new: NewAdministrator, others: Iterable[Problem] = ()) -> None:
    """Raise Invalid with every problem of a new account and the caller's `others`.

    A taken name is included only next to other problems; alone it is refused by `insert`.
    """
    name_problems = username_problems(new.username)
    problems = [
        *full_name_problems(new.full_name),
        *email_problems(new.email),
        *groups_problems(new.groups),
        *_password_problems(app, new),
        *others,
    ]
    if problems and not name_problems and _is_taken(app, new.username):
        name_problems = [Problem("username", "taken")]
    if name_problems or problems:
        raise Invalid(*name_problems, *problems)


def _password_problems(app: Watchword, new: NewAdministrator) -> list[Problem]:
    if new.password is not None:
        return new_password_problems(app, new.password, new)
    return [] if new.role is Role.MEMBER else [Problem("password", "required")]


def _is_taken(app: Watchword, username: str) -> bool:
    with app.database.reading() as connection:
        return administrators.find(connection, username) is not None


def insert(u: Unit, new: NewAdministrator, hash_: str | None) -> Administrator:
    """Insert the account in the caller's unit, without a hash as one without a password. Raises
    UsernameTaken.
    """
    must_change = new.must_change_password and hash_ is not None
    row = NewAccount(new.username, new.full_name, new.email, must_change, new.role)
    id_ = administrators.create(u.connection, row, u.now)
    if hash_ is not None:
        administrators.set_password_hash(u.connection, id_, u.app.pepper.bound(id_, hash_))
    account_groups.replace(u.connection, id_, new.groups)
    account = locked_by_name(u, new.username)
    if account.is_administrator:
        u.record(AuditEvent.ADMINISTRATOR_CREATED, account)
    else:
        facts = {"groups": ",".join(new.groups)} if new.groups else {}
        u.record(AuditEvent.MEMBER_CREATED, account, **facts)
    return account


def everyone(
    app: Watchword, actor: Actor, role: Role = Role.ADMINISTRATOR
) -> Iterator[Administrator]:
    """Yield all accounts of a role, sorted by name."""
    for row in listed(app, actor, role):
        yield row.account


def listed(app: Watchword, actor: Actor, role: Role) -> Iterator[Listed]:
    """Yield the same as rows of the table, which contain the groups of members.

    Each page is a read of its own, so that neither memory nor the age of a snapshot grows with the
    number of accounts.
    """
    place = ""
    while page := _page(app, actor, role, place):
        yield from page
        place = page[-1].place


def _page(app: Watchword, actor: Actor, role: Role, place: str) -> list[Listed]:
    with reading(app, actor) as connection:
        return administrators_page(
            connection, (), Sort.USERNAME,
            descending=False, after=place, role=role, limit=EVERYONE_PAGE,
        )  # fmt: skip


def by_name(app: Watchword, actor: Actor, username: str, role: Role | None = None) -> Administrator:
    """Return the account. Raises NoSuchAdministrator, NoSuchMember."""
    with reading(app, actor) as connection:
        found = administrators.find(connection, username)
    return demand_role(found, username, role)


def demand_role(found: Administrator | None, username: str, role: Role | None) -> Administrator:
    """Return the account that was found. Raises NoSuchAdministrator or NoSuchMember when there is
    none, or its role is another one than the caller asked for.
    """
    if found is None or role not in {None, found.role}:
        raise (NoSuchMember if role is Role.MEMBER else NoSuchAdministrator)(username=username)
    return found


def locked_by_name(u: Unit, username: str, role: Role | None = None) -> Administrator:
    """Return the account with this name, locked for a change. Raises NoSuchAdministrator,
    NoSuchMember.
    """
    found = administrators.find(u.connection, username)
    account = found and administrators.get(u.connection, found.id, for_change=True)
    return demand_role(account, username, role)


def reread(u: Unit, account: Administrator) -> Administrator:
    """Return the account with the changes of this unit. Raises NoSuchAdministrator."""
    found = administrators.get(u.connection, account.id)
    if found is None:
        raise NoSuchAdministrator(username=account.username)
    return found


def store_password(
    u: Unit, account: Administrator, hash_: str, *, must_change: bool, sparing: int | None = None
) -> int:
    """Store a new password and return the new `cred_ver`.

    All sessions except the spared one, login attempts, enrolments and recognised browsers end.
    """
    bound = u.app.pepper.bound(account.id, hash_)
    administrators.set_password(u.connection, account.id, bound, must_change=must_change, now=u.now)
    sessions.delete_all_of(u.connection, account.id, sparing=sparing)
    authenticators.delete_enrolments_of(u.connection, account.id)
    attempts.delete_all_of(u.connection, account.id)
    enrolment_proofs.forget_all_of(u.connection, account.id)
    known_browsers.forget_all_of(u.connection, account.id)
    cred_ver = account.cred_ver + 1
    if sparing is not None:
        sessions.move_to_cred_ver(u.connection, sparing, cred_ver, ends_decision=False)
    return cred_ver
