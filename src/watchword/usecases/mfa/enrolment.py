"""Enrolment: from a new secret to the first correct code.

Each login attempt and each "Finish now" has a secret of its own. Only the secret that is confirmed
becomes that of the account. So a secret that an attacker was shown is useless once another one is
confirmed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from watchword.crypto import tokens
from watchword.crypto.keyring import Place
from watchword.domain import otpauth, totp
from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import (
    AlreadyGenerated,
    AttemptEnded,
    CodeDrifted,
    CodeMalformed,
    CodeWrong,
    Refusal,
    StartedAgainElsewhere,
)
from watchword.domain.login import MOST_FAILURES
from watchword.domain.mfa import Event, Status
from watchword.domain.secret import Secret
from watchword.domain.sessions import ENROLMENT_LIFE
from watchword.storage import audit_history, authenticators
from watchword.storage.audit_history import EnrolmentView, Showing, Viewer
from watchword.storage.authenticators import Enrolment
from watchword.usecases.context import Watchword
from watchword.usecases.mfa import lifecycle
from watchword.usecases.sessions.sessions import Principal, own_account
from watchword.usecases.throttling import known_browsers
from watchword.usecases.unit_of_work import Unit, reading, unit

_MOST_LISTED: Final = 20
"""Page views on a page, the newest."""


class Showable(Struct, frozen=True):
    """The content of the enrolment page."""

    secret: Secret
    token_groups: tuple[str, ...]
    otpauth_uri: Secret
    issuer: str
    """This server's name in the app."""
    showings: tuple[Showing, ...]
    """Page views in other logins, or at other addresses, since the status became Pending."""
    pending_since: datetime
    has_earlier: bool
    """Whether the app may have an entry of an earlier secret."""


class History(Struct, frozen=True):
    """The history of an enrolment that has just been completed: the page views in other logins, or
    at other addresses, and whether the account had recovery codes before.
    """

    showings: tuple[Showing, ...] = ()
    had_codes: bool = True


class ConfirmedNow(Struct, frozen=True):
    """The recovery codes, and a token that makes the acting browser a recognised one again."""

    recovery_codes: tuple[Secret, ...]
    browser: Secret


def start(u: Unit, account: Administrator) -> str:
    """Create a secret for one attempt. Returns the enrolment's id."""
    id_ = tokens.identifier()
    sealed = u.app.keyring.seal(_place(id_), tokens.totp_secret())
    authenticators.put_enrolment(
        u.connection,
        Enrolment(id_, account.id, sealed, account.cred_ver, u.now, u.now + ENROLMENT_LIFE, 0),
    )
    return id_


def show(
    app: Watchword, actor: Actor, account: Administrator, id_: str | None, host: str = ""
) -> Showable:
    """Return the content of the enrolment page, and record the page view. `host` is the name under
    which the browser reaches this server, or "". Raises AttemptEnded.
    """
    with unit(app, actor) as u:
        enrolment = _current(u, account, id_)
        secret = app.keyring.open(_place(enrolment.id), enrolment.secret)
        since = account.mfa.pending_since or u.now
        me = _viewer(actor, enrolment.id)
        before = audit_history.enrolment_showings(u.connection, account.id, since)
        others = _of_others(before, me)
        earlier = audit_history.has_other_enrolment(u.connection, account.id, me.set_up)
        has_earlier = earlier or audit_history.has_happened(
            u.connection, account.id, AuditEvent.MFA_RESET, since
        )
        u.record(AuditEvent.MFA_ENROL_SHOWN, account, set_up=me.set_up)
        # A reload, the page after a wrong code, and another tab are no sign of another person.
        if before and len(others) == len(before):
            u.record(AuditEvent.MFA_ENROL_SHOWN_AGAIN, account, set_up=me.set_up)
    issuer = otpauth.issuer(host, app.settings.totp_issuer)
    uri = otpauth.uri(secret, issuer=issuer, account=account.username)
    groups = tuple(totp.token_groups(secret))
    return Showable(
        Secret(totp.base32(secret)), groups, Secret(uri), issuer, tuple(others[:_MOST_LISTED]), since,
        has_earlier,
    )  # fmt: skip


def _viewer(actor: Actor, id_: str) -> Viewer:
    return Viewer(actor.address, actor.session_ref, id_[:8])


def _of_others(views: list[EnrolmentView], me: Viewer) -> list[EnrolmentView]:
    return [view for view in views if not me.is_same(view.viewer)]


def showings(app: Watchword, actor: Actor, account: Administrator) -> list[EnrolmentView]:
    """Return the views of the enrolment page since the status became Pending."""
    if account.mfa.pending_since is None:
        return []
    with reading(app, actor, account) as connection:
        since = account.mfa.pending_since
        return audit_history.enrolment_showings(connection, account.id, since)[:_MOST_LISTED]


