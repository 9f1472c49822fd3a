"""The life cycle of an administrator's MFA, as data.

             enable                confirm
  disabled ----------> pending ----------------> active
     ^                  |   ^                     |  |
     |     disable      |   |       reset         |  |
     +------------------+   +---------------------+  |
     +-----------------------------------------------+
                         disable

The console's buttons, the API's 409s and the tests read the one table `TRANSITIONS`. Effects
are named here and executed by the use-case, in the transaction that changes the status.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from watchword.domain.errors import NotInThisState


class Status(StrEnum):
    """What the page shows. Both kinds of Pending look the same; see `Mfa.pending_from`."""

    DISABLED = "disabled"
    PENDING = "pending"
    ACTIVE = "active"


class Event(StrEnum):
    """What can happen to the status."""

    ENABLE = "enable"
    CONFIRM = "confirm"
    RESET = "reset"
    DISABLE = "disable"


class Effect(StrEnum):
    """What a transition brings with it."""

    FORGET_SECRET = "forget the active secret"
    ADOPT_SECRET = "the secret of the confirming attempt becomes the active one"
    NEW_RECOVERY_CODES = "issue new recovery codes"
    FORGET_RECOVERY_CODES = "delete the recovery codes"
    END_ATTEMPTS = "end half-finished logins and their secrets"
    END_SESSIONS = "end the sessions, sparing the acting one"
    FORGET_DEVICES = "forget known browsers"
    CLEAR_COUNTERS = "clear the code's failure counters"
    FORGET_API_REFUSALS = "forget which regular passwords the API has refused"


@dataclass(frozen=True)
class Transition:
    """Where an event leads, and its effects."""

    to: Status
    effects: frozenset[Effect]


_ALWAYS = frozenset({Effect.END_ATTEMPTS, Effect.END_SESSIONS})
_DISABLE = Transition(
    Status.DISABLED,
    _ALWAYS
    | {
        Effect.FORGET_SECRET,
        Effect.FORGET_RECOVERY_CODES,
        Effect.FORGET_DEVICES,
        Effect.CLEAR_COUNTERS,
    },
)

TRANSITIONS: Mapping[tuple[Status, Event], Transition] = MappingProxyType(
    {
        (Status.DISABLED, Event.ENABLE): Transition(
            Status.PENDING, _ALWAYS | {Effect.FORGET_API_REFUSALS}
        ),
        (Status.PENDING, Event.CONFIRM): Transition(
            Status.ACTIVE,
            _ALWAYS
            | {
                Effect.ADOPT_SECRET,
                Effect.NEW_RECOVERY_CODES,
                Effect.FORGET_DEVICES,
                Effect.CLEAR_COUNTERS,
            },
        ),
        (Status.PENDING, Event.DISABLE): _DISABLE,
        # The recovery codes stay until the new secret is confirmed: they are the way back.
        (Status.ACTIVE, Event.RESET): Transition(
            Status.PENDING,
            # The failures were made against a secret that is no more; kept, a closed one would
            # close the enrolment code of the next as well.
            _ALWAYS | {Effect.FORGET_SECRET, Effect.FORGET_DEVICES, Effect.CLEAR_COUNTERS},
        ),
        (Status.ACTIVE, Event.DISABLE): _DISABLE,
    }
)


@dataclass(frozen=True)
class Mfa:
    """One account's MFA as stored.

    `pending_from` tells the two kinds of Pending apart (None while not pending). `last_step` is
    the last TOTP step used: no code of it, or of an earlier one, is accepted again.
    """

    status: Status = Status.DISABLED
    pending_from: Status | None = None
    pending_since: datetime | None = None
    activated_at: datetime | None = None
    last_step: int = 0

    @property
    def is_enabled(self) -> bool:
        """Pending or active: from then on the regular password is refused on the API."""
        return self.status is not Status.DISABLED


def is_allowed(status: Status, event: Event) -> bool:
    """Return whether the table has a row for this event in this status."""
    return (status, event) in TRANSITIONS


def transition(status: Status, event: Event) -> Transition:
    """Return the table's row. Raises NotInThisState where there is none."""
    try:
        return TRANSITIONS[status, event]
    except KeyError:
        raise NotInThisState(status=status.value, event=event.value) from None


def after(mfa: Mfa, event: Event, now: datetime, *, step: int | None = None) -> Mfa:
    """Return the account's MFA after the event. Raises NotInThisState.

    `step` is that of the confirming code, the first used one of the new secret: codes of the
    old secret count for nothing, so neither do its used steps. Until then the last used step
    stays as it is.
    """
    to = transition(mfa.status, event).to
    is_pending = to is Status.PENDING
    return Mfa(
        status=to,
        pending_from=mfa.status if is_pending else None,
        pending_since=now if is_pending else None,
        activated_at=now if to is Status.ACTIVE else None,
        last_step=mfa.last_step if step is None else step,
    )
