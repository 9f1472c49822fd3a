"""Findings of the health checks: codes, levels and thresholds.

A finding's code is `check.result`. The codes are stable: monitoring reads them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain, islice
from typing import Final

from msgspec import Struct, field

from watchword.domain.api_password import Due

CLOCK_TOLERANCE: Final = timedelta(seconds=30)
"""One TOTP step: a clock that is further off makes the server refuse correct codes."""
CERTIFICATE_SOON: Final = timedelta(days=30)
CA_SOON: Final = timedelta(days=180)
"""Every client has to trust a new CA, which takes time."""
BACKUP_OLD: Final = timedelta(days=7)
SPACE_OUT: Final = 64 * 2**20
SPACE_LOW: Final = 512 * 2**20
NAMED: Final = 10
"""Administrators that a finding names; it counts the others."""
HELPFUL: Final = 2
"""Administrators who must be able to log in, so that one can help another."""


class Level(StrEnum):
    """The severity of a finding."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


class Code(StrEnum):
    """The codes of all findings."""

    CLOCK_GOOD = "clock.good"
    CLOCK_BEHIND = "clock.behind"
    CLOCK_DIFFERS = "clock.differs"
    MODES_GOOD = "file-modes.good"
    MODES_NO_FOLDER = "file-modes.no-folder"
    MODES_UNCHECKED = "file-modes.not-checked"
    MODES_OPEN = "file-modes.open"
    MODES_GROUP = "file-modes.group"
    OWNERS_GOOD = "file-owners.good"
    OWNERS_FOREIGN = "file-owners.foreign"
    OWNERS_NAMED = "file-owners.named"
    OWNERS_PARENTS = "file-owners.parents"
    OWNERS_UNCHECKED = "file-owners.not-checked"
    LEFTOVERS_NONE = "leftovers.good"
    LEFTOVERS_FOUND = "leftovers.found"
    LEFTOVERS_UNCHECKED = "leftovers.not-checked"
    SPACE_GOOD = "disk-space.good"
    SPACE_NO_FOLDER = "disk-space.no-folder"
    SPACE_LOW = "disk-space.low"
    SPACE_OUT = "disk-space.out"
    FILE_SYSTEM_GOOD = "file-system.good"
    FILE_SYSTEM_NETWORK = "file-system.network"
    FILE_SYSTEM_NO_MATTER = "file-system.no-matter"
    DATABASE_GOOD = "database.good"
    DATABASE_MISSING = "database.missing"
    DATABASE_UNAVAILABLE = "database.unavailable"
    SCHEMA_CURRENT = "schema.current"
    SCHEMA_OLDER = "schema.older"
    SCHEMA_FOREIGN = "schema.foreign"
    SCHEMA_UNCHECKED = "schema.not-checked"
    KEYRING_GOOD = "keyring.good"
    KEYRING_MISSING = "keyring.missing"
    KEYRING_UNREADABLE = "keyring.unreadable"
    KEYRING_FOREIGN = "keyring.foreign"
    KEYRING_SECRETS = "keyring.secrets"
    KEYRING_UNCHECKED = "keyring.not-checked"
    AUDIT_LOG_GOOD = "audit-log.good"
    AUDIT_LOG_MISSING = "audit-log.missing"
    AUDIT_LOG_BROKEN = "audit-log.broken"
    AUDIT_LOG_UNCHECKED = "audit-log.not-checked"
    ADMINISTRATORS_GOOD = "administrators.good"
    ADMINISTRATORS_ONE = "administrators.one"
    ADMINISTRATORS_NONE = "administrators.none"
    ADMINISTRATORS_UNCHECKED = "administrators.not-checked"
    API_PASSWORDS_GOOD = "api-passwords.good"
    API_PASSWORDS_DUE = "api-passwords.due"
    API_PASSWORDS_UNCHECKED = "api-passwords.not-checked"
    RECOVERY_GOOD = "recovery-codes.good"
    RECOVERY_NONE_LEFT = "recovery-codes.none-left"
    RECOVERY_UNCHECKED = "recovery-codes.not-checked"
    BACKUP_RECENT = "backup.recent"
    BACKUP_OLD = "backup.old"
    BACKUP_NEVER = "backup.never"
    BACKUP_ELSEWHERE = "backup.elsewhere"
    BACKUP_UNCHECKED = "backup.not-checked"
    PROXIES_GOOD = "proxies.good"
    PROXIES_UNTRUSTED = "proxies.untrusted-peer"
    PROXIES_NO_ADDRESS = "proxies.no-public-address"
    PROXIES_UNCHECKED = "proxies.not-checked"
    ORIGINS_GOOD = "origins.good"
    ORIGINS_REFUSED = "origins.refused"
    ORIGINS_UNCHECKED = "origins.not-checked"
    CERTIFICATE_GOOD = "certificate.good"
    CERTIFICATE_PLAIN = "certificate.no-matter"
    CERTIFICATE_NOT_MADE = "certificate.not-made"
    CERTIFICATE_UNUSABLE = "certificate.unusable"
    CERTIFICATE_NOT_YET = "certificate.not-yet"
    CERTIFICATE_EXPIRED = "certificate.expired"
    CERTIFICATE_SOON = "certificate.soon"
    NAMES_GOOD = "certificate-names.good"
    NAMES_MISSING = "certificate-names.missing"
    NAMES_OF_HOST = "certificate-names.of-host"
    NAMES_UNCHECKED = "certificate-names.not-checked"
    CA_GOOD = "local-ca.good"
    CA_NONE = "local-ca.none"
    CA_UNUSABLE = "local-ca.unusable"
    CA_EXPIRED = "local-ca.expired"
    CA_SOON = "local-ca.soon"
    CA_EARLIER = "local-ca.earlier"
    PORT_FREE = "port.free"
    PORT_OURS = "port.ours"
    PORT_TAKEN = "port.taken"
    PORT_UNUSABLE = "port.unusable"


