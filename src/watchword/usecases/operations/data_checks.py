"""Read-only health checks of the database and its content.

A check that cannot run is a finding, not an error, since the doctor runs on damaged installations.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from watchword.config import Settings, interfaces
from watchword.crypto import keyring as rings
from watchword.crypto.keyring import Keyring
from watchword.domain import api_password, health_checks
from watchword.domain.api_password import Due
from watchword.domain.audit import AuditEvent
from watchword.domain.health_checks import Code, Finding, found
from watchword.domain.operational_errors import (
    CannotDecrypt,
    DatabaseUnavailable,
    KeyMissing,
    PlaceUnusable,
    SchemaForeign,
)
from watchword.files import atomic
from watchword.storage import (
    administrators,
    audit,
    audit_history,
    authenticators,
    credentials,
    epoch,
    installation,
    migrate,
)
from watchword.storage.database import Connection, Database, url_for
from watchword.usecases.audit import proxy_warnings, refused_origins
from watchword.usecases.mfa.lifecycle import secret_place
from watchword.usecases.progress import Progress, silent

_INSIDE = (Code.KEYRING_UNCHECKED, Code.AUDIT_LOG_UNCHECKED, Code.ADMINISTRATORS_UNCHECKED,
           Code.API_PASSWORDS_UNCHECKED,
           Code.RECOVERY_UNCHECKED,
           Code.BACKUP_UNCHECKED, Code.PROXIES_UNCHECKED, Code.ORIGINS_UNCHECKED)  # fmt: skip


def examine_data(settings: Settings, now: datetime, progress: Progress = silent) -> list[Finding]:
    """Return the findings about clock, database, schema, keyring, audit log, administrators, API
    passwords, recovery codes, backup, proxies and refused origins.
    """
    return [*_of_database(settings, now, progress)]


def _of_database(settings: Settings, now: datetime, progress: Progress) -> Iterator[Finding]:
    url = url_for(settings.database_url, settings.data_dir)
    by_files = _file_clock(settings.data_dir, now)
    if not settings.database_url and atomic.is_missing(Path(str(url.database))):
        yield by_files
        yield found(Code.DATABASE_MISSING, path=str(url.database))
        yield from _unchecked(Code.SCHEMA_UNCHECKED, *_INSIDE)
        return
    with closing(Database(url, pool=1, is_read_only=True)) as database:
        try:
            findings = [*_inside(settings, database, now, progress)]
        except DatabaseUnavailable as refusal:
            findings = [
                Finding(Code.DATABASE_UNAVAILABLE, {k: str(v) for k, v in refusal.facts.items()}),
                *_unchecked(Code.SCHEMA_UNCHECKED, *_INSIDE),
            ]
    clocks = [f for f in (by_files, *findings) if f.check == "clock"]
    yield next((f for f in clocks if f.code is not Code.CLOCK_GOOD), by_files)
    yield from (f for f in findings if f.check != "clock")


def _inside(
    settings: Settings, database: Database, now: datetime, progress: Progress
) -> Iterator[Finding]:
    try:
        migrate.demand_current(database)
    except SchemaForeign as refusal:
        yield found(Code.DATABASE_GOOD, kind=database.name)
        is_older = migrate.is_older(str(refusal.facts["found"]))
        code = Code.SCHEMA_OLDER if is_older else Code.SCHEMA_FOREIGN
        yield Finding(code, {k: str(v) for k, v in refusal.facts.items()})
        yield from _unchecked(*_INSIDE)
        return
    with database.reading() as connection:
        epoch.get(connection)
        yield found(Code.DATABASE_GOOD, kind=database.name)
        yield found(Code.SCHEMA_CURRENT)
        yield health_checks.clock(now, audit_history.latest(connection), "audit")
        if not database.is_sqlite:
            yield health_checks.clocks(now, audit.database_time(connection))
        yield _keyring(settings, connection, progress)
        yield _audit_log(connection)
        yield health_checks.administrators(administrators.count_usable(connection))
        yield health_checks.api_passwords(_due(settings, connection, now))
        yield health_checks.recovery_codes(credentials.without_recovery_codes(connection))
        last = audit_history.latest(connection, AuditEvent.SYSTEM_BACKUP)
        yield (
            health_checks.backup(now, last) if database.is_sqlite else found(Code.BACKUP_ELSEWHERE)
        )
        event, since = AuditEvent.UNTRUSTED_PEER, now - proxy_warnings.FRESH
        own = interfaces(settings) if settings.trusted_proxies else ()
        lacking = [each.url_setting for each in own
                   if not (each.public_url or each.is_for_proxies)]  # fmt: skip
        untrusted = audit_history.newest_address(connection, event, since)
        yield health_checks.proxies(untrusted, lacking)
        yield _origins(connection, now)


def _origins(connection: Connection, now: datetime) -> Finding:
    refused = refused_origins.newest(connection, now)
    if refused is None:
        return found(Code.ORIGINS_GOOD)
    return found(
        Code.ORIGINS_REFUSED,
        count=refused.count,
        since=health_checks.formatted(refused.first_at),
        at=health_checks.formatted(refused.last_at),
        origin=refused.origin,
        asked=refused.asked,
    )


def _audit_log(connection: Connection) -> Finding:
    """Check that the chain exists, without which no server starts, and report what the server's
    regular check found. `audit verify` checks the chain itself.
    """
    state = audit.chain_state(connection)
    if state is not None and state.broken_event_id is not None:
        return found(Code.AUDIT_LOG_BROKEN, event_id=state.broken_event_id)
    is_whole = state is not None or audit.newest_id(connection) == 0
    return found(Code.AUDIT_LOG_GOOD if is_whole else Code.AUDIT_LOG_MISSING)


def _due(settings: Settings, connection: Connection, now: datetime) -> Iterator[tuple[str, Due]]:
    most = settings.api_password_max_days
    for times in credentials.api_password_times(connection):
        due = api_password.due(times.created_at, times.last_used_at, most, now)
        if due is not None:
            yield times.username, due


def _unchecked(*codes: Code) -> Iterator[Finding]:
    yield from (found(code) for code in codes)


def _file_clock(folder: Path, now: datetime) -> Finding:
    """Check the clock against the modification times of files that only the server writes."""
    latest, name = None, ""
    for path in (folder / "watchword.db", folder / "watchword.db-wal", rings.path_in(folder)):
        try:
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except OSError:
            continue
        if latest is None or at > latest:
            latest, name = at, path.name
    return health_checks.clock(now, latest, name)


def _keyring(settings: Settings, connection: Connection, progress: Progress) -> Finding:
    """Decrypt the check value and every TOTP secret."""
    path = rings.path_in(settings.data_dir)
    try:
        ring = rings.load(path)
    except KeyMissing:
        return found(Code.KEYRING_MISSING, path=str(path))
    except PlaceUnusable as refusal:
        return found(Code.KEYRING_UNREADABLE, path=str(path), reason=str(refusal.facts["reason"]))
    check = installation.key_check(connection)
    if check is not None and not rings.is_own(ring, check):
        return found(Code.KEYRING_FOREIGN, path=str(path))
    total = authenticators.count_secrets(connection)
    count = closed = 0
    for id_, sealed in authenticators.all_secrets(connection):
        count += 1
        closed += not _opens(ring, id_, sealed)
        progress(count, total)
    if closed:
        return found(Code.KEYRING_SECRETS, closed=closed, count=count)
    return found(Code.KEYRING_GOOD, count=count)


def _opens(ring: Keyring, id_: int, sealed: bytes) -> bool:
    try:
        ring.open(secret_place(id_), sealed)
    except CannotDecrypt:
        return False
    return True
