"""What `watchword administrator` and `watchword member` have in common: the role is a parameter."""

from __future__ import annotations

import itertools
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from watchword.cli.installation import Installation, operator
from watchword.cli.terminal import hand_over, plain_row, read_password, sure
from watchword.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watchword.domain.accounts import Administrator
    from watchword.domain.roles import Role
    from watchword.usecases.administrators.authorization import By

password_stdin = click.option(
    "--password-stdin", is_flag=True, help=N_("Read the password from standard input.")
)
yes = click.option("--yes", is_flag=True, help=N_("Do not ask."))
must_change = click.option(
    "--must-change", is_flag=True, help=N_("Ask for a new password at the next console login.")
)
full_name = click.option(
    "--full-name", default="", metavar="TEXT", help=N_("Shown next to the username.")
)
email = click.option(
    "--email", default="", metavar="ADDRESS", help=N_("For information; no mail is sent.")
)
revoke_api_password = click.option(
    "--revoke-api-password", is_flag=True, help=N_("Revoke the API password too.")
)
as_json = click.option("--json", "as_json", is_flag=True, help=N_("Print JSON, for scripts."))

_DELETED: Final = {
    "administrator": N_("Administrator %(name)s is deleted."),
    "member": N_("Member %(name)s is deleted."),
}


def by(role: Role) -> By:
    """Return the operator as the actor of a change of an account with this role."""
    from watchword.usecases.administrators.authorization import By

    return By(operator(), role=role)


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


def print_rows(found: Iterator[Administrator], nothing: str) -> None:
    """Print accounts in lines, or the sentence `nothing` without one."""
    first = next(found, None)
    if first is None:
        click.echo(nothing)
        return
    click.echo(_("username\taccount\tMFA\tfull name"))
    for a in itertools.chain([first], found):
        account = _("disabled") if a.is_disabled else _("enabled")
        sys.stdout.write(plain_row(a.username, account, a.mfa.status.value, a.full_name) + "\n")


def set_password(
    installation: Installation,
    role: Role,
    name: str,
    *,
    from_stdin: bool,
    must_change: bool,
    revoke_api_password: bool,
) -> None:
    """Set a password. MFA and the API password do not change."""
    from watchword.crypto.passwords import run
    from watchword.usecases import accounts
    from watchword.usecases.administrators import other_accounts
    from watchword.usecases.mfa import enrolment_codes

    with installation.opened() as app:
        accounts.by_name(app, operator(), name, role)  # refuses an unknown name first
        password = read_password(from_stdin=from_stdin)
        setting = other_accounts.set_password(
            app, by(role), name, password,
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


def delete(installation: Installation, role: Role, name: str, *, yes: bool) -> None:
    """Delete an account with all of its data."""
    from watchword.usecases import accounts
    from watchword.usecases.administrators import other_accounts

    with installation.opened() as app:
        account = accounts.by_name(app, operator(), name, role)
        sure(_("Delete %(name)s? This cannot be undone.", name=account.username), yes=yes)
        other_accounts.delete(app, by(role), name)
    click.echo(_(_DELETED[role.value], name=account.username))


def disable(installation: Installation, role: Role, name: str, *, yes: bool) -> None:
    """Disable an account."""
    from watchword.usecases import accounts
    from watchword.usecases.administrators import other_accounts

    with installation.opened() as app:
        account = accounts.by_name(app, operator(), name, role)
        sure(_("Disable the account %(name)s?", name=account.username), yes=yes)
        account = other_accounts.disable(app, by(role), name)
    click.echo(_("The account %(name)s is disabled.", name=account.username))


def enable(installation: Installation, role: Role, name: str) -> None:
    """Enable a disabled account again."""
    from watchword.usecases.administrators import other_accounts

    with installation.opened() as app:
        changed = other_accounts.enable(app, by(role), name)
    account, code = changed.account, changed.enrolment_code
    click.echo(
        _("The account %(name)s is enabled. It has no API password.", name=account.username),
        err=code is not None,
    )
    hand_over(code)


def unlock(installation: Installation, role: Role, name: str) -> None:
    """Delete the failed attempts that throttle an account."""
    from watchword.usecases.administrators import other_accounts

    with installation.opened() as app:
        codes_stay_closed = other_accounts.unlock(app, by(role), name)
    click.echo(_("The account %(name)s is unlocked.", name=name))
    if codes_stay_closed:
        click.echo(
            _("After 100 wrong codes its codes are refused until the secret is reset: `watchword mfa "
              "reset NAME`."),
            err=True,
        )  # fmt: skip


def change_role(
    installation: Installation, to: Role, name: str, question: str, *, yes: bool
) -> None:
    """Give an account the other role, after the question."""
    from watchword.domain.roles import Role
    from watchword.usecases import accounts
    from watchword.usecases.administrators import role_changes

    before = Role.MEMBER if to is Role.ADMINISTRATOR else Role.ADMINISTRATOR
    with installation.opened() as app:
        accounts.by_name(app, operator(), name, before)  # refuses an unknown name first
        sure(question, yes=yes)
        changed = role_changes.change(app, by(before), name, to)
    name = changed.account.username
    click.echo(
        _("%(name)s is an administrator now. Their sessions have ended.", name=name)
        if to is Role.ADMINISTRATOR
        else _("%(name)s is a member now. Their sessions have ended.", name=name)
    )
    if changed.api_password_revoked:
        click.echo(_("Their API password is revoked."))
