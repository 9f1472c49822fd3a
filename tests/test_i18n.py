"""The language of a request or command: which one is chosen, and who inherits it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from watchword import i18n
from watchword.i18n import _, ngettext
from watchword.web.http.worker_threads import console

WORD = "Username"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("DE-at", "de"),
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("en;q=0.5, de", "de"),
        ("de;q=0.5, en;q=0.50", "de"),
        ("fr, it;q=0.9, de;q=0.1", "de"),
        ("fr", "en"),
        ("de;q=0", "en"),
        ("*", "en"),
        ("fr, *;q=0.5, de;q=0.4", "en"),
        ("de;q=2", "en"),
        ("de;q=x, en;q=0.1", "en"),
        ("der, den", "en"),
        ("x" * 5000 + ",de", "de"),
        (",".join(["fr"] * 5000 + ["de"]), "en"),
        ("de\xff\r\n", "en"),
    ],
)
def test_browser_gets_the_language_with_the_highest_weight(header: str, language: str) -> None:
    assert i18n.accepted(header) == language


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "de_CH@euro"}, "de"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "de_DE"}, "de"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "", "LC_ALL": "de_DE"}, "de"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C.UTF-8", "LANGUAGE": "de"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "fr:de:en"}, "de"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "en_GB:de"}, "en"),
    ],
)
def test_command_follows_the_locale(environ: dict[str, str], language: str) -> None:
    assert i18n.of_environment(environ) == language


def test_language_reaches_worker_threads_and_ends_with_its_block() -> None:
    async def ask(language: str) -> tuple[str, str]:
        with i18n.using(language):
            await asyncio.sleep(0)
            return _(WORD), await console(_, WORD)

    async def ask_both() -> list[tuple[str, str]]:
        return list(await asyncio.gather(ask("de"), ask("en"), ask("de")))

    with ThreadPoolExecutor(1) as other:  # Playwright's loop runs in the thread of the tests
        found = other.submit(lambda: asyncio.run(ask_both())).result()
    assert found == [
        ("Benutzername", "Benutzername"), ("Username", "Username"), ("Benutzername", "Benutzername")
    ]  # fmt: skip
    assert (_(WORD), i18n.current()) == ("Username", "en")


def test_unknown_sentence_stays_english_and_its_blanks_are_filled() -> None:
    with i18n.using("de"):
        assert _("No catalogue contains %(what)s.", what="this") == "No catalogue contains this."
        assert ngettext("%(count)s x", "%(count)s xs", 1234) == "1.234 xs"
    assert ngettext("%(count)s x", "%(count)s xs", 1234) == "1,234 xs"
