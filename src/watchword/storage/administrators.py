"""Administrators with their MFA status, as domain values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import exc
from sqlalchemy.engine import Connection

from watchword.domain import search
from watchword.domain.accounts import Administrator, folded, username_key
from watchword.domain.errors import UsernameTaken
from watchword.domain.mfa import Mfa, Status
from watchword.domain.roles import Role
from watchword.storage import audit
from watchword.storage.schema import (
    administrators,
    api_passwords,
    installation,
    search_words,
)

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Stored as the last login of an account that has not logged in yet."""
_NOT_IN_DOMAIN = {"password_hash", "username_key", "full_name_key", "email_key", "seen_event_id"}
_has_password = (administrators.c.password_hash != "").label("has_password")
domain_columns = [*(c for c in administrators.c if c.name not in _NOT_IN_DOMAIN), _has_password]
_is_administrator = administrators.c.role == Role.ADMINISTRATOR.value


class NewAccount(Struct, frozen=True):
    """The values of a new account. The password hash is bound to the id, so it is stored after
    the row.
    """

    username: str
    full_name: str
    email: str
    must_change_password: bool = False
    role: Role = Role.ADMINISTRATOR


def administrator_of(row: Any) -> Administrator:
    """Return the account of a row with `domain_columns`."""
    values = {c.name: row._mapping[c.name] for c in domain_columns}
    values["last_login_at"] = values["last_login_at"] if values["last_login_at"] > NEVER else None
    values["role"] = Role(values["role"])
    status, pending_from = values.pop("mfa_status"), values.pop("mfa_pending_from")
    mfa = Mfa(
        status=Status(status),
        pending_from=Status(pending_from) if pending_from else None,
        pending_since=values.pop("mfa_pending_since"),
        activated_at=values.pop("mfa_activated_at"),
    )
    return Administrator(**values, mfa=mfa)


def any_exists(connection: Connection) -> bool:
    """Return whether there is at least one administrator."""
    query = sa.select(administrators.c.id).where(_is_administrator).limit(1)
    return connection.execute(query).first() is not None


def create(connection: Connection, new: NewAccount, now: datetime) -> int:
    """Insert an account with MFA disabled and no API password. Raises UsernameTaken."""
    values = {
        "username": new.username,
        "username_key": username_key(new.username),
        "full_name": new.full_name,
        "full_name_key": folded(new.full_name),
        "email": new.email,
        "email_key": folded(new.email),
        "password_hash": "",
        "password_set_at": now,
        "must_change_password": new.must_change_password,
        "is_disabled": False,
        "cred_ver": 1,
        "mfa_status": Status.DISABLED.value,
        "created_at": now,
        "last_login_at": NEVER,
        "last_login_address": "",
        "language": "",
        "seen_event_id": audit.newest_id(connection),
        "time_zone": "",
        "browser_time_zone": "",
        "role": new.role.value,
    }
    try:
        query = administrators.insert().values(values).returning(administrators.c.id)
        id_ = int(connection.execute(query).scalar_one())
    except exc.IntegrityError:
        raise UsernameTaken(username=new.username) from None
    connection.execute(
        api_passwords.insert().values(
            administrator_id=id_,
            generation=0,
            hint="",
            created_by="",
            last_used_address="",
            last_used_client="",
            regular_used_address="",
        )
    )
    _store_words(connection, id_, new.username, new.full_name, new.email)
    return id_


def _store_words(
    connection: Connection, id_: int, username: str, full_name: str, email: str
) -> None:
    connection.execute(search_words.delete().where(search_words.c.administrator_id == id_))
    words = search.words_of(username, full_name, email)
    rows = [{"word": word, "administrator_id": id_} for word in words]
    connection.execute(search_words.insert(), rows)


def is_storable(text: str) -> bool:
    """Return whether both databases accept the text. PostgreSQL rejects NUL, and both reject half
    a surrogate pair (Python decodes a byte that is not UTF-8 to one). No name contains either.
    """
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def find(connection: Connection, username: str) -> Administrator | None:
    """Return the account of that name, compared by its key."""
    row = connection.execute(by_username(username, domain_columns, administrators)).first()
    return administrator_of(row) if row is not None and row.is_it else None


