"""What the doctor's findings say: what is so, and what to do. One table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from watchword.cli import database_messages
from watchword.domain.health_checks import Code, Finding
from watchword.i18n import N_, _

_UNCHECKED = N_("Not checked: that needs a database that can be read and has this version's "
                "schema.")  # fmt: skip

SENTENCES: Mapping[Code, str] = MappingProxyType(
    {
        Code.CLOCK_GOOD: N_("The clock says %(now)s; nothing stored is later than that."),
        Code.CLOCK_BEHIND: N_("The clock is behind, or was ahead: %(what)s is from %(seconds)s "
                              "seconds in the future. Have the clock set by the network "
                              "(timedatectl set-ntp true); codes depend on it."),
        Code.CLOCK_DIFFERS: N_("This clock and the database's differ by %(seconds)s seconds. Have "
                               "both set by the network; codes depend on it."),
        Code.MODES_GOOD: N_("Data folder, database and keys are for their owner alone."),
        Code.MODES_NO_FOLDER: N_("There is no data folder %(path)s. `watchword serve` makes it; "
                                 "or name the right one with --data-dir."),
        Code.MODES_UNCHECKED: N_("Not checked: this user may not look into %(path)s. Run the "
                                 "command as the user that the server runs as."),
        Code.MODES_OPEN: N_("Others on this host may read or change these. Run: "
                            "chmod go= %(paths)s"),
        Code.MODES_GROUP: N_("The file's group may read the TLS key %(paths)s. If that is not "
                             "meant, run: chmod go= %(paths)s"),
        Code.OWNERS_GOOD: N_("Data folder, database, keys, settings and certificates belong to "
                             "this user or to root."),
        Code.OWNERS_FOREIGN: N_("These belong to another user (%(owner)s), who can change them: "
                                "%(paths)s. The server does not start with them. If that is the "
                                "server's user, run the command as that user; else look into them "
                                "and take them over with chown."),
        Code.OWNERS_NAMED: N_("Other users can change these files, which the settings name: "
                              "%(paths)s. Give them to root and take the right to write from "
                              "others. (Of a file that is mounted into a container only the host "
                              "knows the owner.)"),
        Code.OWNERS_PARENTS: N_("Other users can put another folder in the place of the data "
                                "folder, because they can write to %(paths)s. Change owner or mode "
                                "of these, or move the data folder."),
        Code.OWNERS_UNCHECKED: N_("Not checked: the data folder %(path)s does not exist, or this "
                                  "user may not look into it."),
        Code.LEFTOVERS_NONE: N_("No command that was killed left copies of the data behind."),
        Code.LEFTOVERS_FOUND: N_("A backup or restore that was killed left copies of the data "
                                 "behind. Run: rm -r %(paths)s"),
        Code.LEFTOVERS_UNCHECKED: N_("Not checked: the data folder %(path)s is not there, or this "
                                     "user may not look at it."),
        Code.SPACE_GOOD: N_("%(free)s MiB are free for the data."),
        Code.SPACE_NO_FOLDER: N_("Not checked: the data folder %(path)s is not there, or "
                                 "this user may not look at it."),
        Code.SPACE_LOW: N_("Only %(free)s MiB are free for the data. Make room before it fills "
                           "up; a backup needs twice the database's size for a moment."),
        Code.SPACE_OUT: N_("Only %(free)s MiB are free for the data. Make room now: on a full "
                           "disk nobody can log in."),
        Code.FILE_SYSTEM_GOOD: N_("The data folder is on a local file system (%(type)s)."),
        Code.FILE_SYSTEM_NETWORK: N_("The data folder is on a network file system (%(type)s), "
                                     "where SQLite's locks cannot be relied on. Move it to a "
                                     "local disk, or use PostgreSQL (database_url)."),
        Code.FILE_SYSTEM_NO_MATTER: N_("The data is on PostgreSQL; any file system will do for "
                                       "the keys."),
        Code.DATABASE_GOOD: N_("The database (%(kind)s) answers."),
        Code.DATABASE_MISSING: N_("There is no database %(path)s. `watchword serve` makes a new "
                                  "one; if there was one, put it back with `watchword restore`, "
                                  "or name the right folder with --data-dir."),
        Code.DATABASE_UNAVAILABLE: N_("%(why)s %(what_to_do)s"),
        Code.SCHEMA_CURRENT: N_("The schema is this version's."),
        Code.SCHEMA_OLDER: N_("The schema is %(found)s, this version works with %(expected)s. "
                              "Make a backup with the older version; then `watchword serve` "
                              "brings it up to date."),
        Code.SCHEMA_FOREIGN: N_("The schema is %(found)s, this version works with %(expected)s. "
                                "Install the version of Watchword that wrote it, or a newer one."),
        Code.SCHEMA_UNCHECKED: N_("Not checked: that needs a database that can be read."),
        Code.KEYRING_GOOD: N_("The keyring opens the data (secrets of authenticator apps tried: "
                              "%(count)s)."),
        Code.KEYRING_MISSING: N_("There is no keyring %(path)s. Put it back from a backup, or on "
                                 "another node copy it from the first; without it MFA cannot be "
                                 "checked."),
        Code.KEYRING_UNREADABLE: N_("The keyring %(path)s cannot be read: %(reason)s. Give it to "
                                    "this user, or put it back from a backup."),
        Code.KEYRING_FOREIGN: N_("The keyring %(path)s is not the one that this data was "
                                 "encrypted with. Put the right one there: from the same backup "
                                 "as the database, or from the first node."),
        Code.KEYRING_SECRETS: N_("%(closed)s of %(count)s secrets of authenticator apps do not "
                                 "open with this keyring. Put back the keyring that goes with "
                                 "the database, or reset the MFA of these administrators "
                                 "(`watchword mfa reset NAME`)."),
        Code.KEYRING_UNCHECKED: _UNCHECKED,
        Code.ADMINISTRATORS_GOOD: N_("%(count)s administrators can log in and help each other."),
        Code.ADMINISTRATORS_ONE: N_("Only one administrator can log in: whoever loses phone and "
                                    "recovery codes has nobody to reset them. Create a second "
                                    "one (`watchword administrator create NAME`)."),
        Code.ADMINISTRATORS_NONE: N_("No administrator can log in. Create the first one "
                                     "(`watchword first-run`), or enable one (`watchword "
                                     "administrator enable NAME`)."),
        Code.ADMINISTRATORS_UNCHECKED: _UNCHECKED,
        Code.AUDIT_LOG_GOOD: N_("The audit log has its chain (`watchword audit verify` follows it)."),
        Code.AUDIT_LOG_MISSING: N_("The audit log's chain was taken out of the database: nothing "
                                   "starts. Keep a copy of the database as it is, and put a backup "
                                   "in its place (`watchword restore`)."),
        Code.AUDIT_LOG_BROKEN: N_("The audit log was changed in the database, from event %(event_id)s "
                                  "on. Follow docs/security/incident.md, then run `watchword audit "
                                  "resolve`."),
        Code.AUDIT_LOG_UNCHECKED: _UNCHECKED,
        Code.API_PASSWORDS_GOOD: N_("No API password has expired, expires soon or has gone unused "
                                    "for 180 days."),
        Code.API_PASSWORDS_DUE: N_("API passwords to look after: %(expired)s expired, %(soon)s "
                                   "within 14 days of it, %(unused)s unused for 180 days "
                                   "(%(who)s). Their owners generate new ones on Your MFA "
                                   "Settings; revoke what nobody needs (`watchword api-password "
                                   "revoke NAME`)."),
        Code.API_PASSWORDS_UNCHECKED: _UNCHECKED,
        Code.RECOVERY_GOOD: N_("Everybody whose MFA is active has recovery codes."),
        Code.RECOVERY_NONE_LEFT: N_("MFA is active without a recovery code: %(who)s. Without "
                                    "their phone they cannot log in; \"Generate New Recovery "
                                    "Codes\" on Your MFA Settings makes them."),
        Code.RECOVERY_UNCHECKED: _UNCHECKED,
        Code.BACKUP_RECENT: N_("The last backup was made %(days)s days ago."),
        Code.BACKUP_OLD: N_("The last backup was made %(days)s days ago. Make a new one "
                            "(`watchword backup FILE`), best every night."),
        Code.BACKUP_NEVER: N_("No backup was made yet. Make one (`watchword backup FILE`) and keep "
                              "it on another host, its passphrase elsewhere."),
        Code.BACKUP_ELSEWHERE: N_("PostgreSQL's own programs make its backups; see to pg_dump and "
                                  "to a copy of the folder keys/."),
        Code.BACKUP_UNCHECKED: _UNCHECKED,
        Code.PROXIES_GOOD: N_("No login of the last day came through a proxy that is not trusted."),
        Code.PROXIES_UNTRUSTED: N_("A login of the last day came from %(peer)s with the headers "
                                   "of a reverse proxy, which is not trusted. If it is yours, "
                                   "add it to the setting trusted_proxies and restart the "
                                   "server; until then every client has its address."),
        Code.PROXIES_NO_ADDRESS: N_("trusted_proxies is set, but console_url or api_url is not. If "
                                    "the proxy changes the Host header, every form is refused as "
                                    "another origin's (the log shows both). Set both addresses."),
        Code.PROXIES_UNCHECKED: _UNCHECKED,
        Code.ORIGINS_GOOD: N_("No request of another origin was refused within the last day."),
        Code.ORIGINS_REFUSED: N_("Requests of another origin were refused: %(count)s since "
                                 "%(since)s, the last one at %(at)s from %(origin)s to %(asked)s. "
                                 "If the first address is one of this server's, a reverse proxy "
                                 "changes the Host header: set console_url and api_url. Otherwise "
                                 "a page of another site sent them, and nothing is to be done."),
        Code.ORIGINS_UNCHECKED: _UNCHECKED,
        Code.CERTIFICATE_PLAIN: N_("The interfaces speak plain HTTP, so none is shown."),
        Code.CERTIFICATE_GOOD: N_("The certificate is valid for another %(days)s days."),
        Code.CERTIFICATE_NOT_MADE: N_("There is no certificate yet; `watchword serve` makes it."),
        Code.CERTIFICATE_UNUSABLE: N_("The certificate cannot be used: %(what)s: %(reason)s. Put "
                                      "a certificate and its key there."),
        Code.CERTIFICATE_NOT_YET: N_("The certificate is not valid yet. Check the clock, else put "
                                     "another certificate there."),
        Code.CERTIFICATE_EXPIRED: N_("The certificate has expired. Renew it and restart the "
                                     "server; one of the local CA is renewed by `watchword "
                                     "serve` itself."),
        Code.CERTIFICATE_SOON: N_("The certificate expires in %(days)s days. Renew it and restart "
                                  "the server; one of the local CA is renewed by `watchword "
                                  "serve` itself."),
        Code.NAMES_GOOD: N_("The certificate covers the configured addresses: %(names)s."),
        Code.NAMES_MISSING: N_("The certificate does not cover %(names)s, so clients that use "
                               "these refuse it. Get one with these names. With the local CA "
                               "restart the server; when its log says that the CA may not sign for "
                               "them, a new CA is needed (docs/how-to/certificate.md)."),
        Code.NAMES_OF_HOST: N_("Over plain HTTP the server answers by address and by these names: "
                               "%(names)s. console_url and api_url add names."),
        Code.NAMES_UNCHECKED: N_("Not checked: there is no certificate to look at."),
        Code.CA_GOOD: N_("The local CA is valid for another %(days)s days."),
        Code.CA_NONE: N_("No local CA is in use."),
        Code.CA_UNUSABLE: N_("The local CA %(what)s cannot be read: %(reason)s. Put it back from "
                             "a copy of the folder tls/, or move that folder away and restart; a "
                             "new CA has to be trusted anew."),
        Code.CA_EXPIRED: N_("The local CA has expired. Move the folder tls/ away and restart the "
                            "server; the new CA has to be trusted anew."),
        Code.CA_SOON: N_("The local CA expires in %(days)s days. Choose a time to move the folder "
                         "tls/ away and restart the server; the new CA has to be trusted anew."),
        Code.CA_EARLIER: N_("An earlier version made the local CA: Envoy, Bun and other clients with "
                            "BoringSSL refuse its certificates, and it may also sign for mail and "
                            "for clients. Choose a time to move the folder tls/ away and restart "
                            "the server; every client has to trust the new CA."),
        Code.PORT_FREE: N_("%(address)s is free; no server answers there now."),
        Code.PORT_OURS: N_("%(address)s is answered by this installation's server."),
        Code.PORT_TAKEN: N_("%(address)s is answered with another certificate. Stop the other "
                            "program or choose another address (setting %(setting)s); if it is "
                            "our server, restart it."),
        Code.PORT_UNUSABLE: N_("%(address)s cannot be used: %(reason)s. Choose another address "
                               "(setting %(setting)s); when it is in use, `ss -ltnp` shows by "
                               "which program."),
    }
)  # fmt: skip


def sentence(finding: Finding) -> str:
    """Return what a finding says."""
    blanks: dict[str, object] = dict(finding.facts)
    if finding.code is Code.DATABASE_UNAVAILABLE:
        blanks["why"], blanks["what_to_do"] = database_messages.explain(finding.facts)
    if blanks.get("what") == "audit":
        blanks["what"] = _("the newest audit event")
    if blanks.get("more"):
        blanks["who"] = _("%(who)s and %(more)s more", **blanks)
    return _(SENTENCES[finding.code], **blanks)