_LEVELS: Final[Mapping[Level, frozenset[str]]] = {
    Level.OK: frozenset(
        {"good", "no-matter", "current", "recent", "elsewhere", "free", "ours"}
        | {"of-host", "certificate.not-made", "certificate-names.not-checked", "local-ca.none"}
    ),
    Level.WARNING: frozenset(
        {"not-checked", "no-folder", "group", "low", "older", "one", "old", "never", "soon", "due"}
        | {
            "certificate-names.missing",
            "leftovers.found",
            "parents",
            "earlier",
            "named",
            "untrusted-peer",
            "no-public-address",
            "refused",
            "none-left",
        }
    ),
    Level.PROBLEM: frozenset(
        {"behind", "differs", "open", "out", "network", "unavailable", "foreign", "missing"}
        | {"broken"}
        | {"unreadable", "secrets", "none", "unusable", "not-yet", "expired", "taken"}
    ),
}


class Finding(Struct, frozen=True):
    """A finding with the numbers and names for its sentence."""

    code: Code
    facts: Mapping[str, str | int] = field(default_factory=dict)
    interface: str = ""
    """Name of the interface, for a check that runs for each of them."""

    @property
    def name(self) -> str:
        """Return the stable code, with the name of the interface: "api-port.free"."""
        return f"{self.interface}-{self.code}" if self.interface else self.code.value

    @property
    def check(self) -> str:
        """Return the name of the check: "api-port"."""
        return self.name.partition(".")[0]

    @property
    def level(self) -> Level:
        """The level in the table for the whole code, otherwise for its second half."""
        what = self.code.value.partition(".")[2]
        for key in (self.code.value, what):
            for level, codes in _LEVELS.items():
                if key in codes:
                    return level
        raise KeyError(self.code)


def found(code: Code, **facts: str | int) -> Finding:
    """Return a finding."""
    return Finding(code, facts)


def worst(findings: Iterable[Finding]) -> Level:
    """Return the worst level of all."""
    levels = {f.level for f in findings}
    return next((level for level in (Level.PROBLEM, Level.WARNING) if level in levels), Level.OK)


def clock(now: datetime, latest: datetime | None, of: str = "") -> Finding:
    """Check the clock against the latest stored time; `of` names what was stored."""
    if latest is not None and latest - now > CLOCK_TOLERANCE:
        return found(Code.CLOCK_BEHIND, seconds=int((latest - now).total_seconds()), what=of)
    return found(Code.CLOCK_GOOD, now=formatted(now))


