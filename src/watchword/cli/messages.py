"""Messages of refusals on the command line: reason and hint."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from watchword.cli import database_messages
from watchword.domain import application_errors as a
from watchword.domain import errors as e
from watchword.domain import operational_errors as operational
from watchword.domain.errors import Refusal
from watchword.i18n import N_, _
from watchword.web.http import field_messages

TEXTS: Mapping[type[Refusal], tuple[str, str]] = MappingProxyType(
    {
        e.NotInThisState: (
            N_("That is not possible while MFA is %(status)s."),
            N_("`watchword mfa status NAME` shows the status. Reset needs active, disable needs "
               "pending or active."),
        ),
        e.ChangedMeanwhile: (
            N_("Another change was made at the same time. Nothing was changed."),
            N_("Run the command again."),
        ),
        e.NothingToRevoke: (
            N_("The account has no API password."),
            N_("Nothing needs to be done; `watchword api-password generate NAME` makes one."),
        ),
        e.FirstRunOver: (
            N_("An administrator exists already, so there is no first-run link."),
            N_("`watchword administrator create NAME` creates another one."),
        ),
        e.NoSuchAdministrator: (
            N_("There is no administrator named %(username)s."),
            N_("`watchword administrator list` shows all of them."),
        ),
        e.NoSuchMember: (
            N_("There is no member named %(username)s."),
            N_("`watchword member list` shows all of them."),
        ),
        e.PasswordMissing: (
            N_("The account %(username)s has no password, and an administrator needs one."),
            N_("Set one first: `watchword member set-password NAME`."),
        ),
        e.LastAdministrator: (
            N_("This is the last administrator who can log in."),
            N_("Create or enable another administrator first."),
        ),
        e.AlreadySo: (
            N_("It is in that state already."),
            N_("Nothing needs to be done."),
        ),
        e.UsernameTaken: (
            N_("The username %(username)s is in use, or looks like one that is."),
            N_("`watchword administrator list` shows all of them."),
        ),
        a.NoSuchApplication: (
            N_("There is no application named %(application)s."),
            N_("`watchword application list` shows all of them."),
        ),
        a.ApplicationTaken: (
            N_("There is another application named %(application)s."),
            N_("`watchword application list` shows all of them."),
        ),
        a.HostTaken: (
            N_("The host %(host)s belongs to the application %(application)s."),
            N_("A host can belong to one application only."),
        ),
        a.TooManyApplications: (
            N_("There are %(most)s applications, which is the most that this server manages."),
            N_("Delete one first."),
        ),
        e.Invalid: (N_("The values are invalid."), N_("Nothing was changed.")),
        e.ChainBroken: (
            N_("The audit log was changed in the database, from event %(event_id)s on: an event was "
               "changed, removed or inserted."),
            N_("Keep the database as it is, and compare it with the copy of the log on another "
               "host."),
        ),
        e.ChainMissing: (
            N_("The chain of the audit log was removed from the database, so changes of the log can "
               "no longer be detected. The server does not start, and makes no new chain."),
            N_("Keep a copy of the database as evidence: an attacker may have hidden changes. Then "
               "restore a backup (`watchword restore`; on PostgreSQL its own dump)."),
        ),
        operational.KeyMissing: (
            N_("The data is encrypted, but its keyring is missing: %(path)s"),
            N_("Restore the keyring from a backup, or on another node copy it from the first. No new "
               "key was made, because it could not decrypt the data."),
        ),
        operational.KeyForeign: (
            N_("The keyring is not the one this data was encrypted with: %(path)s"),
            N_("Put the correct keyring there; on another node, copy it from the first."),
        ),
        operational.KeyOutdated: (
            N_("The keys were rotated, and this keyring is older: %(path)s does not contain the "
               "key %(key_id)s."),
            N_("Copy the keyring from the node where `watchword keys rotate` ran. It contains the "
               "old keys too."),
        ),
        operational.KeyInUse: (
            N_("No key was retired: the old keys are still in use."),
            N_("`watchword keys rotate` encrypts values with the new key; the credentials are renewed "
               "as described above. --force retires the keys and ends those credentials."),
        ),
        operational.CannotDecrypt: (
            N_("A stored value cannot be decrypted with this keyring: %(place)s"),
            N_("Restore keyring and database from the same backup. On one of several nodes, "
               "after a rotation: copy the keyring from the node where it ran."),
        ),
        operational.SchemaForeign: (
            N_("The database has schema %(found)s; this version works with %(expected)s."),
            N_("A newer schema needs the newer version of Watchword. `watchword serve` upgrades an "
               "older one when it starts."),
        ),
        operational.DatabaseUnavailable: (N_("%(why)s"), N_("%(what_to_do)s")),
        operational.PlaceUnusable: (
            N_("%(what)s cannot be used: %(reason)s."),
            N_("Another program may be using it, or this user may not write there."),
        ),
        operational.OwnerForeign: (
            N_("%(what)s belongs to %(owner)s, not to this user or root."),
            N_("Its owner can change data that this command trusts. If the owner is the server's "
               "user, run the command as that user (runuser -u %(owner)s -- watchword ...). "
               "Otherwise make a new data folder, or inspect the file and take it over with chown."),
        ),
        operational.FolderNotWritable: (
            N_("The data folder %(path)s belongs to %(owner)s, and this user (%(user)s) may not "
               "write there."),
            N_("Give the folder to this user: chown %(uid)s %(path)s (in a container: on the host, "
               "as root, for the folder that is mounted there)."),
        ),
        operational.AlreadyServed: (
            N_("Another `watchword serve` is running on the data folder %(path)s."),
            N_("Stop that server first, or name another folder with --data-dir. (While a restore is "
               "running, wait for its end.)"),
        ),
        operational.ArchiveForeign: (
            N_("The file is not a backup of Watchword, or a newer version wrote it."),
            N_("Backups are written by `watchword backup FILE`. Nothing was changed."),
        ),
        operational.ArchiveClosed: (
            N_("The backup cannot be decrypted: the passphrase is wrong, or the file is damaged. The "
               "two cannot be distinguished."),
            N_("Try the passphrase again, then another copy of the file. Nothing was changed."),
        ),
        operational.ArchiveDamaged: (
            N_("The backup is damaged: it was changed, truncated, or not written to its end."),
            N_("Use another copy of the file, or an older backup. Nothing was changed."),
        ),
        operational.FileExists: (
            N_("The file %(path)s exists already, and a backup never overwrites one."),
            N_("Name another file, or move the existing one."),
        ),
        operational.InstallationExists: (
            N_("The data folder %(path)s already contains an installation."),
            N_("Name an empty folder with --data-dir, or add --replace: it keeps the old database "
               "and keys in a subfolder."),
        ),
        operational.InstallationMissing: (
            N_("There is no installation in %(path)s."),
            N_("Name the correct folder with --data-dir, or the correct database_url. `watchword "
               "serve` and `watchword administrator create NAME` make a new installation."),
        ),
        operational.NotOnPostgreSQL: (
            N_("This installation uses PostgreSQL, whose own programs make and restore backups."),
            N_("Use pg_dump and pg_restore, and keep the folder keys/ of the data folder with "
               "the dump. After pg_restore run `watchword restore --after-database-restore`."),
        ),
        operational.SettingsInvalid: (
            N_("The setting %(where)s cannot be used: %(why)s."),
            N_("`watchword config reference` lists the settings with their values and variables."),
        ),
    }
)  # fmt: skip

_PROBLEMS: Mapping[str, str] = MappingProxyType(
    {
        "unknown": N_("there is no such setting"),
        "unusable": N_("%(reason)s"),
        "unreadable": N_("the file cannot be read: %(reason)s"),
        "not-toml": N_("the file is not TOML: %(reason)s"),
        "not-in-file": N_("it cannot be set in the file; use --data-dir or WATCHWORD_DATA_DIR"),
        "not-an-address": N_("it must be HOST:PORT, such as 127.0.0.1:8470 or [::1]:8470"),
        "every-address": N_("for every address of this machine write 0.0.0.0:PORT or [::]:PORT"),
        "zone": N_(
            "an address with a zone (%%eth0) reaches only one network and no certificate can "
            "contain it; use an address without one"
        ),
        "not-allowed": N_("allowed values: %(allowed)s"),
        "not-a-network": N_(
            "%(word)s is not an address such as 10.20.0.7 or a network such as "
            "10.20.0.0/28, which begins with its first address; separate "
            "them by commas"
        ),
        "not-an-origin": N_("it must be an address such as https://ops.example:8470"),
        "too-large": N_("the network is too large: clients in it could forge their address"),
        "asked-by-nothing": N_(
            "the gateway answers trusted reverse proxies only, and trusted_proxies is empty; set it "
            "to the address from which your proxy connects, such as 127.0.0.1"
        ),
        "needs-proxy": N_("it also needs %(lacking)s"),
        "not-behind-proxy": N_("it cannot be set together with plain_http_behind_trusted_proxy"),
        "not-loopback": N_("every interface must then listen on 127.0.0.1, ::1 or localhost"),
        "only-together": N_("certificate and key must be set together"),
        "not-a-url": N_(
            "it is not a database URL; write special characters of the password "
            "percent-encoded (`@` as %%40)"
        ),
        "not-postgresql": N_("it must begin with postgresql://, or be empty for SQLite"),
    }
)


_PORT = N_(
    "`ss -ltnp` shows which program uses a port. To use another one: --%(setting)s HOST:PORT, or "
    "the setting %(setting)s."
)


_LISTENING: Mapping[str, str] = MappingProxyType(
    {
        "in-use": _PORT,
        "name": N_(
            "The name must resolve to an address of this machine (see /etc/hosts). Or write an "
            "address: the setting %(setting)s."
        ),
        "elsewhere": N_(
            "This machine does not have this address (`ip address` lists its addresses). "
            "Change the setting %(setting)s; 0.0.0.0 and [::] are every address."
        ),
        "forbidden": N_(
            "This user may not listen on that port. Use one from 1024 (the setting %(setting)s), "
            "or grant the permission: docs/how-to/systemd.md."
        ),
        "other": N_("Change the setting %(setting)s."),
    }
)


def lines_of(refusal: Refusal) -> list[str]:
    """Return the lines for standard error: the reason, each invalid field, the hint."""
    reason, hint = TEXTS[type(refusal)]
    blanks: dict[str, object] = {"retry_after": 2, **refusal.facts}
    if isinstance(refusal, operational.SettingsInvalid):
        blanks["why"] = _why(refusal)
    if isinstance(refusal, operational.DatabaseUnavailable):
        blanks["why"], blanks["what_to_do"] = database_messages.explain(refusal.facts)
    if isinstance(refusal, operational.PlaceUnusable) and "setting" in refusal.facts:
        hint = _LISTENING[str(refusal.facts["cause"])]
    lines = [_("watchword: %(reason)s", reason=_(reason, **blanks))]
    if isinstance(refusal, e.Invalid):
        lines += [f"  {field_messages.sentence(each)}" for each in refusal.problems]
    if hint:
        lines.append(_("  Hint: %(hint)s", hint=_(hint, **blanks)))
    return lines


def _why(refusal: Refusal) -> str:
    why = _(_PROBLEMS[str(refusal.facts["problem"])], **{"reason": "", **refusal.facts})
    suggestion = refusal.facts.get("suggestion")
    return (
        _("%(why)s (did you mean %(suggestion)s?)", why=why, suggestion=suggestion)
        if (suggestion)
        else why
    )
