"""Updates the catalogues of src/watchword/locale from the sentences of the sources.

    .venv/bin/python tools/catalogue.py [--check]

Adds new sentences (untranslated), removes those that no longer exist, and compiles. With --check
nothing is written; the exit code is 1 if a catalogue is out of date or incomplete. The Management
API is English, so its own sentences are not extracted. Click's are: help texts contain them.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).parents[1]
SOURCES: Final = ROOT / "src/watchword"
LOCALE: Final = SOURCES / "locale"
API: Final = "web/api/"
KEYWORDS: Final = {"_": None, "N_": None, "ngettext": (1, 2)}
METHODS: Final = [("**.py", "python"), ("**/templates/*.html", "jinja2")]
OPTIONS: Final = {"**/templates/*.html": {"silent": "false", "trim_blocks": "true"}}
Message = str | list[str] | tuple[str, ...]


def messages() -> Iterator[tuple[Message, str]]:
    """Yield each sentence with its file; a sentence with a plural form is a pair."""
    for folder, name in ((SOURCES, ""), (Path(click.__file__).parent, "click/")):
        for file, _line, message, _notes, _context in extract_from_dir(
            folder, METHODS, OPTIONS, KEYWORDS
        ):
            if not file.startswith(API):
                yield message, name + file


def template() -> Catalog:
    """Return the sentences without translations."""
    found = Catalog(project="Watchword")
    for message, file in sorted(messages(), key=lambda each: each[1]):
        found.add(message, locations=[(file, 0)])
    return found


def read(language: str) -> Catalog:
    """Return a catalogue as it is stored."""
    with _po(language).open("rb") as file:
        return read_po(file, locale=language)


def merged(language: str, wanted: Catalog) -> Catalog:
    """Return the stored catalogue with exactly these sentences."""
    catalogue = read(language)
    catalogue.update(wanted, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def text(catalogue: Catalog) -> bytes:
    """Return the file .po."""
    file = io.BytesIO()
    write_po(file, catalogue, width=100, sort_by_file=True)
    return file.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """Return the file .mo, without sentences that would be empty."""
    for sentence in untranslated(catalogue):
        catalogue.delete(sentence)
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def languages() -> list[str]:
    """Return the languages with a catalogue."""
    return sorted(path.name for path in LOCALE.iterdir() if path.is_dir())


def untranslated(catalogue: Catalog) -> list[Message]:
    """Return the sentences without a complete translation, or with a fuzzy one."""
    return [
        message.id for message in catalogue
        if message.id and (message.fuzzy or not _is_complete(message.string))
    ]  # fmt: skip


def _is_complete(translation: Message | None) -> bool:
    return all(translation) if isinstance(translation, (tuple, list)) else bool(translation)


def _po(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES/watchword.po"


def main() -> None:
    """Update or check each catalogue."""
    wanted, is_wrong = template(), False
    for language in languages():
        catalogue = merged(language, wanted)
        missing = untranslated(catalogue)
        po, mo = _po(language), _po(language).with_suffix(".mo")
        files = {po: text(catalogue), mo: compiled(catalogue)}
        changed = [path for path, content in files.items()
                   if not path.exists() or path.read_bytes() != content]  # fmt: skip
        is_wrong = is_wrong or bool(missing or changed)
        for sentence in missing:
            print(f"{language}: not translated: {sentence}")
        if "--check" not in sys.argv:
            for path in changed:
                path.write_bytes(files[path])
    sys.exit(is_wrong and "--check" in sys.argv)


if __name__ == "__main__":
    main()