def by_username(username: str, columns: Sequence[Any], tables: Any) -> sa.Select[Any]:
    """Return the query for an account of that name; the column `is_it` is false in another row.

    For an unknown name, it reads the row of another account. Otherwise the time of the answer
    would show which names exist.
    """
    key = username_key(username) if is_storable(username) else ""
    is_it = administrators.c.username_key == key
    first = sa.select(sa.func.min(administrators.c.id)).scalar_subquery()
    query = sa.select(*columns, is_it.label("is_it")).select_from(tables)
    return query.where(is_it | (administrators.c.id == first)).order_by(is_it.desc()).limit(1)


def find_all(connection: Connection, usernames: Iterable[str]) -> dict[str, Administrator]:
    """Return the accounts with one of these names, by the given name."""
    keys = {name: username_key(name) for name in usernames if is_storable(name)}
    key = administrators.c.username_key
    query = sa.select(*domain_columns, key)
    rows = connection.execute(query.where(key.in_(keys.values())))
    found = {row.username_key: administrator_of(row) for row in rows}
    return {name: found[key] for name, key in keys.items() if key in found}


def get(connection: Connection, id_: int, *, for_change: bool = False) -> Administrator | None:
    """Return the account. `for_change` locks its row until the transaction ends."""
    query = sa.select(*domain_columns).where(administrators.c.id == id_)
    if for_change:
        query = query.with_for_update()
    row = connection.execute(query).first()
    return administrator_of(row) if row else None


def lock_all(connection: Connection) -> None:
    """Let other transactions that change the set of accounts wait until this one ends.

    On SQLite the writing transaction does so already.
    """
    connection.execute(sa.select(installation.c.id).with_for_update())


def usable_besides(connection: Connection, id_: int) -> bool:
    """Return whether there is another administrator that is not disabled."""
    query = sa.select(administrators.c.id).where(
        _is_administrator,
        administrators.c.id != id_,
        administrators.c.is_disabled.is_(False),
    )
    # Without the order PostgreSQL may read the whole table to find the first row.
    first = query.order_by(administrators.c.id).limit(1)
    return connection.execute(first).first() is not None


def set_disabled(connection: Connection, id_: int, *, is_disabled: bool) -> None:
    """Disable an account, or enable it again."""
    _change(connection, id_, is_disabled=is_disabled)


def set_role(connection: Connection, id_: int, role: Role) -> None:
    """Store another role."""
    _change(connection, id_, role=role.value)


def set_language(connection: Connection, id_: int, language: str) -> None:
    """Store the code of a language, or "" to follow the browser."""
    _change(connection, id_, language=language)


def require_new_password(connection: Connection, id_: int) -> None:
    """Require a new password after the next login."""
    _change(connection, id_, must_change_password=True)


def _change(connection: Connection, id_: int, **values: str | bool) -> None:
    connection.execute(administrators.update().where(administrators.c.id == id_).values(values))


def describe(connection: Connection, before: Administrator, full_name: str, email: str) -> None:
    """Store another full name and e-mail address."""
    _change(
        connection, before.id, full_name=full_name, full_name_key=folded(full_name),
        email=email, email_key=folded(email),
    )  # fmt: skip
    _store_words(connection, before.id, before.username, full_name, email)


def delete(connection: Connection, id_: int) -> None:
    """Delete an account with its rows in other tables. Its id is not used again."""
    connection.execute(administrators.delete().where(administrators.c.id == id_))


def count_usable(connection: Connection) -> int:
    """Return how many administrators are not disabled."""
    is_usable = administrators.c.is_disabled.is_(False)
    query = sa.select(sa.func.count()).select_from(administrators)
    query = query.where(_is_administrator, is_usable)
    return int(connection.execute(query).scalar_one())


