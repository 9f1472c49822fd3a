"""How many guesses at a code an account allows: one budget for every place that asks for one.

A browser that has logged in before has five tries of its own, so that who has only the password
cannot keep the owner waiting; they count towards the same totals all the same:

    five in a row           each further one waits (not in a known browser's own five)
    a hundred in a row      the authenticator is closed, not the account, until the secret is reset
                            (NIST SP 800-63B-4, 3.2.2)
    sixty in thirty days    somebody has the password: the owner has to choose another one

The last one is not given back by the owner's own logins, which would otherwise set an attacker's
count to nothing each morning.
"""

from __future__ import annotations

from watchword.crypto.passwords import Hashing
from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import CodeClosed
from watchword.domain.throttle import CEILING, POLICIES, Kind, Open
from watchword.storage import administrators, attempts, throttles
from watchword.storage.database import Connection
from watchword.usecases.context import Watchword
from watchword.usecases.throttling import known_browsers, reservations
from watchword.usecases.throttling.reservations import CLOSED_RETRY_AFTER, Slot
from watchword.usecases.unit_of_work import Unit, reading


def is_closed(connection: Connection, account: Administrator) -> bool:
    """Return whether a hundred wrong codes in a row have closed the account's codes."""
    return throttles.get(connection, Kind.CODE, str(account.id)).failures >= CEILING


def are_codes_closed(app: Watchword, actor: Actor, account: Administrator) -> bool:
    """Return the same, for a page."""
    with reading(app, actor) as connection:
        return is_closed(connection, account)


def reserve(app: Watchword, account: Administrator, known_token: str | None) -> list[Slot]:
    """Reserve the slot of one guess. Raises CodeClosed, Throttled, LoginInProgress."""
    return reservations.reserve(app, _wanted(app, account, known_token))


def in_turn(app: Watchword, account: Administrator, known_token: str | None) -> Hashing[list[Slot]]:
    """Do the same; wait while another guess is being evaluated."""
    return (yield from reservations.in_turn(app, _wanted(app, account, known_token)))


def _wanted(
    app: Watchword, account: Administrator, known_token: str | None
) -> list[tuple[Kind, str]]:
    subject = str(account.id)
    with app.database.reading() as connection:
        if is_closed(connection, account):
            raise CodeClosed(retry_after=CLOSED_RETRY_AFTER)
        known = known_browsers.find(app, connection, known_token, account)
    if known and not reservations.is_closed(app, Kind.CODE_KNOWN_BROWSER, known):
        return [(Kind.CODE_KNOWN_BROWSER, known)]
    return [(Kind.CODE, subject)]


def settle(u: Unit, account: Administrator, held: list[Slot], *, is_right: bool) -> None:
    """Tell how the guess came out; a wrong one counts towards the totals too."""
    reservations.settle(u.connection, held, is_right=is_right)
    subject = str(account.id)
    if is_right:
        throttles.give_in_a_row_back(u.connection, Kind.CODE, subject)
        return
    if not any(slot.kind is Kind.CODE for slot in held):
        reservations.count_failure(u.connection, Kind.CODE, subject, u.now)
    if throttles.get(u.connection, Kind.CODE, subject).failures == CEILING:
        attempts.delete_all_of(u.connection, account.id)
        u.record(AuditEvent.MFA_LOCKED, account)
    _count_for_the_month(u, account)


def _count_for_the_month(u: Unit, account: Administrator) -> None:
    subject = str(account.id)
    reservations.count_failure(u.connection, Kind.CODE_MONTH, subject, u.now)
    month = throttles.get(u.connection, Kind.CODE_MONTH, subject)
    if not isinstance(month.check(POLICIES[Kind.CODE_MONTH], u.now), Open):
        throttles.clear(u.connection, Kind.CODE_MONTH, subject)
        administrators.require_new_password(u.connection, account.id)
        u.record(AuditEvent.MFA_MANY_FAILURES, account)
