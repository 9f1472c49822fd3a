"""Console sessions."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy.engine import Connection

from watchword.domain.sessions import NO_PROOF, Session
from watchword.storage.gateway_schema import gateway_codes, gateway_sessions
from watchword.storage.row_batches import Rows
from watchword.storage.schema import sessions

_NOT_IN_DOMAIN = {"token_digest", "previous_token_digest", "enrolment_id", "notice", "must_decide"}
_columns = [c for c in sessions.c if c.name not in _NOT_IN_DOMAIN]


class StoredSession(Struct, frozen=True):
    """A session with the values that only the console needs: open enrolment and next notice.

    `digest` is the stored digest of the token that found it. `is_current` is false when that token
    was replaced.
    """

    session: Session
    enrolment_id: str | None
    notice: str
    must_decide: bool
    digest: str
    is_current: bool


class NewSession(Struct, frozen=True):
    """The values that a login gives a session."""

    token_digest: str
    ref: str
    administrator_id: int
    cred_ver: int
    created_at: datetime
    expires_at: datetime
    proved_at: datetime
    factors: str
    address: str
    user_agent: str
    must_decide: bool


def put(connection: Connection, new: NewSession) -> None:
    """Store a new session."""
    row = {
        **asdict(new), "rotated_at": new.created_at, "last_seen_at": new.created_at,
        "proof_failures": 0, "notice": "", "enrolment_id": None, "previous_token_digest": None,
    }  # fmt: skip
    connection.execute(sessions.insert().values(row))


def find(
    connection: Connection,
    digests: list[str],
    administrator_id: int,
    *,
    replaced_after: datetime,
    replaced_before: datetime,
) -> StoredSession | None:
    """Return the account's session with this token, or with this token replaced between the two
    times. The caller checks whether the session is valid. `digests` has one digest for each key of
    the ring.
    """
    c = sessions.c
    own = sa.select(sessions).where(c.administrator_id == administrator_id)
    row = connection.execute(own.where(c.token_digest.in_(digests))).first()
    if row is None:
        before = c.previous_token_digest.in_(digests) & (c.rotated_at > replaced_after)
        row = connection.execute(own.where(before, c.rotated_at < replaced_before)).first()
    if row is None:
        return None
    values = dict(row._mapping)
    session = Session(**{c.name: values[c.name] for c in _columns})
    is_current = values["token_digest"] in digests
    digest = values["token_digest" if is_current else "previous_token_digest"]
    return StoredSession(
        session, values["enrolment_id"], values["notice"], values["must_decide"], digest, is_current
    )


class Owner(Struct, frozen=True):
    """The account of a session, and the version of its credentials then."""

    administrator_id: int
    cred_ver: int


def owner_of(connection: Connection, id_: int) -> Owner | None:
    """Return the owner of a session."""
    query = sa.select(sessions.c.administrator_id, sessions.c.cred_ver).where(sessions.c.id == id_)
    row = connection.execute(query).first()
    return Owner(*row) if row is not None else None


def hold(connection: Connection, id_: int) -> bool:
    """Return whether the session exists, and lock it until the transaction ends."""
    query = sa.select(sessions.c.id).where(sessions.c.id == id_).with_for_update()
    return connection.execute(query).first() is not None


def of_account(connection: Connection, administrator_id: int) -> list[Session]:
    """Return an account's sessions, the most recently seen first."""
    query = (
        sa.select(*_columns)
        .where(sessions.c.administrator_id == administrator_id)
        .order_by(sessions.c.last_seen_at.desc(), sessions.c.id.desc())
    )
    return [Session(**row._mapping) for row in connection.execute(query)]


def touch(connection: Connection, id_: int, now: datetime) -> None:
    """Store the time at which the session was last seen."""
    _change(connection, id_, last_seen_at=now)


def move_to_cred_ver(
    connection: Connection, id_: int, cred_ver: int, *, ends_decision: bool
) -> None:
    """Keep the session after a change of its account's credentials. Its enrolment and its sessions
    at applications are removed; with `ends_decision`, so is the pending decision about the secret.
    """
    for table in (gateway_sessions, gateway_codes):
        connection.execute(table.delete().where(table.c.session_id == id_))
    decision = {"must_decide": False} if ends_decision else {}
    _change(connection, id_, cred_ver=cred_ver, enrolment_id=None, **decision)