def password_hash(connection: Connection, id_: int) -> str | None:
    """Return the stored password hash; None when there is no account, or it has no password."""
    query = sa.select(administrators.c.password_hash).where(administrators.c.id == id_)
    stored: str | None = connection.execute(query).scalar()
    return stored or None


def set_password_hash(connection: Connection, id_: int, hash_: str) -> None:
    """Store the password hash of a new account. The hash is bound to the id, so it comes second."""
    _change(connection, id_, password_hash=hash_)


def set_password(
    connection: Connection, id_: int, hash_: str, *, must_change: bool, now: datetime
) -> None:
    """Store a new password and raise `cred_ver`."""
    connection.execute(
        administrators.update()
        .where(administrators.c.id == id_)
        .values(
            password_hash=hash_,
            password_set_at=now,
            must_change_password=must_change,
            cred_ver=administrators.c.cred_ver + 1,
        )
    )


def rehash(connection: Connection, id_: int, *, old: str, new: str) -> None:
    """Replace the hash of the same password, unless the password was changed meanwhile."""
    connection.execute(
        administrators.update()
        .where(administrators.c.id == id_, administrators.c.password_hash == old)
        .values(password_hash=new)
    )


def change_mfa(connection: Connection, id_: int, *, expected: Status, to: Mfa) -> int | None:
    """Store another MFA status and raise `cred_ver`, if the status is still the expected one.
    Returns the new `cred_ver`, or None.
    """
    changed = connection.execute(
        administrators.update()
        .where(administrators.c.id == id_, administrators.c.mfa_status == expected.value)
        .values(
            mfa_status=to.status.value,
            mfa_pending_from=to.pending_from.value if to.pending_from else None,
            mfa_pending_since=to.pending_since,
            mfa_activated_at=to.activated_at,
            cred_ver=administrators.c.cred_ver + 1,
        )
        .returning(administrators.c.cred_ver)
    )
    cred_ver: int | None = changed.scalar()
    return cred_ver


def pending_since(connection: Connection, time: datetime) -> list[int]:
    """Return the accounts whose MFA has been pending since this time or longer."""
    query = sa.select(administrators.c.id).where(
        administrators.c.role.in_([role.value for role in Role]),  # the index begins with it
        administrators.c.mfa_status == Status.PENDING.value,
        administrators.c.mfa_pending_since <= time,
    )
    return list(connection.execute(query).scalars())


def raise_cred_ver(connection: Connection, id_: int) -> int:
    """Raise `cred_ver`: sessions, login attempts and recognised browsers with an older one are no
    longer accepted. Returns the new value.
    """
    changed = connection.execute(
        administrators.update()
        .where(administrators.c.id == id_)
        .values(cred_ver=administrators.c.cred_ver + 1)
        .returning(administrators.c.cred_ver)
    )
    return int(changed.scalar_one())


def record_login(connection: Connection, seen: Administrator, address: str, now: datetime) -> bool:
    """Store the time and address of a login if the account is enabled and its credentials are as
    seen. Locks its row. Returns False when it has changed.
    """
    c = administrators.c
    is_as_seen = (c.id == seen.id, c.cred_ver == seen.cred_ver, c.is_disabled.is_(False))
    values = {"last_login_at": now, "last_login_address": address}
    return (
        connection.execute(administrators.update().where(*is_as_seen).values(values)).rowcount == 1
    )


def set_time_zone(connection: Connection, id_: int, name: str) -> None:
    """Store the chosen time zone; "" follows the browser."""
    _change(connection, id_, time_zone=name)


def set_browser_time_zone(connection: Connection, id_: int, name: str) -> None:
    """Store the time zone of the browser."""
    _change(connection, id_, browser_time_zone=name)


def note_login(connection: Connection, id_: int, address: str, now: datetime) -> None:
    """Store the time and the address of the last login."""
    connection.execute(
        administrators.update()
        .where(administrators.c.id == id_)
        .values(last_login_at=now, last_login_address=address)
    )
