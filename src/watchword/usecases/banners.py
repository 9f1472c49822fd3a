"""Banners: what happened since an administrator last looked, until it is put away."""

from __future__ import annotations

from dataclasses import dataclass

from watchword.domain.banners import BY_API, DONE_BY_ANOTHER, Audience, told_to
from watchword.domain.sessions import Session
from watchword.storage import audit
from watchword.storage import banners as stored
from watchword.storage.banners import Happening
from watchword.usecases.context import Watchword
from watchword.usecases.sessions import Principal, demand_standing
from watchword.usecases.unit import bookkeeping


@dataclass(frozen=True)
class Unseen:
    """What is told, each newest first. `newest_id` is what putting away puts away."""

    own: tuple[Happening, ...]
    others: tuple[Happening, ...]
    by_api: tuple[Happening, ...]

    @property
    def newest_id(self) -> int:
        """The newest event told; 0 when there is nothing to tell."""
        return max((h.id for h in (*self.own, *self.others, *self.by_api)), default=0)


def unseen(app: Watchword, principal: Principal) -> Unseen:
    """Return what has not been put away. What was done in this session needs no telling."""
    id_ = principal.account.id
    with app.database.reading() as connection:
        after = stored.seen_event_id(connection, id_)
        own = stored.about(connection, id_, told_to(Audience.ACCOUNT), after)
        others = stored.about_others(
            connection, id_, told_to(Audience.OTHERS), DONE_BY_ANOTHER, after
        )
        by_api = stored.by_api(connection, id_, BY_API, after)
    own = [h for h in own if not _is_of(principal.session, h)]
    return Unseen(tuple(own), tuple(others), tuple(by_api))


def put_away(app: Watchword, principal: Principal, up_to: int) -> None:
    """Mark the events up to this one as seen; later ones are still shown. Raises SessionEnded."""
    with bookkeeping(app) as u:
        demand_standing(u, principal)
        up_to = min(up_to, audit.newest_id(u.connection))
        stored.note_seen(u.connection, principal.account.id, up_to)


def _is_of(session: Session, happening: Happening) -> bool:
    """The login that opened the session had no session yet: it is known by its time."""
    return happening.session_ref == session.ref or happening.at == session.created_at
