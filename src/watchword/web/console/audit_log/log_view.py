"""Events by day, and the links of the filter, for the template of the Audit Log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from markupsafe import Markup

from watchword import formats
from watchword.domain import refused_addresses
from watchword.domain.audit import AuditEvent
from watchword.domain.audit_categories import CATEGORIES, Category
from watchword.i18n import N_, _
from watchword.storage.audit_query import AuditRow
from watchword.web.console.audit_log.log_query import YES, Query, is_date
from watchword.web.console.frame.client_names import client_name
from watchword.web.console.frame.event_sentence import actor_of, isolated, sentence_of
from watchword.web.console.frame.times import Times

_CATEGORIES: Final = {
    Category.LOGINS: N_("Logins"),
    Category.MFA: N_("MFA"),
    Category.API_PASSWORDS: N_("API passwords"),
    Category.ACCOUNTS: N_("Accounts"),
    Category.APPLICATIONS: N_("Applications"),
    Category.SYSTEM: N_("System"),
}
_INTERFACES: Final = {
    "console": N_("Console"),
    "api": N_("API"),
    "gateway": N_("Gateway"),
    "cli": N_("Command line"),
    "system": N_("Server"),
}
_OUTCOMES: Final = {
    "refused": ("warn", N_("Refused")),
    "failed": ("bad", N_("Failed")),
    "noticed": ("warn", N_("Noticed")),
    "prepared": ("", N_("Prepared")),
    "begun": ("", N_("Started")),
    "forced": ("warn", N_("Forced")),
}
_DAY: Final = timedelta(days=1)
_MOST_ADDRESSES: Final = 10


def ranges(query: Query, times: Times) -> list[dict[str, object]]:
    """Return the links of the quick ranges, as dates in the page's time zone."""
    today = times.now.astimezone(times.zone).date()
    last_of_month = today.replace(day=1) - _DAY
    found = [
        (_("Today"), today, today),
        (_("Yesterday"), today - _DAY, today - _DAY),
        (_("7 days"), today - 6 * _DAY, today),
        (_("30 days"), today - 29 * _DAY, today),
        (_("Last month"), last_of_month.replace(day=1), last_of_month),
    ]
    return [_range(query, *each) for each in found]


def _range(query: Query, label: str, since: date, until: date) -> dict[str, object]:
    limits = {"since": since.isoformat(), "until": until.isoformat()}
    is_current = limits.items() <= query.fields.items()
    href = query.href(since="", until="") if is_current else query.href(**limits)
    return {"label": label, "href": href, "is_current": is_current}


def categories(query: Query) -> list[dict[str, object]]:
    """Return the links of the categories, of "Changes only" and of "Failed attempts"."""
    chosen = query.fields["category"]
    links: list[dict[str, object]] = [
        {
            "label": _(label),
            "href": query.href(category="" if chosen == category else category.value),
            "is_current": chosen == category,
        }
        for category, label in _CATEGORIES.items()
    ]
    # No failed attempt is a change, so one link replaces the other.
    return [
        *links,
        _switch(query, _("Changes only"), "changes", replaced="failures"),
        _switch(query, _("Failed attempts"), "failures", replaced="changes"),
    ]


def _switch(query: Query, label: str, name: str, *, replaced: str) -> dict[str, object]:
    is_on = query.fields[name] == YES
    href = query.href(**({name: ""} if is_on else {name: YES, replaced: ""}))
    return {"label": label, "href": href, "is_current": is_on}


def addresses(rows: Iterable[AuditRow], query: Query) -> list[dict[str, object]]:
    """Return the addresses with the most of these events, as links of the filter. An event of
    refused logins stands for several logins. The filter finds no network, so it has no link.
    """
    found = Counter[str]()
    for row in rows:
        found.update(_addresses(row))
    return [
        {
            "label": address,
            "count": count,
            "href": ""
            if "/" in address
            else query.href(address="" if address == query.fields["address"] else address),
            "is_current": address == query.fields["address"],
        }
        for address, count in found.most_common(_MOST_ADDRESSES)
    ]


def _addresses(row: AuditRow) -> Mapping[str, int]:
    if row.event == AuditEvent.REFUSED_LOGINS.value:
        return refused_addresses.read(row.facts.get("addresses"))
    return {row.address: 1} if row.address else {}


def in_words(query: Query) -> list[dict[str, str]]:
    """Return label, value and the link without it, for each valid field."""
    labels = {
        "category": _("Category"), "changes": _("Changes only"),
        "failures": _("Failed attempts"), "event": _("Event"),
        "account": _("Account"), "interface": _("Interface"), "address": _("Address"),
        "since": _("From"), "until": _("Until"),
    }  # fmt: skip
    valid = query.valid
    words = {
        "category": lambda value: _(_CATEGORIES[Category(value)]),
        "changes": lambda _value: _("yes"),
        "failures": lambda _value: _("yes"),
        "interface": interface,
        "since": _limit,
        "until": _limit,
    }
    return [
        {
            "label": label,
            "value": words[name](valid[name]) if name in words else valid[name],
            "href": query.href(**{name: ""}),
        }
        for name, label in labels.items()
        if name in valid
    ]


def _limit(value: str) -> str:
    """Return a date as the language writes it; a time with a clock stays as it is."""
    return formats.date(date.fromisoformat(value.strip())) if is_date(value) else value


def events_by_category() -> list[tuple[str, list[str]]]:
    """Return the options of the field Event in groups."""
    return [
        (_(label), [e.value for e in AuditEvent if CATEGORIES[e] is category])
        for category, label in _CATEGORIES.items()
    ]


def interfaces() -> Mapping[str, str]:
    """Return the options of the field Interface."""
    return {value: _(label) for value, label in _INTERFACES.items()}


def interface(value: str) -> str:
    """Return the name of an interface."""
    return _(_INTERFACES[value]) if value in _INTERFACES else value


def days(rows: Iterable[AuditRow], query: Query, times: Times) -> list[dict[str, object]]:
    """Return the events in groups of consecutive events of one day, with their headings."""
    today = times.now.astimezone(times.zone).date()
    named = {today: _("Today"), today - _DAY: _("Yesterday")}
    found = groupby(rows, lambda row: row.at.astimezone(times.zone).date())
    return [
        {
            "name": named.get(day),
            "date": formats.date(events[0].at.astimezone(times.zone)),
            "events": [_event(row, query) for row in events],
        }
        for day, events in ((day, list(group)) for day, group in found)
    ]


def _event(row: AuditRow, query: Query) -> dict[str, object]:
    def named(name: str) -> Markup:
        if name == query.fields["account"]:
            return isolated(name)
        return _link(query.href(account=name), isolated(name))

    css, outcome = _OUTCOMES.get(row.outcome, ("", row.outcome))
    address = Markup('<bdi dir="ltr">%s</bdi>') % row.address
    is_asked = row.address == query.fields["address"]
    return {
        "row": row,
        "sentence": sentence_of(row, named),
        "outcome": "" if row.outcome == "done" else _(outcome) if outcome else "",
        "outcome_class": css,
        "by": actor_of(row, named),
        "subject": named(row.subject) if row.subject else "",
        "address": address if is_asked else _link(query.href(address=row.address), address),
        "interface": interface(row.interface),
        "client": client_name(row.user_agent) if row.user_agent else "",
    }


def _link(href: str, label: Markup) -> Markup:
    return Markup('<a href="%s">%s</a>') % (href, label)
