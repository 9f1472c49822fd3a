"""The catalogues: every sentence of the sources, translated, with the same blanks."""

from __future__ import annotations

import gettext
import io
import re

import pytest
from babel.messages.catalog import Catalog, Message

from tools import catalogue as tool
from watchword import i18n

each = pytest.mark.parametrize("language", tool.languages())
BLANK = re.compile(r"%\(\w+\)s|%%|\{[^}]*\}")


@pytest.fixture(scope="module")
def wanted() -> Catalog:
    return tool.template()


def ids(catalogue: Catalog) -> set[str]:
    return {str(message.id) for message in catalogue if message.id}


def blanks(text: str) -> set[str]:
    return set(BLANK.findall(text))


def test_each_language_but_english_has_a_catalogue() -> None:
    assert set(tool.languages()) == set(i18n.LANGUAGES) - {i18n.SOURCE}


@each
def test_catalogue_contains_every_sentence_translated(language: str, wanted: Catalog) -> None:
    """After a change of a sentence run tools/catalogue.py and translate what it lists."""
    stored = tool.read(language)
    assert sorted(ids(wanted) - ids(stored)) == [], "not in the catalogue"
    assert sorted(ids(stored) - ids(wanted)) == [], "not in the sources"
    assert tool.untranslated(stored) == []


@each
def test_files_are_those_that_the_tool_writes(language: str, wanted: Catalog) -> None:
    merged = tool.merged(language, wanted)
    folder = tool.LOCALE / language / "LC_MESSAGES"
    assert (folder / "watchword.po").read_bytes() == tool.text(merged)
    assert (folder / "watchword.mo").read_bytes() == tool.compiled(merged)


@each
def test_translations_have_the_blanks_of_their_sentence(language: str) -> None:
    def differs(message: Message) -> bool:
        if isinstance(message.id, str):
            return blanks(message.id) != blanks(str(message.string))
        allowed = set().union(*map(blanks, message.id))
        return any(not blanks(text) <= allowed for text in message.string or ())

    assert [m.id for m in tool.read(language) if m.id and differs(m)] == []


@each
def test_plural_forms_are_those_of_the_language(language: str) -> None:
    catalogue = tool.read(language)
    assert (catalogue.num_plurals, catalogue.plural_expr) == (2, "(n != 1)")
    forms = gettext.GNUTranslations(io.BytesIO(tool.compiled(catalogue)))
    pair = ("%(count)s minute ago", "%(count)s minutes ago")
    assert forms.ngettext(*pair, 1) != forms.ngettext(*pair, 0) == forms.ngettext(*pair, 2)


def test_sentence_without_translation_is_reported_and_not_compiled(wanted: Catalog) -> None:
    """The English sentence is shown instead of an empty one."""
    catalogue = Catalog(locale="de")
    catalogue.add(("%(count)s new", "%(count)s newer"))
    catalogue.add("New", "Neu", flags=["fuzzy"])
    assert tool.untranslated(catalogue) == [("%(count)s new", "%(count)s newer"), "New"]
    forms = gettext.GNUTranslations(io.BytesIO(tool.compiled(catalogue)))
    assert (forms.ngettext("%(count)s new", "%(count)s newer", 2), forms.gettext("New")) == (
        "%(count)s newer", "New"
    )  # fmt: skip


def test_german_has_one_word_for_enabled() -> None:
    """The glossary at the top of the catalogue. A setting or a network may be off, MFA may not."""
    texts = [str(message.string) for message in tool.read("de") if message.id]
    other = re.compile(r"MFA\b[^.]* (ein|aus)(schalten|geschaltet)\b|\binaktiv\b")
    assert [text for text in texts if other.search(text)] == []