def history(app: Watchword, actor: Actor, account: Administrator, id_: str | None) -> History:
    """Return the history of an enrolment after its confirmation. `account` still has the status
    before it; while that was Active, there is no history.
    """
    if account.mfa.pending_since is None or id_ is None:
        return History()
    with reading(app, actor, account) as connection:
        views = audit_history.enrolment_showings(connection, account.id, account.mfa.pending_since)
        others = _of_others(views, _viewer(actor, id_))[:_MOST_LISTED]
        generated = audit_history.count_of(connection, account.id, AuditEvent.RECOVERY_GENERATED, 2)
        return History(tuple(others), generated > 1)


def confirm(
    u: Unit,
    account: Administrator,
    id_: str | None,
    typed: str,
    *,
    sparing: int | None = None,
) -> tuple[Administrator, tuple[Secret, ...]] | Refusal:
    """Check the first code in the caller's unit.

    After a correct code the attempt's secret is that of the account and the status is Active.
    Returns the account and its recovery codes. The refusal of a wrong code is returned, not
    raised, so that the caller can commit the failure first.
    """
    code = totp.normalise(typed)
    if code is None:
        return CodeMalformed()
    enrolment = _current(u, account, id_)
    secret = u.app.keyring.open(_place(enrolment.id), enrolment.secret)
    found = totp.find_step(
        secret,
        code,
        u.now,
        0,
        window=u.app.settings.drift_window,
        drift_search=totp.DRIFT_SEARCH,
    )
    if not isinstance(found, totp.Match):
        drifted = found or totp.zone_offset(secret, code, u.now)
        return _refuse(u, account, enrolment, drifted)
    cred_ver = lifecycle.apply(
        u, account, Event.CONFIRM, adopted=(secret, found.step), sparing=sparing
    )
    u.record(AuditEvent.MFA_ENROL_CONFIRMED, account)
    codes = lifecycle.issue_recovery_codes(u, account)
    return replace(account, cred_ver=cred_ver), codes


def finish_now(app: Watchword, actor: Actor, principal: Principal) -> None:
    """Give the session a new enrolment to show. Raises AttemptEnded unless MFA is pending."""
    with own_account(app, actor, principal) as (u, account):
        if account.mfa.status is not Status.PENDING:
            raise AttemptEnded
        lifecycle.attach(u, principal.session.id, start(u, account), old=principal.enrolment_id)
        u.record(AuditEvent.MFA_ENROL_STARTED, account)


def confirm_now(
    app: Watchword, actor: Actor, principal: Principal, named: str, typed: str
) -> ConfirmedNow:
    """Confirm in a session ("Finish now"). Afterwards only this browser is recognised.

    `named` is the enrolment that the form was drawn for. Raises AlreadyGenerated when it was
    confirmed before, AttemptEnded, StartedAgainElsewhere, CodeMalformed, CodeWrong, CodeDrifted.
    """
    with own_account(app, actor, principal, needs_proof=False) as (u, account):
        if account.mfa.status is Status.ACTIVE:
            raise AlreadyGenerated
        if principal.enrolment_id is not None and principal.enrolment_id != named:
            raise StartedAgainElsewhere
        result = confirm(u, account, principal.enrolment_id, typed, sparing=principal.session.id)
        if isinstance(result, CodeMalformed):
            raise result
        if not isinstance(result, Refusal):
            active, codes = result
            return ConfirmedNow(codes, known_browsers.remember(u, active))
    raise result


def _refuse(
    u: Unit, account: Administrator, enrolment: Enrolment, found: totp.Drifted | None
) -> Refusal:
    failures = authenticators.count_enrolment_failure(u.connection, enrolment.id)
    u.record(AuditEvent.MFA_ENROL_FAILED, account, outcome="refused", failures=failures)
    if failures >= MOST_FAILURES:
        authenticators.delete_enrolment(u.connection, enrolment.id)
        return AttemptEnded(tries=MOST_FAILURES)
    if found is not None:
        return CodeDrifted(seconds=found.steps * totp.PERIOD)
    return CodeWrong()


def _current(u: Unit, account: Administrator, id_: str | None) -> Enrolment:
    enrolment = authenticators.enrolment(u.connection, id_, u.now)
    if enrolment is None or enrolment.administrator_id != account.id:
        raise AttemptEnded
    if account.mfa.status is not Status.PENDING or enrolment.cred_ver != account.cred_ver:
        raise AttemptEnded
    return enrolment


def _place(id_: str) -> Place:
    return Place("enrolments", "secret", id_)
