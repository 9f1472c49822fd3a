"""Refusals about keys, database, files, backups and settings that cannot be used.

Most of them reach only the operator. The refusals of accounts and logins are in errors.py.
"""

from __future__ import annotations

from watchword.domain.errors import OPERATOR, PERSON, SCRIPT, Refusal


class KeyMissing(Refusal):
    """There is encrypted data but no keyring. Facts: `path`."""

    code = "key-missing"
    audiences = OPERATOR


class KeyForeign(Refusal):
    """The keyring is not the one this data was encrypted with. Facts: `path`."""

    code = "key-foreign"
    audiences = OPERATOR


class KeyOutdated(Refusal):
    """The keyring belongs to this data, but is older than a key rotation. Facts: `path`, `key_id`."""

    code = "key-outdated"
    audiences = SCRIPT | OPERATOR


class KeyInUse(Refusal):
    """Values or credentials still depend on an old key. Facts: `sealed`, `accounts`, both counts."""

    code = "key-in-use"
    audiences = OPERATOR


class CannotDecrypt(Refusal):
    """No key of the ring decrypts a stored value. Facts: `place`, and `unknown_key` when the ring
    does not contain its key.
    """

    code = "cannot-decrypt"
    audiences = PERSON | SCRIPT | OPERATOR


class SchemaForeign(Refusal):
    """The database has another schema revision than this version. Facts: `found`, `expected`."""

    code = "schema-foreign"
    audiences = OPERATOR


class DatabaseUnavailable(Refusal):
    """The database does not answer, is locked, cannot be written or is not suitable. Facts:
    `reason` and, where known, `said` (the driver's message), `host`, `user`, `database`,
    `encoding`.
    """

    code = "database-unavailable"
    audiences = PERSON | SCRIPT | OPERATOR


class PlaceUnusable(Refusal):
    """A folder, file or address cannot be used. Facts: `what`, `reason`; for the address of a
    listener also `setting` and `cause`.
    """

    code = "place-unusable"
    audiences = OPERATOR

    @classmethod
    def because_of(cls, error: OSError, what: object) -> PlaceUnusable:
        """Return the refusal for an operating system error about a file or folder."""
        return cls(what=str(what), reason=error.strerror or str(error))


class OwnerForeign(PlaceUnusable):
    """A file or folder belongs to neither this user nor root, so its owner may have manipulated
    its content. Facts: `what`, `reason`, `owner`.
    """

    code = "owner-foreign"
    audiences = OPERATOR


class FolderNotWritable(PlaceUnusable):
    """The data folder belongs to root and this user cannot write there. Facts: `path`, `owner`,
    `user`, `uid`.
    """

    code = "folder-not-writable"
    audiences = OPERATOR


class AlreadyServed(Refusal):
    """Another `watchword serve` uses this data folder. Facts: `path`."""

    code = "already-served"
    audiences = OPERATOR


class ArchiveForeign(Refusal):
    """The file is not a backup of Watchword, or has a newer format."""

    code = "archive-foreign"
    audiences = OPERATOR


class ArchiveClosed(Refusal):
    """The backup cannot be decrypted: the passphrase is wrong or the beginning of the file is
    damaged. The two cases cannot be distinguished.
    """

    code = "archive-closed"
    audiences = OPERATOR


class ArchiveDamaged(Refusal):
    """The backup is truncated, was changed, or does not have the content of a backup."""

    code = "archive-damaged"
    audiences = OPERATOR


class FileExists(Refusal):
    """The file to write already exists. Facts: `path`."""

    code = "file-exists"
    audiences = OPERATOR


class InstallationExists(Refusal):
    """The data folder is not empty and `--replace` was not given. Facts: `path`."""

    code = "installation-exists"
    audiences = OPERATOR


class InstallationMissing(Refusal):
    """There is no installation in the data folder or database, and the command does not create
    one. Facts: `path`.
    """

    code = "installation-missing"
    audiences = OPERATOR


class NotOnPostgreSQL(Refusal):
    """Backup and restore of a PostgreSQL database need its own programs."""

    code = "not-on-postgresql"
    audiences = OPERATOR


class SettingsInvalid(Refusal):
    """A setting is unknown or has an unusable value. Facts: `where`, `problem`."""

    code = "settings-invalid"
    audiences = OPERATOR
