"""Typed and pasted text: decorated codes, and names with unseen characters."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.domain import enrolment_code, input_text, totp
from watchword.domain import recovery_codes as recovery_code_rules
from watchword.domain.accounts import username_key, username_problems
from watchword.domain.input_text import trimmed, visible

RECOVERY = "0123456789ABCDEFGHJKMNPQ"
ENROLMENT = "ABCD12345678"
TOTP = "123456"
FULL_WIDTH = {ord("-"): "－"} | {n: n + 0xFEE0 for n in range(0x21, 0x7F)}
UNSEEN = {
    "zero width space": "\u200b", "byte order mark": "\ufeff", "soft hyphen": "\u00ad",
    "left-to-right mark": "\u200e", "word joiner": "\u2060", "isolate": "\u2068",
    "variation selector": "\ufe0f", "Hangul filler": "\u3164",
}  # fmt: skip
SPACES = {"blank": " ", "no-break": "\u00a0", "tab": "\t", "newline": "\r\n", "thin": "\u2009",
          "ideographic": "\u3000"}  # fmt: skip
DASHES = dict.fromkeys("-‐‑‒–—―−⁃－﹣﹘ー", "")
MARKS = ["1. ", "1.", "8) ", "(3) ", "[2] ", "a) ", "• ", "* ", "- ", "– ", "‣ ", "☐ ", "[ ] ", "① ",
         "⒈ ", "#", "> ", "1: ", '"']  # fmt: skip
ENDS = [".", ". ", ",", ";", '"', "”", ")", "\u200b.", "。"]
READERS: dict[str, tuple[Callable[[str], str | None], str, str]] = {
    "recovery code": (
        recovery_code_rules.normalise,
        recovery_code_rules.written(RECOVERY),
        RECOVERY,
    ),
    "enrolment code": (enrolment_code.normalise, enrolment_code.written(ENROLMENT), ENROLMENT),
    "code": (totp.normalise, "123-456", TOTP),
}


def decorations(written: str) -> Iterator[str]:
    """Yield a code in each form in which people type or paste it."""
    yield from (mark + written for mark in MARKS)
    yield from (written + end for end in ENDS)
    yield from (written.replace("-", dash) for dash in DASHES)
    for unseen in {**UNSEEN, **SPACES}.values():
        yield unseen + written + unseen
        yield unseen.join(written)
    yield written.translate(FULL_WIDTH)
    yield f"1. {written.lower()}\u200b.\n"
    yield "".join(f"{c}\u200b\u200e–\u00a0" for c in written)


@pytest.mark.parametrize("kind", READERS)
def test_code_is_read_in_every_decoration(kind: str) -> None:
    reader, written, code = READERS[kind]
    unread = [ascii(typed) for typed in decorations(written) if reader(typed) != code]
    assert unread == []


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("inside", ["é", "_", "/", ".", "\0", "½", "0", "ß"])
def test_code_with_another_character_inside_is_invalid(kind: str, inside: str) -> None:
    reader, written, _code = READERS[kind]
    assert reader(written[:3] + inside + written[3:]) is None


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("character", ["\ufdfa", "\u0344", "1", "\u200b", "-"])
def test_very_long_input_is_refused_without_normalisation(kind: str, character: str) -> None:
    begun = time.process_time()
    assert READERS[kind][0](character * 1_000_000) is None
    assert time.process_time() - begun < 0.1


@given(st.text())
def test_read_code_characters_are_read_again_as_themselves(typed: str) -> None:
    for reader, _written, _code in READERS.values():
        code = reader(typed)
        assert code is None or reader(code) == code


@pytest.mark.parametrize("around", [*UNSEEN.values(), *SPACES.values()], ids=ascii)
def test_name_with_unseen_characters_around_it_has_the_key_of_the_name(around: str) -> None:
    assert username_key(f"{around}Ops:Alice{around}") == username_key("Ops:Alice")
    assert username_key(f" {around} alice \t{around}") == "alice"


@pytest.mark.parametrize("unseen", UNSEEN.values(), ids=ascii)
def test_name_with_unseen_characters_inside_has_the_key_of_the_name(unseen: str) -> None:
    assert username_key(f"ali{unseen}ce") == "alice"


@pytest.mark.parametrize("around", [*UNSEEN.values(), *SPACES.values()], ids=ascii)
@pytest.mark.parametrize("place", ["{}alice", "alice{}"])
def test_name_with_outer_unseen_characters_is_invalid(around: str, place: str) -> None:
    assert username_problems(place.format(around))


def test_inner_space_of_a_name_is_significant() -> None:
    assert username_key("alice b") != username_key("aliceb")


def test_inner_joiners_of_a_full_name_are_kept() -> None:
    assert trimmed("\ufeff \u200bمی\u200cخواهم\t") == "می\u200cخواهم"
    assert trimmed(" \u200b ") == ""
    assert visible("\u200b a@example.org\ufeff ") == "a@example.org"
    assert not input_text.is_invisible(" ")
