"""`watchword audit`: list, export and verify the audit log."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from watchword.cli import progress
from watchword.cli.installation import Installation, installation_options, operator
from watchword.cli.terminal import plain_row, show_json, sure, write_utf8
from watchword.domain import times
from watchword.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from watchword.storage.audit_query import AuditFilter, AuditRow

MOST = 10_000


@click.group(help=N_("The audit log: list, export and verify it."))
def audit() -> None:
    """The audit log: list, export and verify it."""


def _time(_context: click.Context, _option: click.Parameter, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return times.parse(text)
    except ValueError:
        raise click.BadParameter(_("write it like 2026-03-14T15:09:26Z, or 2026-03-14")) from None


def _event(_context: click.Context, _option: click.Parameter, text: str) -> str:
    """Refuse an unknown event: an empty list would look as if nothing had happened."""
    from difflib import get_close_matches

    from watchword.domain.audit import AuditEvent

    names = [event.value for event in AuditEvent]
    if not text or text in names:
        return text
    alike = get_close_matches(text, names)
    if alike:
        raise click.BadParameter(
            _("there is no such event; did you mean %(names)s?", names=", ".join(alike))
        )
    raise click.BadParameter(_("there is no such event; the events are: %(names)s",
                               names=", ".join(names)))  # fmt: skip


def _interface(_context: click.Context, _option: click.Parameter, text: str) -> str:
    from watchword.domain.audit import Interface

    names = [each.value for each in Interface]
    if text in ("", *names):
        return text
    raise click.BadParameter(_("it is one of: %(interfaces)s", interfaces=", ".join(names)))


def _filtered(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options of the filter to a command."""
    options = [
        click.option("--account", default="", metavar="NAME",
                     help=_("Events by or about this administrator.")),
        click.option("--event", default="", callback=_event, metavar="EVENT",
                     help=_("Such as auth.login.")),
        click.option("--interface", default="", callback=_interface, metavar="INTERFACE",
                     help=_("console, api, cli or system.")),
        click.option("--since", callback=_time, metavar="TIME", help=_("From this time on (UTC).")),
        click.option("--until", callback=_time, metavar="TIME", help=_("Before this time (UTC).")),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def _wanted(given: dict[str, Any]) -> AuditFilter:
    from watchword.storage.audit_query import AuditFilter

    if times.is_reversed(given["since"], given["until"]):
        raise click.BadParameter(_("it is before --since"), param_hint="--until")
    return AuditFilter(**given)


@audit.command("list", help=N_("List the newest events, the newest one last."))
@_filtered
@click.option("--limit", default=50, type=click.IntRange(1, MOST), show_default=True,
              help=N_("How many."))  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help=N_("Print JSON, for scripts."))
@installation_options
def list_(installation: Installation, limit: int, as_json: bool, **given: Any) -> None:
    """List the newest events, the newest one last."""
    from watchword.usecases.audit import audit_log
    from watchword.web.audit_export import flat

    with installation.opened() as app:
        rows = audit_log.page(app, operator(), _wanted(given), limit)[::-1]
    if as_json:
        show_json([flat(row) for row in rows])
        return
    if not rows:
        click.echo(_("No event matches."), err=True)
    for row in rows:
        click.echo(_line(row))


def _line(row: AuditRow) -> str:
    from watchword.web.audit_export import rfc3339

    who = row.actor or "-"
    whom = row.subject or "-"
    facts = " ".join(f"{k}={json.dumps(v)}" for k, v in row.facts.items())
    words = (
        rfc3339(row.at),
        row.event,
        row.outcome,
        row.interface,
        who,
        whom,
        row.address or "-",
        facts,
    )
    return plain_row(*words)


@audit.command(help=N_("Write all events to standard output, the newest first."))
@_filtered
@click.option("--format", "format_", type=click.Choice(["jsonl", "csv"]), default="jsonl",
              show_default=True)  # fmt: skip
@installation_options
def export(installation: Installation, format_: str, **given: Any) -> None:
    """Write all events to standard output, the newest first."""
    from watchword.usecases.audit import audit_log
    from watchword.web import audit_export

    with installation.opened() as app:
        rows: Iterable[AuditRow] = audit_log.export(app, operator(), _wanted(given))
        written = (
            audit_export.csv_lines(rows) if format_ == "csv" else audit_export.json_lines(rows)
        )
        write_utf8()
        with progress.shown(progress.exported, has_output=True) as show:
            for number, line in enumerate(written, 1):
                sys.stdout.write(line)
                show(number, 0)


@audit.command(help=N_("Check that no event was changed, removed or inserted in the database."))
@click.option("--json", "as_json", is_flag=True, help=N_("Print JSON, for scripts."))
@installation_options
def verify(installation: Installation, as_json: bool) -> None:
    """Check that no event was changed, removed or inserted in the database."""
    from watchword.usecases.audit import audit_log

    with installation.opened() as app:
        with progress.shown(progress.checked) as show:
            found = audit_log.verify(app, operator(), show)
    if as_json:
        show_json({"events": found.count, "last_id": found.last_id, "mac": found.mac})
        return
    click.echo(ngettext("The chain is valid: %(count)s event, up to number %(last)s.",
                        "The chain is valid: %(count)s events, up to number %(last)s.",
                        found.count, last=found.last_id))  # fmt: skip
    click.echo(_("Its end, to be recorded on another host: %(last)s %(mac)s", last=found.last_id,
                 mac=found.mac))  # fmt: skip


@audit.command(help=N_("Resolve the finding that the log was changed in the database: remove it where "
                      "the chain is valid again, else start the chain again."))  # fmt: skip
@click.option("--yes", is_flag=True, help=N_("Do not ask."))
@installation_options
def resolve(installation: Installation, yes: bool) -> None:
    """Resolve the finding that the log was changed in the database."""
    from watchword.domain.audit import AuditEvent
    from watchword.usecases.audit import chain_watch

    with installation.opened() as app:
        sure(_("Resolve it? Where the chain is broken, it starts again, and events from before "
               "are no longer checked."), yes=yes)  # fmt: skip
        event = chain_watch.resolve(app, operator())
    if event is None:
        click.echo(_("Nothing to resolve: the chain is valid."))
    elif event is AuditEvent.AUDIT_CHAIN_ACCEPTED:
        click.echo(_("Resolved: the chain is valid again."))
    else:
        click.echo(_("Resolved: the chain starts again. Earlier events are no longer checked."))
