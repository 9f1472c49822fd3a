"""Creation of the first administrator with a link that works once."""

from __future__ import annotations

from typing import Final

from watchword.crypto import token_macs, tokens
from watchword.crypto.passwords import Hashing
from watchword.crypto.token_macs import Token
from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import FirstRunOver, Problem
from watchword.domain.secret import Secret
from watchword.domain.sessions import FIRST_RUN_LIFE
from watchword.storage import administrators, installation
from watchword.usecases.accounts import NewAdministrator, demand_valid, insert
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import SERVER, unit

NO_OWNER: Final = 0
"""The link belongs to no account."""


def issue_link(app: Watchword, actor: Actor = SERVER) -> Secret | None:
    """Return the token of a new link, or None when an administrator exists.

    A new link invalidates the link before it.
    """
    if not is_needed(app):
        return None
    token = tokens.first_run_token()
    with unit(app, actor) as u:
        expires_at = u.now + FIRST_RUN_LIFE
        digest = token_macs.stored(app.keyring, Token.FIRST_RUN, token.reveal(), NO_OWNER)
        installation.put_first_run_link(u.connection, digest, expires_at)
        u.record(AuditEvent.FIRST_RUN_LINK)
    return token


def is_needed(app: Watchword) -> bool:
    """Return whether no administrator exists yet."""
    with app.database.reading() as connection:
        return not administrators.any_exists(connection)


def demand_open(app: Watchword, token: str) -> None:
    """Raise FirstRunOver unless the link is valid. Opening the page does not use it up."""
    with app.database.reading() as connection:
        if administrators.any_exists(connection):
            raise FirstRunOver(cause="exists")
        expires_at = installation.end_of_first_run_link(connection, _candidates(app, token))
        if expires_at is None:
            raise FirstRunOver(cause="other")
        if expires_at <= app.clock.now():
            raise FirstRunOver(cause="expired")


def _candidates(app: Watchword, token: str) -> list[str]:
    return token_macs.candidates(app.keyring, Token.FIRST_RUN, token.upper(), NO_OWNER)


def create_first(
    app: Watchword, actor: Actor, token: str, new: NewAdministrator, repeated: Secret
) -> Hashing[Administrator]:
    """Create the first administrator. Raises FirstRunOver, Invalid (the link stays valid).

    The link is deleted in the same transaction, so two parallel requests create one administrator.
    """
    demand_open(app, token)
    is_same = new.password == repeated
    demand_valid(app, new, [] if is_same else [Problem("repeat_password", "not-the-same")])
    hash_ = yield from app.pepper.hash(repeated)
    with unit(app, actor) as u:
        if not installation.use_first_run_link(u.connection, _candidates(app, token), u.now):
            raise FirstRunOver(cause="other")
        if administrators.any_exists(u.connection):
            raise FirstRunOver(cause="exists")
        return insert(u, new, hash_)