def attach_enrolment(connection: Connection, id_: int, enrolment_id: str) -> None:
    """Give the session another enrolment."""
    _change(connection, id_, enrolment_id=enrolment_id)


def end_decision(connection: Connection, id_: int) -> None:
    """Record that the secret was reset or kept after a login by recovery code."""
    _change(connection, id_, must_decide=False)


def set_notice(connection: Connection, id_: int, notice: str) -> None:
    """Store the name of the notice for the session's next page; "" for none."""
    _change(connection, id_, notice=notice)


def set_proof(connection: Connection, id_: int, proved_at: datetime) -> bool:
    """Store a re-authentication and reset its failures. Returns False for an ended session."""
    return _change(connection, id_, proved_at=proved_at, proof_failures=0)


def date_proof(connection: Connection, id_: int, proved_at: datetime) -> None:
    """Store another time for the last re-authentication."""
    _change(connection, id_, proved_at=proved_at)


def _change(connection: Connection, id_: int, **values: datetime | str | int | None) -> bool:
    done = connection.execute(sessions.update().where(sessions.c.id == id_).values(values))
    return done.rowcount == 1


def spend_proof(connection: Connection, id_: int, proved_at: datetime) -> bool:
    """Delete the re-authentication of this time. Returns False when another request has used it."""
    done = connection.execute(
        sessions.update()
        .where(sessions.c.id == id_, sessions.c.proved_at == proved_at)
        .values(proved_at=NO_PROOF)
    )
    return done.rowcount == 1


def rotate(connection: Connection, id_: int, *, old: str, new: str, now: datetime) -> bool:
    """Replace the token's digest. Returns False when another request has replaced it."""
    done = connection.execute(
        sessions.update()
        .where(sessions.c.id == id_, sessions.c.token_digest == old)
        .values(token_digest=new, previous_token_digest=old, rotated_at=now)
    )
    return done.rowcount == 1


def count_proof_failure(connection: Connection, id_: int) -> int:
    """Count a failed re-authentication. Returns the count, or 0 when the session has ended."""
    done = connection.execute(
        sessions.update()
        .where(sessions.c.id == id_)
        .values(proof_failures=sessions.c.proof_failures + 1)
        .returning(sessions.c.proof_failures)
    )
    return int(done.scalar() or 0)


def proof_failures(connection: Connection, id_: int) -> int:
    """Return the count of failed re-authentications; 0 when the session has ended."""
    query = sa.select(sessions.c.proof_failures).where(sessions.c.id == id_)
    return int(connection.execute(query).scalar() or 0)


def take_proof_failure_back(connection: Connection, id_: int) -> None:
    """Subtract one failure, of an answer that was not checked. Failures counted meanwhile stay."""
    connection.execute(
        sessions.update()
        .where(sessions.c.id == id_, sessions.c.proof_failures > 0)
        .values(proof_failures=sessions.c.proof_failures - 1)
    )


def delete(connection: Connection, id_: int) -> bool:
    """Delete one session. Returns whether this call deleted it."""
    return connection.execute(sessions.delete().where(sessions.c.id == id_)).rowcount == 1


def delete_all_of(
    connection: Connection, administrator_id: int, *, sparing: int | None = None
) -> int:
    """Delete the sessions of an account, except `sparing`. Returns how many."""
    query = sessions.delete().where(sessions.c.administrator_id == administrator_id)
    if sparing is not None:
        query = query.where(sessions.c.id != sparing)
    return connection.execute(query).rowcount


def keep_newest(connection: Connection, administrator_id: int, most: int) -> int:
    """Delete an account's oldest sessions, except the newest `most`. Returns how many."""
    newest = (
        sa.select(sessions.c.id)
        .where(sessions.c.administrator_id == administrator_id)
        .order_by(sessions.c.id.desc())
        .limit(most)
    )
    query = sessions.delete().where(
        sessions.c.administrator_id == administrator_id, sessions.c.id.not_in(newest)
    )
    return connection.execute(query).rowcount


def expired(now: datetime, *, idle_since: datetime, too_new: datetime) -> Rows:
    """Return the expired sessions, and those created after `too_new`. One with a session at an
    application stays: that one may be used for longer, and ends with this row.
    """
    c = sessions.c
    is_over = sa.or_(c.expires_at <= now, c.last_seen_at <= idle_since, c.created_at > too_new)
    is_needed = sa.exists().where(gateway_sessions.c.session_id == c.id)
    return Rows(sessions, sa.and_(is_over, ~is_needed))
