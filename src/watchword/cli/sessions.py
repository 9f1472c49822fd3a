"""`watchword sessions`: list and end the console sessions of an administrator."""

from __future__ import annotations

import click

from watchword.cli.installation import Installation, installation_options, operator
from watchword.cli.terminal import plain_row, show_json, sure
from watchword.i18n import N_, _, ngettext


@click.group(help=N_("Console sessions of an administrator."))
def sessions() -> None:
    """Console sessions of an administrator."""


@sessions.command(
    "list", help=N_("List an administrator's sessions, the most recently used first.")
)
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help=N_("Print JSON, for scripts."))
@installation_options
def list_(installation: Installation, name: str, as_json: bool) -> None:
    """List an administrator's sessions, the most recently used first."""
    from watchword.usecases import accounts
    from watchword.usecases.sessions.sessions import standing

    with installation.opened() as app:
        found = standing(app, operator(), accounts.by_name(app, operator(), name))
    rows = [
        {
            "session": s.ref,
            "address": s.address,
            "user_agent": s.user_agent,
            "since": s.created_at.isoformat(timespec="seconds"),
            "last_seen": s.last_seen_at.isoformat(timespec="seconds"),
            "factors": s.factors.split(),
        }
        for s in found
    ]
    if as_json:
        show_json(rows)
        return
    if not rows:
        click.echo(_("%(name)s has no session.", name=name), err=True)
    for row in rows:
        click.echo(plain_row(*(row[k] for k in ("since", "last_seen", "address", "user_agent"))))


@sessions.command(help=N_("End all sessions of an administrator."))
@click.argument("name")
@click.option("--yes", is_flag=True, help=N_("Do not ask."))
@installation_options
def end(installation: Installation, name: str, yes: bool) -> None:
    """End all sessions of an administrator."""
    from watchword.usecases import accounts
    from watchword.usecases.administrators import other_credentials
    from watchword.usecases.administrators.authorization import By

    with installation.opened() as app:
        accounts.by_name(app, operator(), name)  # refuses an unknown name first
        sure(_("End all sessions of %(name)s?", name=name), yes=yes)
        count = other_credentials.end_sessions(app, By(operator()), name)
    click.echo(ngettext("%(count)s session has ended.", "%(count)s sessions have ended.", count))
