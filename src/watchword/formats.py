"""Dates, times and numbers as text. The catalogue of a language contains its patterns."""

from __future__ import annotations

import datetime as dt
from datetime import datetime, timedelta

from watchword.i18n import _, ngettext

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_UTC = frozenset({"UTC", "Etc/UTC"})


def date(time: dt.date) -> str:
    """Return the date of a time, in the zone of that time."""
    return _(
        "%(year)s-%(month)s-%(day)s",
        year=f"{time.year:04}",
        month=f"{time.month:02}",
        day=f"{time.day:02}",
    )


def clock(time: datetime, *, seconds: bool = False) -> str:
    """Return hour and minute of a time, in its zone."""
    blanks = {"hour": f"{time.hour:02}", "minute": f"{time.minute:02}"}
    if seconds:
        return _("%(hour)s:%(minute)s:%(second)s", **blanks, second=f"{time.second:02}")
    return _("%(hour)s:%(minute)s", **blanks)


def zone(time: datetime) -> str:
    """Return the zone of a time with its offset at that time: "Europe/Berlin, UTC+01:00"."""
    offset = time.strftime("%z")
    key = getattr(time.tzinfo, "key", "UTC")
    if key in _UTC:
        return "UTC"
    return f"{key}, UTC{offset[:3]}:{offset[3:5]}"


def relative(time: datetime, now: datetime) -> str:
    """Return how long ago a time was, or how far ahead it is; "" for a day or more."""
    is_ahead = time > now
    distance = abs(time - now)
    minutes = round(distance / _MINUTE)
    hours = round(distance / _HOUR)
    if hours >= 24:
        return ""
    if minutes == 0:
        return _("in less than a minute") if is_ahead else _("just now")
    if minutes < 60:
        if is_ahead:
            return ngettext("in %(count)s minute", "in %(count)s minutes", minutes)
        return ngettext("%(count)s minute ago", "%(count)s minutes ago", minutes)
    if is_ahead:
        return ngettext("in %(count)s hour", "in %(count)s hours", hours)
    return ngettext("%(count)s hour ago", "%(count)s hours ago", hours)
