"""The content of a backup: a manifest, then the files that it lists.

    content = length of the manifest (4 bytes, big endian) || manifest (JSON) || files

The stream around it (crypto/sealed_stream.py) authenticates every byte. The checks here are
against mistakes that would write outside the folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import msgspec
from msgspec import Meta, Struct

from watchword.crypto.sealed_stream import CHUNK, DEFAULT, Cost, OpeningReader, SealingWriter
from watchword.domain.operational_errors import ArchiveDamaged, PlaceUnusable
from watchword.domain.secret import Secret
from watchword.files.data_dir import CA as CA_FILES
from watchword.files.data_dir import DATABASE, TLS
from watchword.usecases.progress import Progress, silent

KEYRING: Final = "keys/keyring.json"
MOST_MANIFEST_BYTES: Final = 64 * 1024
CA: Final = frozenset(f"{TLS}/{name}" for name in CA_FILES)
_NAME: Final = re.compile(r"watchword\.db|keys/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}|tls/ca\.(crt|key)")
_MODES: Final = {f"{TLS}/ca.crt": 0o644}
"""The mode that certificates.py uses; all other files are readable only for their owner."""
_LENGTH_BYTES: Final = 4


_Word = Annotated[str, Meta(pattern=r"\A[0-9A-Za-z.+_-]{0,64}\Z")]
"""The command line prints it, so control characters are excluded."""


class Entry(msgspec.Struct, frozen=True):
    """One file: its name in the data folder, and its length in bytes."""

    name: str
    size: Annotated[int, Meta(ge=0)]


class Manifest(msgspec.Struct, frozen=True):
    """Version, schema revision and time of the archive, and its files."""

    version: _Word
    revision: _Word
    created_at: datetime
    files: tuple[Entry, ...]

    @property
    def is_complete(self) -> bool:
        """Whether it has a database and its keyring, a complete CA or none, and no duplicate or
        unexpected names.
        """
        names = [f.name for f in self.files]
        return (
            len(set(names)) == len(names)
            and {DATABASE, KEYRING} <= set(names)
            and CA & set(names) in (CA, set())
            and all(is_name(name) for name in names)
        )

    @property
    def has_ca(self) -> bool:
        """Whether it contains the local certificate authority."""
        return any(f.name in CA for f in self.files)


def is_name(name: str) -> bool:
    """Return whether an archive may contain a file with this name."""
    return _NAME.fullmatch(name) is not None


class Origin(Struct, frozen=True):
    """Origin of an archive: version, schema revision, time."""

    version: str
    revision: str
    created_at: datetime


def pack(
    file: BinaryIO,
    passphrase: Secret,
    origin: Origin,
    contents: Sequence[tuple[str, Path]],
    cost: Cost = DEFAULT,
    progress: Progress = silent,
) -> None:
    """Write an archive of the named files; `progress` receives bytes. Raises OSError."""
    entries = tuple(Entry(name, path.stat().st_size) for name, path in contents)
    manifest = Manifest(origin.version, origin.revision, origin.created_at, entries)
    text = msgspec.json.encode(manifest)
    writer = SealingWriter(file, passphrase, cost)
    writer.write(len(text).to_bytes(_LENGTH_BYTES, "big") + text)
    report = _Copied(progress, entries)
    for entry, (_, path) in zip(entries, contents, strict=True):
        with path.open("rb") as source:
            _copy(source, writer, entry.size, report)
    writer.finish()


class _Copied:
    """Counts the copied bytes of all files of an archive."""

    def __init__(self, progress: Progress, entries: Sequence[Entry]) -> None:
        self._progress, self._done = progress, 0
        self._total = sum(entry.size for entry in entries)

    def __call__(self, count: int) -> None:
        self._done += count
        self._progress(self._done, self._total)


def _copy(source: BinaryIO, writer: SealingWriter, left: int, report: _Copied) -> None:
    while left:
        piece = source.read(min(left, CHUNK))
        if not piece:
            raise OSError("the file became shorter while it was read")
        writer.write(piece)
        left -= len(piece)
        report(len(piece))


def unpack(
    file: BinaryIO, passphrase: Secret, folder: Path, progress: Progress = silent
) -> Manifest:
    """Write the archive's files into a folder, synced, and return its manifest.

    The archive is known to be complete only when this returns. Raises ArchiveForeign,
    ArchiveClosed, ArchiveDamaged, PlaceUnusable.
    """
    reader = OpeningReader(file, passphrase)
    manifest = _manifest(reader)
    report = _Copied(progress, manifest.files)
    try:
        for entry in manifest.files:
            with _created(folder / entry.name, _MODES.get(entry.name, 0o600)) as target:
                _fill(target, reader, entry.size, report)
    except OSError as error:
        raise PlaceUnusable.because_of(error, folder) from error
    reader.finish()
    return manifest


def _manifest(reader: OpeningReader) -> Manifest:
    length = int.from_bytes(reader.read(_LENGTH_BYTES), "big")
    if length > MOST_MANIFEST_BYTES:
        raise ArchiveDamaged
    try:
        manifest = msgspec.json.decode(reader.read(length), type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise ArchiveDamaged from None
    if not manifest.is_complete:
        raise ArchiveDamaged
    return manifest


def _fill(target: BinaryIO, reader: OpeningReader, left: int, report: _Copied) -> None:
    """Write the next bytes of the archive into the file, synced."""
    while left:
        piece = reader.read(min(left, CHUNK))
        target.write(piece)
        left -= len(piece)
        report(len(piece))
    target.flush()
    os.fsync(target.fileno())


def _created(path: Path, mode: int) -> BinaryIO:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    os.fchmod(descriptor, mode)  # the umask may have removed permissions
    return os.fdopen(descriptor, "wb")