def formatted(time: datetime) -> str:
    """Return a time in the format of the findings."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC")


def clocks(now: datetime, other: datetime) -> Finding:
    """Check the clock against the clock of the database's host."""
    if abs(other - now) > CLOCK_TOLERANCE:
        return found(Code.CLOCK_DIFFERS, seconds=int(abs(other - now).total_seconds()))
    return clock(now, None)


def space(free: int, database: int) -> Finding:
    """Check the free bytes. A backup temporarily needs twice the size of the database."""
    facts = {"free": free // 2**20}
    if free < SPACE_OUT:
        return Finding(Code.SPACE_OUT, facts)
    is_low = free < max(SPACE_LOW, 3 * database)
    return Finding(Code.SPACE_LOW if is_low else Code.SPACE_GOOD, facts)


def administrators(usable: int) -> Finding:
    """Check how many administrators can log in."""
    if usable >= HELPFUL:
        return found(Code.ADMINISTRATORS_GOOD, count=usable)
    return found(Code.ADMINISTRATORS_ONE if usable else Code.ADMINISTRATORS_NONE)


def api_passwords(dues: Iterable[tuple[str, Due]]) -> Finding:
    """Check API passwords that need attention, with the names of their owners."""
    rest = iter(dues)  # of up to a million, so only the first ones are kept
    first = [*islice(rest, NAMED)]
    if not first:
        return found(Code.API_PASSWORDS_GOOD)
    count = Counter(due for _, due in chain(first, rest))
    return found(
        Code.API_PASSWORDS_DUE,
        expired=count[Due.EXPIRED],
        soon=count[Due.EXPIRES_SOON],
        unused=count[Due.UNUSED],
        **_named([name for name, _ in first], count.total()),
    )


def recovery_codes(without: Iterable[str]) -> Finding:
    """Check for active MFA without a recovery code left: a lost phone locks the owner out."""
    rest = iter(without)
    first = [*islice(rest, NAMED)]
    if not first:
        return found(Code.RECOVERY_GOOD)
    count = len(first) + sum(1 for _ in rest)
    return found(Code.RECOVERY_NONE_LEFT, count=count, **_named(first, count))


def _named(first: Sequence[str], count: int) -> dict[str, str | int]:
    return {"who": ", ".join(first), "more": count - len(first)}


def backup(now: datetime, last: datetime | None) -> Finding:
    """Check the age of the last backup."""
    if last is None:
        return found(Code.BACKUP_NEVER)
    days = max(0, (now - last) // timedelta(days=1))
    is_old = now - last > BACKUP_OLD
    return found(Code.BACKUP_OLD if is_old else Code.BACKUP_RECENT, days=days)


def proxies(untrusted: str | None, lacking: Sequence[str] = ()) -> Finding:
    """Check the proxies: `untrusted` is a peer that recently sent forwarding headers without being
    trusted; `lacking` names the missing settings of public addresses, for origin checks.
    """
    if untrusted is not None:
        return found(Code.PROXIES_UNTRUSTED, peer=untrusted)
    if lacking:
        return found(Code.PROXIES_NO_ADDRESS, settings=", ".join(lacking))
    return found(Code.PROXIES_GOOD)


def certificate(now: datetime, begins: datetime, ends: datetime) -> Finding:
    """Check the server's certificate."""
    if now < begins:
        return found(Code.CERTIFICATE_NOT_YET)
    if now >= ends:
        return found(Code.CERTIFICATE_EXPIRED)
    is_soon = ends - now < CERTIFICATE_SOON
    code = Code.CERTIFICATE_SOON if is_soon else Code.CERTIFICATE_GOOD
    return found(code, days=(ends - now) // timedelta(days=1))


def local_ca(now: datetime, ends: datetime, *, is_earlier: bool = False) -> Finding:
    """Check the local certificate authority; `is_earlier` if an earlier version created it."""
    if now >= ends:
        return found(Code.CA_EXPIRED)
    if is_earlier:
        return found(Code.CA_EARLIER)
    code = Code.CA_SOON if ends - now < CA_SOON else Code.CA_GOOD
    return found(code, days=(ends - now) // timedelta(days=1))
