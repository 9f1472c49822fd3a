"""Banners: events since an administrator last dismissed them."""

from __future__ import annotations

from itertools import takewhile

from msgspec import Struct

from watchword.domain.banners import BEFORE_A_LOGIN
from watchword.storage import audit
from watchword.storage import banners as stored
from watchword.storage.banners import MOST, Happening
from watchword.storage.database import Connection
from watchword.usecases.context import Watchword
from watchword.usecases.sessions.sessions import Principal, demand_standing
from watchword.usecases.unit_of_work import bookkeeping


class Unseen(Struct, frozen=True):
    """The events to show, newest first: the oldest MOST of `own` and `others`, and the newest MOST
    changes through the API. A list is full if there may be more events than it has. Dismissing a
    change through the API dismisses the older ones too, because they are one line.

    `newest_id` is the newest event that "Mark as seen" dismisses; 0 without events. Events that a
    list does not show are not dismissed. Changes through the API are shown as a count, which
    includes the older ones.
    """

    own: tuple[Happening, ...]
    others: tuple[Happening, ...]
    by_api: tuple[Happening, ...]
    own_is_full: bool = False
    others_is_full: bool = False
    newest_id: int = 0


def unseen(connection: Connection, principal: Principal) -> Unseen:
    """Return the events that are not dismissed, except those of this session."""
    id_ = principal.account.id
    after = stored.seen_event_id(connection, id_)
    own = stored.about(connection, id_, principal.session, after)
    own = _without_own_mistakes(connection, id_, own)
    others = stored.about_others(connection, id_, after)
    by_api = stored.by_api(connection, id_, after)
    full = [each[-1].id for each in (own, others) if len(each) == MOST]
    newest = min(full, default=max((h.id for h in (*own, *others, *by_api)), default=0))
    hidden = stored.dismissed(connection, id_)
    return Unseen(
        own=tuple(h for h in reversed(own) if h.id not in hidden),
        others=tuple(h for h in reversed(others) if h.id not in hidden),
        by_api=tuple(takewhile(lambda h: h.id not in hidden, by_api)),
        own_is_full=len(own) == MOST,
        others_is_full=len(others) == MOST,
        newest_id=newest,
    )


def _without_own_mistakes(
    connection: Connection, id_: int, own: list[Happening]
) -> list[Happening]:
    """Remove events of BEFORE_A_LOGIN that a completed login from the same address and browser
    followed. A full list stays unchanged, since hidden events must not be dismissed.
    """
    if len(own) == MOST or not any(h.event in BEFORE_A_LOGIN for h in own):
        return own
    logins = stored.newest_logins(connection, id_)
    return [h for h in own if h.event not in BEFORE_A_LOGIN or not _is_followed(h, logins)]


def _is_followed(happening: Happening, logins: list[tuple[int, str, str]]) -> bool:
    came_from = (happening.address, happening.user_agent)
    return any(id_ > happening.id and came_from == (at, by) for id_, at, by in logins)


def dismiss(app: Watchword, principal: Principal, event_id: int) -> None:
    """Dismiss the banner of one event. Raises SessionEnded."""
    with bookkeeping(app) as u:
        if 0 < event_id <= audit.newest_id(u.connection):
            stored.dismiss(u.connection, principal.account.id, event_id)
        demand_standing(u, principal)  # after the account: see unit_of_work.py


def put_away(app: Watchword, principal: Principal, up_to: int) -> None:
    """Dismiss the events up to `up_to`; later ones are still shown. Raises SessionEnded."""
    with bookkeeping(app) as u:
        up_to = min(up_to, audit.newest_id(u.connection))
        stored.note_seen(u.connection, principal.account.id, up_to)
        demand_standing(u, principal)  # after the account: see unit_of_work.py
