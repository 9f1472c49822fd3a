"""Refusals of the place: keys, database, files, backups and settings that cannot be used.

Most are told to whoever runs the server. What a person at an interface is refused stands in errors.py.
"""

from __future__ import annotations

from watchword.domain.errors import Refusal


class KeyMissing(Refusal):
    """There is encrypted data but no keyring. Facts: `path`."""

    code = "key-missing"


class KeyForeign(Refusal):
    """The keyring is not the one this data was encrypted with. Facts: `path`."""

    code = "key-foreign"


class KeyOutdated(Refusal):
    """The keyring is this data's, but of before a rotation. Facts: `path`, `key_id`."""

    code = "key-outdated"


class KeyInUse(Refusal):
    """Something still hangs on an old key. Facts: `sealed`, `accounts` (how many)."""

    code = "key-in-use"


class CannotDecrypt(Refusal):
    """One stored value does not open under any key of the ring. Facts: `place`, and
    `unknown_key` when the ring does not hold its key.
    """

    code = "cannot-decrypt"


class SchemaForeign(Refusal):
    """The database has another schema revision than this version. Facts: `found`, `expected`."""

    code = "schema-foreign"


class DatabaseUnavailable(Refusal):
    """The database does not answer, is locked, cannot be written or is not suitable. Facts:
    `reason` and, where known, `said` (the driver's words), `host`, `user`, `database`, `encoding`.
    """

    code = "database-unavailable"


class PlaceUnusable(Refusal):
    """A folder, file or address cannot be used. Facts: `what`, `reason`; of a listener's address
    `setting` and `cause` too.
    """

    code = "place-unusable"

    @classmethod
    def because_of(cls, error: OSError, what: object) -> PlaceUnusable:
        """Return the refusal that says what the system said of a file or folder."""
        return cls(what=str(what), reason=error.strerror or str(error))


class OwnerForeign(PlaceUnusable):
    """A file or folder belongs to neither this user nor root, so its owner can have prepared
    what is in it. Facts: `what`, `reason`, `owner`.
    """

    code = "owner-foreign"


class FolderNotWritable(PlaceUnusable):
    """The data folder is root's and this user may not write there. Facts: `path`, `owner`,
    `user`, `uid`.
    """

    code = "folder-not-writable"


class AlreadyServed(Refusal):
    """Another `watchword serve` uses this data folder. Facts: `path`."""

    code = "already-served"


class ArchiveForeign(Refusal):
    """The file is no backup of Watchword, or one of a later format."""

    code = "archive-foreign"


class ArchiveClosed(Refusal):
    """Nothing of the backup opens: the passphrase is wrong or its beginning is damaged, which
    cannot be told apart.
    """

    code = "archive-closed"


class ArchiveDamaged(Refusal):
    """The backup is cut short, changed, or not made of what a backup is made of."""

    code = "archive-damaged"


class FileExists(Refusal):
    """A file that would be written is there already. Facts: `path`."""

    code = "file-exists"


class InstallationExists(Refusal):
    """The data folder is not empty and nobody said that it may be replaced. Facts: `path`."""

    code = "installation-exists"


class InstallationMissing(Refusal):
    """There is no installation in the data folder or database, and the act is none that makes
    one. Facts: `path`.
    """

    code = "installation-missing"


class NotOnPostgreSQL(Refusal):
    """A file of ours cannot hold a PostgreSQL database: its own programs do that."""

    code = "not-on-postgresql"


class SettingsInvalid(Refusal):
    """A setting is unknown or has an unusable value. Facts: `where`, `problem`."""

    code = "settings-invalid"
