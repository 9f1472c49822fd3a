"""The life cycle of an administrator's MFA, as a table.

             enable                confirm
  disabled ----------> pending ----------------> active
     ^                  |   ^                     |  |
     |     disable      |   |       reset         |  |
     +------------------+   +---------------------+  |
     +-----------------------------------------------+
                         disable

The console's buttons, the API's 409 responses and the tests read the table `TRANSITIONS`. The
use-case executes the effects in the transaction that changes the status.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

from watchword.domain.errors import NotInThisState


class Status(StrEnum):
    """The MFA status. `Mfa.pending_from` distinguishes the two kinds of Pending."""

    DISABLED = "disabled"
    PENDING = "pending"
    ACTIVE = "active"


class Authenticator(StrEnum):
    """The kinds of authenticators that an account can have."""

    TOTP = "totp"


class Event(StrEnum):
    """The events that change the status."""

    ENABLE = "enable"
    CONFIRM = "confirm"
    RESET = "reset"
    DISABLE = "disable"


class Effect(StrEnum):
    """The effects of a transition."""

    FORGET_SECRET = "forget the active secret"
    ADOPT_SECRET = "the secret of the confirming attempt becomes the active one"
    NEW_RECOVERY_CODES = "issue new recovery codes"
    FORGET_RECOVERY_CODES = "delete the recovery codes"
    END_ATTEMPTS = "end login attempts and delete their secrets"
    END_SESSIONS = "end all sessions except the acting one"
    FORGET_DEVICES = "forget recognised browsers"
    CLEAR_COUNTERS = "clear the failure counters of codes"
    FORGET_API_REFUSALS = "delete the counts of refused regular passwords on the API"


class Transition(Struct, frozen=True):
    """The status after an event, and the effects."""

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
        # The recovery codes stay valid until the new secret is confirmed, for a lost phone.
        (Status.ACTIVE, Event.RESET): Transition(
            Status.PENDING,
            # The failures belong to the deleted secret. Otherwise a closed counter would also
            # lock the enrolment of the next secret.
            _ALWAYS | {Effect.FORGET_SECRET, Effect.FORGET_DEVICES, Effect.CLEAR_COUNTERS},
        ),
        (Status.ACTIVE, Event.DISABLE): _DISABLE,
    }
)


class Mfa(Struct, frozen=True):
    """The MFA status of one account. `pending_from` is the status before Pending (None while not
    pending).
    """

    status: Status = Status.DISABLED
    pending_from: Status | None = None
    pending_since: datetime | None = None
    activated_at: datetime | None = None

    @property
    def is_enabled(self) -> bool:
        """Whether MFA is pending or active. Then the API refuses the regular password."""
        return self.status is not Status.DISABLED


def is_allowed(status: Status, event: Event) -> bool:
    """Return whether the event is allowed in this status."""
    return (status, event) in TRANSITIONS


def transition(status: Status, event: Event) -> Transition:
    """Return the transition. Raises NotInThisState if the event is not allowed."""
    try:
        return TRANSITIONS[status, event]
    except KeyError:
        raise NotInThisState(status=status.value, event=event.value) from None


def after(mfa: Mfa, event: Event, now: datetime) -> Mfa:
    """Return the account's MFA status after the event. Raises NotInThisState."""
    to = transition(mfa.status, event).to
    is_pending = to is Status.PENDING
    return Mfa(
        status=to,
        pending_from=mfa.status if is_pending else None,
        pending_since=now if is_pending else None,
        activated_at=now if to is Status.ACTIVE else None,
    )
