"""`watchword administrator`: create, list, disable, enable, unlock and delete administrators."""

from __future__ import annotations

import itertools
import sys
from typing import TYPE_CHECKING, Any

import click

from watchword.cli.installation import Installation, installation_options, operator
from watchword.cli.terminal import hand_over, plain_row, read_password, show_json_list, sure
from watchword.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watchword.domain.accounts import Administrator

_stdin = click.option(
    "--password-stdin", is_flag=True, help=N_("Read the password from standard input.")
)
_yes = click.option("--yes", is_flag=True, help=N_("Do not ask."))
_must_change = click.option(
    "--must-change", is_flag=True, help=N_("Ask for a new password at the next console login.")
)


@click.group(help=N_("System administrators: create, list, disable, enable, unlock, delete."))
def administrator() -> None:
    """System administrators: create, list, disable, enable, unlock, delete."""


@administrator.command(help=N_("Create an administrator."))
@click.argument("name")
@click.option("--full-name", default="", metavar="TEXT", help=N_("Shown next to the username."))
@click.option(
    "--email", default="", metavar="ADDRESS", help=N_("For information; no mail is sent.")
)
@_stdin
@_must_change
@installation_options
def create(
    installation: Installation,
    name: str,
    full_name: str,
    email: str,
    password_stdin: bool,
    must_change: bool,
) -> None:
    """Create an administrator."""
    from watchword.crypto.passwords import run
    from watchword.usecases import accounts
    from watchword.usecases.administrators import other_accounts
    from watchword.usecases.administrators.authorization import By

    with installation.opened(may_make=True) as app:
        password = read_password(from_stdin=password_stdin)
        new = accounts.NewAdministrator(name, full_name, email, password, must_change)
        made = run(other_accounts.create(app, By(operator()), new))
    click.echo(_("Administrator %(name)s is created.", name=made.username))
    if made.has_colon:
        click.echo(_("The username contains a colon; Your MFA Settings explains what that means."))


@administrator.command("list", help=N_("List the administrators."))
@click.option("--json", "as_json", is_flag=True, help=N_("Print JSON, for scripts."))
@installation_options
def list_(installation: Installation, as_json: bool) -> None:
    """List the administrators."""
    from watchword.usecases import accounts

    with installation.opened() as app:
        found = accounts.everyone(app, operator())
        if as_json:
            show_json_list(map(row_as_json, found))
        else:
            print_rows(found)


def row_as_json(a: Administrator) -> dict[str, Any]:
    """Return an account as scripts read it."""
    return {
        "username": a.username,
        "full_name": a.full_name,
        "email": a.email,
        "enabled": not a.is_disabled,
        "mfa": {"enabled": a.mfa.is_enabled, "status": a.mfa.status.value},
        "last_login_at": a.last_login_at.isoformat() if a.last_login_at else None,
    }


def print_rows(found: Iterator[Administrator]) -> None:
    """Print accounts in lines."""
    first = next(found, None)
    if first is None:
        click.echo(_("There is no administrator yet; `watchword first-run` prints a link."))
        return
    click.echo(_("username\taccount\tMFA\tfull name"))
    for a in itertools.chain([first], found):
        account = _("disabled") if a.is_disabled else _("enabled")
        sys.stdout.write(plain_row(a.username, account, a.mfa.status.value, a.full_name) + "\n")


@administrator.command(
    "set-password",
    help=N_("Set an administrator's password. MFA and the API password do not change."),
)
@click.argument("name")
@_stdin
@_must_change
@click.option("--revoke-api-password", is_flag=True, help=N_("Revoke the API password too."))
@installation_options
def set_password(
    installation: Installation,
    name: str,
    password_stdin: bool,
    must_change: bool,
    revoke_api_password: bool,
) -> None:
    """Set an administrator's password. MFA and the API password do not change."""
    from watchword.crypto.passwords import run
    from watchword.usecases import accounts
    from watchword.usecases.administrators import other_accounts
    from watchword.usecases.administrators.authorization import By
    from watchword.usecases.mfa import enrolment_codes

    with installation.opened() as app:
        accounts.by_name(app, operator(), name)  # refuses an unknown name before the password
        password = read_password(from_stdin=password_stdin)
        by = By(operator())
        setting = other_accounts.set_password(
            app, by, name, password,
            must_change=must_change, revokes_api_password=revoke_api_password,
        )  # fmt: skip
        changed = run(setting)
        account = changed.account
        code_ended = enrolment_codes.ends_with_the_password(app, account)
    click.echo(
        _("The password of %(name)s is set. Their sessions have ended.", name=account.username)
    )
    if changed.api_password_revoked:
        click.echo(_("Their API password is revoked."))
    if code_ended:
        click.echo(_("Their enrolment code is no longer valid: `watchword mfa disable` and `watchword "
                     "mfa enable` make a new one."))  # fmt: skip


@administrator.command(help=N_("Delete an administrator with all of their data."))
@click.argument("name")
@_yes
@installation_options
def delete(installation: Installation, name: str, yes: bool) -> None:
    """Delete an administrator with all of their data."""
    from watchword.usecases import accounts
    from watchword.usecases.administrators import other_accounts
    from watchword.usecases.administrators.authorization import By

    with installation.opened() as app:
        account = accounts.by_name(app, operator(), name)
        sure(_("Delete %(name)s? This cannot be undone.", name=account.username), yes=yes)
        other_accounts.delete(app, By(operator()), name)
    click.echo(_("Administrator %(name)s is deleted.", name=account.username))


@administrator.command(
    help=N_("Disable an account: it cannot log in and its API password is refused.")
)
@click.argument("name")
@_yes
@installation_options
def disable(installation: Installation, name: str, yes: bool) -> None:
    """Disable an account: it cannot log in and its API password is refused."""
    from watchword.usecases import accounts
    from watchword.usecases.administrators import other_accounts
    from watchword.usecases.administrators.authorization import By

    with installation.opened() as app:
        account = accounts.by_name(app, operator(), name)
        sure(_("Disable the account %(name)s?", name=account.username), yes=yes)
        account = other_accounts.disable(app, By(operator()), name)
    click.echo(_("The account %(name)s is disabled.", name=account.username))


@administrator.command(help=N_("Enable a disabled account again."))
@click.argument("name")
@installation_options
def enable(installation: Installation, name: str) -> None:
    """Enable a disabled account again."""
    from watchword.usecases.administrators import other_accounts
    from watchword.usecases.administrators.authorization import By

    with installation.opened() as app:
        changed = other_accounts.enable(app, By(operator()), name)
    account, code = changed.account, changed.enrolment_code
    click.echo(
        _("The account %(name)s is enabled. It has no API password.", name=account.username),
        err=code is not None,
    )
    hand_over(code)


@administrator.command(help=N_("Delete the failed attempts that throttle an account."))
@click.argument("name")
@installation_options
def unlock(installation: Installation, name: str) -> None:
    """Delete the failed attempts that throttle an account."""
    from watchword.usecases.administrators import other_accounts
    from watchword.usecases.administrators.authorization import By

    with installation.opened() as app:
        codes_stay_closed = other_accounts.unlock(app, By(operator()), name)
    click.echo(_("The account %(name)s is unlocked.", name=name))
    if codes_stay_closed:
        click.echo(
            _("After 100 wrong codes its codes are refused until the secret is reset: `watchword mfa "
              "reset NAME`."),
            err=True,
        )  # fmt: skip
