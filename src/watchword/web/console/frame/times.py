"""Times on pages, in the time zone of the account. The macros of _parts.html show them."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo

from msgspec import Struct

from watchword import formats


class ShownTime(Struct, frozen=True):
    """A time on a page.

    `pieces` are the visible text; no line ends within a piece. `exact` is the time to the second
    with its zone, for the tooltip and for paper. `machine` is the value of the attribute datetime.
    """

    pieces: tuple[str, ...]
    exact: str
    machine: str
    is_relative: bool = False


class Times(Struct, frozen=True):
    """The present time and the time zone of one page."""

    now: datetime
    zone: tzinfo = UTC

    def when(self, time: datetime) -> ShownTime:
        """Return the time relative to now ("3 minutes ago"), or as `moment` from a day on."""
        words = formats.relative(time, self.now)
        return self._shown((words,), time, is_relative=True) if words else self.moment(time)

    def moment(self, time: datetime) -> ShownTime:
        """Return date and clock to the minute: "since %(time)s" needs a point in time."""
        return self._shown(self._date_and_clock(time, seconds=False), time)

    def day(self, day: date) -> str:
        """Return a date that is not a moment in a zone."""
        return formats.date(day)

    def exact(self, time: datetime) -> ShownTime:
        """Return date and clock to the second, where readers compare times."""
        return self._shown(self._date_and_clock(time, seconds=True), time)

    def _shown(
        self, pieces: tuple[str, ...], time: datetime, *, is_relative: bool = False
    ) -> ShownTime:
        local = time.astimezone(self.zone)
        zone = formats.zone(local)
        date_and_clock = f"{formats.date(local)} {formats.clock(local, seconds=True)}"
        return ShownTime(
            pieces,
            f"{date_and_clock} {zone}" if zone == "UTC" else f"{date_and_clock} ({zone})",
            time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            is_relative,
        )

    def _date_and_clock(self, time: datetime, *, seconds: bool) -> tuple[str, ...]:
        local = time.astimezone(self.zone)
        clock = formats.clock(local, seconds=seconds)
        # Readers expect their own zone, so only another one has to be named.
        return formats.date(local), f"{clock} UTC" if formats.zone(local) == "UTC" else clock
