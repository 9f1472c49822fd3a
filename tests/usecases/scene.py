"""An account in a state of the state table, with one of each credential."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from msgspec.structs import replace

from tests.support.acts import CLI, CONSOLE, Acts, page_of
from tests.support.installation import Installation
from tests.support.kept import Kept
from tests.usecases.state_table import Held
from watchword.crypto import token_macs, tokens
from watchword.crypto.token_macs import Token
from watchword.domain.accounts import Administrator
from watchword.domain.api_password import OVERLAPS
from watchword.domain.audit import Actor
from watchword.domain.audit import AuditEvent as E
from watchword.domain.login import Factor
from watchword.domain.mfa import Event, Status
from watchword.domain.secret import Secret
from watchword.domain.sessions import NO_PROOF
from watchword.domain.throttle import CEILING, Kind, Throttle
from watchword.storage import (
    administrators,
    audit,
    authenticators,
    credentials,
    throttles,
)
from watchword.storage import attempts as stored_attempts
from watchword.storage import enrolment_proofs as stored_proofs
from watchword.storage import known_browsers as stored_browsers
from watchword.storage import sessions as stored_sessions
from watchword.storage.attempts import LoginAttempt
from watchword.storage.credentials import StoredApiPassword
from watchword.storage.database import Connection
from watchword.storage.schema import audit_events, recovery_codes
from watchword.usecases.account import own_mfa
from watchword.usecases.administrators.authorization import By
from watchword.usecases.api import api_password
from watchword.usecases.context import Watchword
from watchword.usecases.mfa import enrolment, enrolment_codes, lifecycle
from watchword.usecases.sessions import login_attempts, sessions
from watchword.usecases.sessions.login_attempts import OpenAttempt
from watchword.usecases.sessions.sessions import LoggedIn, Principal
from watchword.usecases.throttling import known_browsers
from watchword.usecases.unit_of_work import Unit, bookkeeping

BOTH = frozenset({Factor.PASSWORD, Factor.CODE})
MINUTE = timedelta(minutes=1)


@dataclass
class Scene:
    """The account `name` in the state `start`; bob changes accounts, carol observes."""

    here: Installation
    name: str
    start: str
    acts: Acts = field(init=False)
    id: int = field(init=False)
    api_passwords: list[str] = field(init=False)
    tokens: dict[Held, str] = field(default_factory=dict)
    ids: dict[Held, int] = field(default_factory=dict)
    codes: tuple[Secret, ...] = ()
    ticket: Secret | None = None
    unrelated: frozenset[E] = frozenset()

    def __post_init__(self) -> None:
        self.acts = Acts(self.here, self.name)
        self.id = self.acts.account.id
        result = self.acts.password()
        assert isinstance(result, LoggedIn)
        self.tokens[Held.ACTING] = result.session_token.reveal()
        self._bring()
        self._fill()
        self.api_passwords = [
            api_password.generate_by_operator(self.app, CLI, self.name, overlap).reveal()
            for overlap in OVERLAPS[::2]
        ]
        self.here.clock.advance(MINUTE)
        self.began = self.now
        self.looking = self.session_of(self.name, self.tokens[Held.SESSION])
        self.carol = self.log_in("carol")
        self.secret = self._secret()
        self.hash = self._hash()
        with self.app.database.reading() as connection:
            self.mark = audit.newest_id(connection)

    @property
    def app(self) -> Watchword:
        return self.here.app

    @property
    def now(self) -> datetime:
        return self.here.clock.now()

    @property
    def account(self) -> Administrator:
        return self.acts.account

    @property
    def actor(self) -> Actor:
        return replace(CONSOLE.known_as(self.account), session_ref=self.me().session.ref)

    # --- making ------------------------------------------------------------------------------
    def _bring(self) -> None:
        if self.start == "D":
            return
        own_mfa.change_own(self.app, self.actor, self.me(), Event.ENABLE)
        if self.start == "P0":
            return
        self.finish_now()
        if self.start == "PR":
            own_mfa.change_own(self.app, self.actor, self.me(), Event.RESET)

    def finish_now(self) -> None:
        """Confirm the first code, with the secret shown to the acting session."""
        me = self.me()
        id_ = me.enrolment_id or ""
        enrolment.show(self.app, self.actor, me.account, id_)
        secret = self.enrolment_secret(id_)
        enrolment.confirm_now(self.app, self.actor, me, id_, self.acts.code(secret))
        self.acts.phone = secret
        self.here.clock.next_step()

    def enrolment_secret(self, id_: str) -> bytes:
        with self.app.database.reading() as connection:
            found = authenticators.enrolment(connection, id_, self.now)
        assert found is not None
        return self.app.keyring.open(enrolment._place(id_), found.secret)

    def _fill(self) -> None:
        account = self.account
        with bookkeeping(self.app) as u:
            token = sessions.start(u, account, BOTH, None)
            self.tokens[Held.SESSION] = token.reveal()
            self.tokens[Held.DEVICE] = known_browsers.remember(u, account).reveal()
            self.codes = lifecycle.issue_recovery_codes(u, account)
            self.ticket = enrolment_codes.issue(u, account).code
            self.tokens[Held.BROWSER] = enrolment_codes.remember(u, account).reveal()
            self._start_attempt(u, account)
            failures = CEILING if self.start == "A+locked" else 1
            self.count(u.connection, Kind.CODE, failures)
        for held in (Held.ACTING, Held.SESSION):
            self.ids[held] = self.session_of(self.name, self.tokens[held]).session.id

    def _start_attempt(self, u: Unit, account: Administrator) -> None:
        token = tokens.owned_token(account.id)
        self.tokens[Held.ATTEMPT] = token.reveal()
        digest = token_macs.stored(self.app.keyring, Token.ATTEMPT, token.reveal())
        is_enrolment = account.mfa.status is Status.PENDING
        stored_attempts.put(
            u.connection,
            LoginAttempt(
                tokens.identifier(), digest, account.id,
                enrolment.start(u, account) if is_enrolment else None, account.cred_ver, u.now,
                u.now + timedelta(minutes=10), 0, is_known_browser=False,
                is_enrolment_proved=True, return_target="/",
            ),
        )  # fmt: skip

    def count(self, connection: Connection, kind: Kind, failures: int) -> None:
        """Store a number of failures in a row."""
        throttles.hold(connection, kind, str(self.id))
        throttles.put(connection, kind, str(self.id), Throttle(failures=failures))

    def counted(self, kind: Kind, failures: int) -> None:
        with self.app.database.writing() as connection:
            self.count(connection, kind, failures)

    # --- people ------------------------------------------------------------------------------
    def session_of(self, name: str, token: str) -> Principal:
        principal = sessions.find(self.app, token)
        assert principal.account.username == name
        return principal

    def me(self, *, proved: bool = True) -> Principal:
        return with_proof(sessions.find(self.app, self.tokens[Held.ACTING]), proved=proved)

    def log_in(self, name: str) -> Principal:
        """Return a new session of another account."""
        with self.app.database.reading() as connection:
            account = administrators.find(connection, name)
        assert account is not None
        with bookkeeping(self.app) as u:
            token = sessions.start(u, account, BOTH, None)
        return sessions.find(self.app, token.reveal())

    def bob(self, *, proved: bool = True) -> By:
        principal = with_proof(self.log_in("bob"), proved=proved)
        return By(CONSOLE.known_as(principal.account), principal.account, principal)

    def attempt(self) -> OpenAttempt:
        return login_attempts.find(self.app, self.tokens[Held.ATTEMPT])

    def tokens_of_browser(self) -> str:
        return self.tokens[Held.BROWSER]

    @contextmanager
    def unrecorded(self) -> Iterator[None]:
        """Exclude the events of the block from `recorded`."""
        already = self.recorded()
        yield
        self.unrelated |= self.recorded() - already

    # --- reading ---------------------------------------------------------------------------------
    def _opens_the_api(self, stored: StoredApiPassword) -> bool:
        """Whether an API password is valid. The old one, kept for a day, is if the other one is."""
        ring = self.app.keyring
        old, current = (
            api_password.matching(ring, stored, Secret(each)) for each in self.api_passwords
        )
        assert (old is None) is (current is None)
        return current is not None

    @property
    def state(self) -> str:
        with self.app.database.reading() as connection:
            account = administrators.get(connection, self.id)
            closed = throttles.get(connection, Kind.CODE, str(self.id)).failures >= CEILING
        if account is None:
            return "gone"
        status, came_from = account.mfa.status, account.mfa.pending_from
        if status is Status.PENDING:
            return "PR" if came_from is Status.ACTIVE else "P0"
        if status is Status.ACTIVE:
            return "A+locked" if closed else "A"
        return "D"

    def held(self) -> frozenset[Held]:
        """Return the credentials of the account, valid at the time when the scene began."""
        with self.app.database.reading() as connection:
            account = administrators.get(connection, self.id)
            if account is None:
                return frozenset()
            found = frozenset(h for h in Held if self._holds(connection, account, h))
        return found - {Held.API} if account.is_disabled else found

    def _holds(self, connection: Connection, account: Administrator, held: Held) -> bool:  # noqa: C901
        token = self.tokens.get(held, "")
        ver = account.cred_ver
        match held:
            case Held.ACTING | Held.SESSION:
                found = stored_sessions.of_account(connection, self.id)
                return any(s.id == self.ids[held] and s.cred_ver == ver for s in found)
            case Held.ATTEMPT:
                digests = self._digests(Token.ATTEMPT, token)
                attempt = stored_attempts.find(connection, digests, self.id, self.began)
                return attempt is not None and attempt.cred_ver == ver
            case Held.TICKET:
                known = stored_proofs.code_of(connection, self.id, ver, self.began)
                return known is not None and self.ticket is not None and known.mac in self._macs()
            case Held.BROWSER:
                digests = self._digests(Token.ENROLMENT_BROWSER, token)
                return stored_proofs.has_browser(connection, digests, self.id, ver, self.began)
            case Held.DEVICE:
                digests = self._digests(Token.RECOGNISED_BROWSER, token)
                known_id = stored_browsers.find(connection, digests, self.id, ver, self.began)
                return known_id is not None
            case Held.RECOVERY:
                return self._recovery_codes_left(connection) > 0
            case Held.API:
                stored = credentials.api_password(connection, self.id)
                return self._opens_the_api(stored)
            case Held.SECRET:
                return self.secret is not None and self._secret() == self.secret
            case Held.COUNT:
                return throttles.get(connection, Kind.CODE, str(self.id)).failures > 0
            case Held.PASSWORD:
                return self._hash() == self.hash

    def _digests(self, kind: Token, token: str) -> list[str]:
        return token_macs.candidates(self.app.keyring, kind, token, self.id)

    def _macs(self) -> list[str]:
        code = self.ticket.reveal() if self.ticket else ""
        return list(self.app.keyring.macs(*enrolment_codes._mac_parts(self.id, code)))

    def _recovery_codes_left(self, connection: Connection) -> int:
        macs = [
            mac
            for code in self.codes
            for mac in lifecycle.recovery_macs(self.app.keyring, self.id, code.reveal())
        ]
        query = sa.select(sa.func.count()).select_from(recovery_codes)
        return int(connection.execute(query.where(recovery_codes.c.mac.in_(macs))).scalar_one())

    def _secret(self) -> bytes | None:
        with self.app.database.reading() as connection:
            found = authenticators.totp_of(connection, self.id)
        place = lifecycle.secret_place(self.id)
        return self.app.keyring.open(place, found.secret) if found else None

    def _hash(self) -> str | None:
        with self.app.database.reading() as connection:
            return administrators.password_hash(connection, self.id)

    def recorded(self) -> frozenset[E]:
        """Return the events about the account or about no account since the scene began."""
        c = audit_events.c
        query = sa.select(c.event).where(
            c.id > self.mark, sa.or_(c.subject_id == self.id, c.subject_id.is_(None))
        )
        with self.app.database.reading() as connection:
            found = frozenset(E(event) for event in connection.execute(query).scalars())
        return found - self.unrelated

    def shown_to(self) -> frozenset[str]:
        """Return whether the account sees a new event (U), and another administrator (ADM)."""
        own = page_of(self.app, self.looking).unseen.own
        theirs = page_of(self.app, self.carol).unseen
        found = {"U": own, "ADM": (*theirs.others, *theirs.by_api)}
        return frozenset(
            who for who, happenings in found.items() if any(h.id > self.mark for h in happenings)
        )


def with_proof(principal: Principal, *, proved: bool) -> Principal:
    """Return the session as it is, or with an expired re-authentication."""
    if proved:
        return principal
    return replace(principal, session=replace(principal.session, proved_at=NO_PROOF))


class Scenes:
    """The scenes of one installation: each state is made once and put back for each row."""

    def __init__(self, here: Installation) -> None:
        self.here = here
        self._empty = Kept.of(here)
        self._made: dict[str, tuple[Scene, Kept]] = {}

    def scene(self, start: str) -> Scene:
        """Return `alice` in a state, independent of the previous rows."""
        if start not in self._made:
            self._empty.put_back()
            made = Scene(self.here, "alice", start)
            self._made[start] = made, Kept.of(self.here)
        made, kept = self._made[start]
        kept.put_back()
        again = copy(made)
        again.acts = copy(made.acts)
        return again
