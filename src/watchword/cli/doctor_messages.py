"""Messages of the health checks: finding and remedy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from watchword.cli import database_messages
from watchword.domain.health_checks import Code, Finding
from watchword.i18n import N_, _

_UNCHECKED = N_("Not checked: the database cannot be read, or its schema is not that of this "
                "version.")  # fmt: skip

SENTENCES: Mapping[Code, str] = MappingProxyType(
    {
        Code.CLOCK_GOOD: N_("The clock shows %(now)s; no stored time is later."),
        Code.CLOCK_BEHIND: N_("The clock is behind, or was ahead: %(what)s is %(seconds)s seconds in "
                              "the future. Synchronise the clock over the network (timedatectl "
                              "set-ntp true); codes depend on it."),
        Code.CLOCK_DIFFERS: N_("This clock and the database's differ by %(seconds)s seconds. "
                               "Synchronise both over the network; codes depend on it."),
        Code.MODES_GOOD: N_("Only their owner has access to data folder, database and keys."),
        Code.MODES_NO_FOLDER: N_("There is no data folder %(path)s. `watchword serve` makes it; or "
                                 "name the correct one with --data-dir."),
        Code.MODES_UNCHECKED: N_("Not checked: this user may not look into %(path)s. Run the "
                                 "command as the server's user."),
        Code.MODES_OPEN: N_("Other users of this host can read or change files. Run: chmod go= "
                            "%(paths)s"),
        Code.MODES_GROUP: N_("The file's group can read the TLS key %(paths)s. Unless this is "
                             "intended, run: chmod go= %(paths)s"),
        Code.OWNERS_GOOD: N_("Data folder, database, keys, settings and certificates belong to "
                             "this user or to root."),
        Code.OWNERS_FOREIGN: N_("Files belong to another user (%(owner)s): "
                                "%(paths)s. The server does not start with them. If the owner is "
                                "the server's user, run the command as that user. Otherwise "
                                "inspect them and take them over with chown."),
        Code.OWNERS_NAMED: N_("Other users can change files that the settings name: %(paths)s. "
                              "Change their owner to root and remove write permission for other "
                              "users. (The owner of a file that is mounted into a container can "
                              "only be seen on the host.)"),
        Code.OWNERS_PARENTS: N_("Other users can replace the data folder, because they can write to "
                                "%(paths)s. Change owner or mode of these folders, or move the "
                                "data folder."),
        Code.OWNERS_UNCHECKED: N_("Not checked: the data folder %(path)s does not exist, or this "
                                  "user may not look into it."),
        Code.LEFTOVERS_NONE: N_("No interrupted command left copies of the data behind."),
        Code.LEFTOVERS_FOUND: N_("An interrupted backup or restore left copies of the data behind. "
                                 "Run: rm -r %(paths)s"),
        Code.LEFTOVERS_UNCHECKED: N_("Not checked: the data folder %(path)s does not exist, or this "
                                     "user may not look into it."),
        Code.SPACE_GOOD: N_("%(free)s MiB are free for the data."),
        Code.SPACE_NO_FOLDER: N_("Not checked: the data folder %(path)s does not exist, or this "
                                 "user may not look into it."),
        Code.SPACE_LOW: N_("Only %(free)s MiB are free for the data. Free some space: a backup "
                           "temporarily needs twice the size of the database."),
        Code.SPACE_OUT: N_("Only %(free)s MiB are free for the data. Free some space now: on a "
                           "full disk logins fail."),
        Code.FILE_SYSTEM_GOOD: N_("The data folder is on a local file system (%(type)s)."),
        Code.FILE_SYSTEM_NETWORK: N_("The data folder is on a network file system (%(type)s), "
                                     "where SQLite's locks are not reliable. Move it to a local "
                                     "disk, or use PostgreSQL (database_url)."),
        Code.FILE_SYSTEM_NO_MATTER: N_("The data is in PostgreSQL; the keys may be on any file "
                                       "system."),
        Code.DATABASE_GOOD: N_("The database (%(kind)s) answers."),
        Code.DATABASE_MISSING: N_("There is no database %(path)s. `watchword serve` makes a new one. "
                                  "If there was one, restore it with `watchword restore`, or name "
                                  "the correct folder with --data-dir."),
        Code.DATABASE_UNAVAILABLE: N_("%(why)s %(what_to_do)s"),
        Code.SCHEMA_CURRENT: N_("The schema is that of this version."),
        Code.SCHEMA_OLDER: N_("The schema is %(found)s, this version works with %(expected)s. "
                              "Make a backup with the older version; then `watchword serve` "
                              "upgrades it."),
        Code.SCHEMA_FOREIGN: N_("The schema is %(found)s, this version works with %(expected)s. "
                                "Install the version of Watchword that wrote it, or a newer one."),
        Code.SCHEMA_UNCHECKED: N_("Not checked: the database cannot be read."),
        Code.KEYRING_GOOD: N_("The keyring decrypts the data (secrets of authenticator apps checked: "
                              "%(count)s)."),
        Code.KEYRING_MISSING: N_("There is no keyring %(path)s. Restore it from a backup, or on "
                                 "another node copy it from the first. Without it codes cannot be "
                                 "checked."),
        Code.KEYRING_UNREADABLE: N_("The keyring %(path)s cannot be read: %(reason)s. Change its "
                                    "owner to this user, or restore it from a backup."),
        Code.KEYRING_FOREIGN: N_("The keyring %(path)s is not the one that this data was "
                                 "encrypted with. Put the correct one there: from the same backup "
                                 "as the database, or from the first node."),
        Code.KEYRING_SECRETS: N_("%(closed)s of %(count)s secrets of authenticator apps cannot be "
                                 "decrypted with this keyring. Restore the keyring of this "
                                 "database, or reset the MFA of these administrators (`watchword "
                                 "mfa reset NAME`)."),
        Code.KEYRING_UNCHECKED: _UNCHECKED,
        Code.ADMINISTRATORS_GOOD: N_("%(count)s administrators can log in and reset each other's MFA."),
        Code.ADMINISTRATORS_ONE: N_("Only one administrator can log in. No other one could reset "
                                    "their MFA if they lost phone and recovery codes. Create a "
                                    "second one (`watchword administrator create NAME`)."),
        Code.ADMINISTRATORS_NONE: N_("No administrator can log in. Create the first one "
                                     "(`watchword first-run`), or enable one (`watchword "
                                     "administrator enable NAME`)."),
        Code.ADMINISTRATORS_UNCHECKED: _UNCHECKED,
        Code.AUDIT_LOG_GOOD: N_("The audit log has its chain (`watchword audit verify` checks all of it)."),
        Code.AUDIT_LOG_MISSING: N_("The chain of the audit log was removed from the database, so the "
                                   "server does not start. Keep a copy of the database as it is, "
                                   "then restore a backup (`watchword restore`)."),
        Code.AUDIT_LOG_BROKEN: N_("The audit log was changed in the database, from event %(event_id)s "
                                  "on. Follow docs/security/incident.md, then run `watchword audit "
                                  "resolve`."),
        Code.AUDIT_LOG_UNCHECKED: _UNCHECKED,
        Code.API_PASSWORDS_GOOD: N_("No API password has expired, expires soon or has been unused "
                                    "for 180 days."),
        Code.API_PASSWORDS_DUE: N_("API passwords that need attention: %(expired)s expired, %(soon)s "
                                   "expire within 14 days, %(unused)s unused for 180 days "
                                   "(%(who)s). Their owners generate new ones on Your MFA "
                                   "Settings; revoke those that are not needed (`watchword "
                                   "api-password revoke NAME`)."),
        Code.API_PASSWORDS_UNCHECKED: _UNCHECKED,
        Code.RECOVERY_GOOD: N_("Every administrator with active MFA has recovery codes."),
        Code.RECOVERY_NONE_LEFT: N_("Administrators with active MFA have no recovery code left: "
                                    "%(who)s. Without their phone they cannot log in. \"Generate "
                                    "New Recovery Codes\" on Your MFA Settings makes new ones."),
        Code.RECOVERY_UNCHECKED: _UNCHECKED,
        Code.BACKUP_RECENT: N_("The last backup was made %(days)s days ago."),
        Code.BACKUP_OLD: N_("The last backup was made %(days)s days ago. Make a new one "
                            "(`watchword backup FILE`), preferably every night."),
        Code.BACKUP_NEVER: N_("No backup was made yet. Make one (`watchword backup FILE`). Keep it "
                              "on another host and its passphrase in another place."),
        Code.BACKUP_ELSEWHERE: N_("PostgreSQL's own programs make its backups. Schedule pg_dump and "
                                  "a copy of the folder keys/."),
        Code.BACKUP_UNCHECKED: _UNCHECKED,
        Code.PROXIES_GOOD: N_("No login of the last day came through a proxy that is not trusted."),
        Code.PROXIES_UNTRUSTED: N_("A login of the last day came from %(peer)s with the headers "
                                   "of a reverse proxy, which is not trusted. If it is yours, "
                                   "add it to the setting trusted_proxies and restart the "
                                   "server. Until then all clients appear with its address."),
        Code.PROXIES_NO_ADDRESS: N_("trusted_proxies is set without %(settings)s. If the proxy changes "
                                    "the Host header, forms are refused as from another origin "
                                    "(the log shows both). Set the public addresses."),
        Code.PROXIES_UNCHECKED: _UNCHECKED,
        Code.ORIGINS_GOOD: N_("No request from another origin was refused within the last day."),
        Code.ORIGINS_REFUSED: N_("Requests from another origin were refused: %(count)s since "
                                 "%(since)s, the last one at %(at)s from %(origin)s to %(asked)s. "
                                 "If the first address is one of this server's, a reverse proxy "
                                 "changes the Host header: set console_url and api_url. Otherwise "
                                 "a page of another site sent them, and no action is needed."),
        Code.ORIGINS_UNCHECKED: _UNCHECKED,
        Code.CERTIFICATE_PLAIN: N_("The interfaces speak plain HTTP, so they need no certificate."),
        Code.CERTIFICATE_GOOD: N_("The certificate is valid for another %(days)s days."),
        Code.CERTIFICATE_NOT_MADE: N_("There is no certificate yet; `watchword serve` makes it."),
        Code.CERTIFICATE_UNUSABLE: N_("The certificate cannot be used: %(what)s: %(reason)s. Put a "
                                      "valid certificate and its key there."),
        Code.CERTIFICATE_NOT_YET: N_("The certificate is not valid yet. Check the clock, or use another "
                                     "certificate."),
        Code.CERTIFICATE_EXPIRED: N_("The certificate has expired. Renew it and restart the server. "
                                     "`watchword serve` renews one of the local CA itself."),
        Code.CERTIFICATE_SOON: N_("The certificate expires in %(days)s days. Renew it and restart the "
                                  "server. `watchword serve` renews one of the local CA itself."),
        Code.NAMES_GOOD: N_("The certificate covers the configured addresses: %(names)s."),
        Code.NAMES_MISSING: N_("The certificate does not cover %(names)s, so clients that use "
                               "these names refuse it. Get a certificate with these names. With "
                               "the local CA restart the server; if its log says that the CA may "
                               "not sign for them, a new CA is needed "
                               "(docs/how-to/certificate.md)."),
        Code.NAMES_OF_HOST: N_("Over plain HTTP the server accepts IP addresses and these host "
                               "names: %(names)s. console_url and api_url add names."),
        Code.NAMES_UNCHECKED: N_("Not checked: there is no certificate."),
        Code.CA_GOOD: N_("The local CA is valid for another %(days)s days."),
        Code.CA_NONE: N_("No local CA is in use."),
        Code.CA_UNUSABLE: N_("The local CA %(what)s cannot be read: %(reason)s. Restore it from a "
                             "copy of the folder tls/, or move that folder away and restart: "
                             "every client then has to trust the new CA."),
        Code.CA_EXPIRED: N_("The local CA has expired. Move the folder tls/ away and restart the "
                            "server. Every client has to trust the new CA."),
        Code.CA_SOON: N_("The local CA expires in %(days)s days. Choose a time to move the folder "
                         "tls/ away and restart the server. Every client has to trust the new CA."),
        Code.CA_EARLIER: N_("An earlier version made the local CA: Envoy, Bun and other clients with "
                            "BoringSSL refuse its certificates, and it may also sign for mail and "
                            "for clients. Choose a time to move the folder tls/ away and restart "
                            "the server. Every client has to trust the new CA."),
        Code.PORT_FREE: N_("%(address)s is free; no server is running there."),
        Code.PORT_OURS: N_("The server of this installation answers at %(address)s."),
        Code.PORT_TAKEN: N_("A program with another certificate answers at %(address)s. Stop it or "
                            "choose another address (setting %(setting)s). If it is the server of "
                            "this installation, restart it."),
        Code.PORT_UNUSABLE: N_("%(address)s cannot be used: %(reason)s. Choose another address "
                               "(setting %(setting)s). `ss -ltnp` shows which program uses a "
                               "port."),
    }
)  # fmt: skip


def sentence(finding: Finding) -> str:
    """Return the message of a finding."""
    blanks: dict[str, object] = dict(finding.facts)
    if finding.code is Code.DATABASE_UNAVAILABLE:
        blanks["why"], blanks["what_to_do"] = database_messages.explain(finding.facts)
    if blanks.get("what") == "audit":
        blanks["what"] = _("the newest audit event")
    if blanks.get("more"):
        blanks["who"] = _("%(who)s and %(more)s more", **blanks)
    return _(SENTENCES[finding.code], **blanks)
