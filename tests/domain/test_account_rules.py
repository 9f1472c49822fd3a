"""Limits of the rules for names and passwords (rules 3.6), with the facts of each problem."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.domain import api_password
from watchword.domain.accounts import (
    Administrator,
    email_problems,
    full_name_problems,
    password_problems,
    prepared,
    username_key,
    username_problems,
)
from watchword.domain.errors import Problem
from watchword.domain.mfa import Mfa

API = api_password.assemble("0" * 32)
NOW = datetime(2026, 3, 14, tzinfo=UTC)
CONTEXT = ["Alice-of-Wonderland", "watchword-server", "Straße.example.org", ""]

UNSEEN = {
    "nul": "\0", "tab": "\t", "newline": "\n", "escape": "\x1b", "delete": "\x7f",
    "next-line": "\x85", "csi": "\x9b", "soft-hyphen": "\xad", "grapheme-joiner": "\u034f",
    "arabic-letter-mark": "\u061c", "hangul-filler": "\u115f", "jungseong-filler": "\u1160",
    "khmer-aq": "\u17b4", "khmer-aa": "\u17b5", "mongolian-variant": "\u180b",
    "mongolian-vowel": "\u180e", "mongolian-variant-4": "\u180f", "zero-width-space": "\u200b",
    "zero-width-non-joiner": "\u200c", "zero-width-joiner": "\u200d",
    "left-to-right-mark": "\u200e", "right-to-left-mark": "\u200f", "line": "\u2028",
    "paragraph": "\u2029", "embedding": "\u202a", "pop": "\u202c", "override": "\u202e",
    "word-joiner": "\u2060", "isolate": "\u2066", "pop-isolate": "\u2069",
    "braille-blank": "\u2800", "hangul-letter-filler": "\u3164", "private": "\ue000",
    "variation-1": "\ufe00", "variation-16": "\ufe0f", "byte-order-mark": "\ufeff",
    "half-width-filler": "\uffa0", "annotation": "\ufff9", "tag": "\U000e0041",
    "variation-17": "\U000e0100", "variation-256": "\U000e01ef", "surrogate": "\udfff",
    "private-plane": "\U0010fffd",
}  # fmt: skip


def rule_of(problems: list[Problem]) -> str | None:
    assert len(problems) <= 1, "one problem for each field"
    return problems[0].rule if problems else None


# --- usernames -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name",
    [
        "a", "a" * 64, "𠮷" * 64, "alice@example.org", "DOMAIN\\alice", "do:main", ":", "a b", "a-",
        "_", "...", ".a", "a.", "0", "alice2", "Zoë", "Zoe\u0308", "Łukasz", "Михаил", "Ελένη",
        "алиса-2", "李alice", "アリス", "مدير", "מנהל", "관리자", "🦊", "alice🦊",
    ],
    ids=[
        "one", "64", "64-beyond-the-bmp", "mail", "windows", "colon", "only-a-colon",
        "space-inside", "hyphen-behind", "underscore", "three-dots", "dot-before", "dot-behind",
        "digit", "with-digit", "accent", "combining-accent", "latin-extended", "cyrillic", "greek",
        "cyrillic-with-digit", "han-and-latin", "kana", "arabic", "hebrew", "hangul", "emoji",
        "emoji-behind",
    ],
)  # fmt: skip
def test_valid_username_has_no_problem(name: str) -> None:
    assert username_problems(name) == []


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("", "required"),
        (" ", "required"),
        ("\u3000", "required"),
        ("a" * 65, "too-long"),
        ("𠮷" * 65, "too-long"),
        (" a", "space-at-end"),
        ("a ", "space-at-end"),
        ("a\u00a0", "space-at-end"),
        ("\u3000a", "space-at-end"),
        ("-", "leading-hyphen"),
        ("--help", "leading-hyphen"),
        (".", "dots"),
        ("..", "dots"),
        ("aлиса", "mixed-scripts"),
        ("alicе", "mixed-scripts"),
        ("alicε", "mixed-scripts"),
        ("алиσа", "mixed-scripts"),
        ("aаα", "mixed-scripts"),
        ("李aа", "mixed-scripts"),
        ("a\u0378", "unassigned"),
        ("\uffff", "unassigned"),
    ],
    ids=[
        "empty", "space", "wide-space", "65", "65-beyond-the-bmp", "space-before", "space-behind",
        "no-break-space", "wide-space-before", "hyphen", "option", "dot", "two-dots",
        "latin-cyrillic", "cyrillic-e", "latin-greek", "cyrillic-greek", "all-three",
        "with-han-between", "unassigned", "noncharacter",
    ],
)  # fmt: skip
def test_invalid_username_has_the_problem_of_its_rule(name: str, rule: str) -> None:
    assert username_problems(name) == [Problem("username", rule, {"most": 64})]


@pytest.mark.parametrize("character", UNSEEN.values(), ids=UNSEEN)
def test_username_with_unseen_character_is_invalid(character: str) -> None:
    assert rule_of(username_problems(f"a{character}b")) == "unseen"
    assert rule_of(username_problems(f"ab{character}")) is not None
    assert rule_of(username_problems(f"{character}ab")) is not None


@given(st.text(max_size=70))
def test_accepted_username_keeps_every_rule(name: str) -> None:
    if username_problems(name):
        return
    assert 1 <= len(name) <= 64
    assert name == name.strip()
    assert not name.startswith("-")
    assert not {unicodedata.category(c) for c in name} & {"Cc", "Cf", "Cs", "Co", "Cn"}
    assert username_key(username_key(name)) == username_key(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Alice", "aLICE"), ("ａｌｉｃｅ", "alice"), ("straße", "STRASSE"), ("ﬃ", "FFI"),
        ("Zoë", "Zoe\u0308"), ("Σίσυφος", "σίσυφοσ"), ("①", "1"), ("ℌ", "h"), ("Å", "å"),
    ],
    ids=[
        "case", "full-width", "sharp-s", "ligature", "composition", "final-sigma", "circled",
        "fraktur", "angstrom",
    ],
)  # fmt: skip
def test_spellings_of_a_name_have_the_same_key(one: str, other: str) -> None:
    assert one != other
    assert username_key(one) == username_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("alice", "alicе"), ("alice", "alice2"), ("alice", "alicé"), ("i", "ı"), ("a b", "ab")],
    ids=["cyrillic-e", "longer", "accent", "dotless-i", "space"],
)
def test_different_names_have_different_keys(one: str, other: str) -> None:
    assert username_key(one) != username_key(other)


@pytest.mark.parametrize(("read", "most"), [(username_key, 64), (prepared, 1024)])
def test_too_long_text_is_truncated_before_normalisation(
    read: Callable[[str], str | bytes], most: int
) -> None:
    """Normalising 10,000 unordered accents blocks all threads for a third of a second."""
    accents = "a" + "\u0360" * 5000 + "\u0334" * 5000
    assert len(read(accents)) <= 2 * (4 * most + 1)


@pytest.mark.parametrize(("read", "most"), [(username_key, 64), (prepared, 1024 // 3)])
def test_too_long_text_differs_from_every_valid_text(
    read: Callable[[str], str | bytes], most: int
) -> None:
    """U+1F82 needs four code points when decomposed, more than any other character."""
    longest = "\u1f82" * most
    written = unicodedata.normalize("NFD", longest)
    assert read(longest) == read(written)
    assert len(written) == 4 * most
    assert read(written) not in {read(written + "a"), read(written + "ab" * 5000)}


@pytest.mark.parametrize(
    "character", ["a", "\u0dd9\u0dcf\u0dca", "\u03b1\u0313\u0300\u0345", "\ud800", "\U0001f600", "\u0301"],
    ids=["letter", "smallest-composed", "most-written", "surrogate", "four-bytes", "accent"],
)  # fmt: skip
def test_truncated_password_is_still_too_long(character: str) -> None:
    for count in (1025, 3100, 5000, 70_000):
        assert len(prepared(character * count)) > 1024


@pytest.mark.parametrize(
    ("name", "has_colon"), [("do:main", True), (":", True), ("domain", False), ("a;b", False)]
)
def test_has_colon_is_true_only_for_names_with_a_colon(name: str, has_colon: bool) -> None:
    administrator = Administrator(1, name, "", "", False, False, 1, NOW, NOW, None, "")
    assert administrator.has_colon is has_colon
    assert administrator.mfa == Mfa()


# --- full names and mail ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("full_name", "expected"),
    [
        ("", []),
        ("x" * 200, []),
        ("𠮷" * 200, []),
        ("Zoë <b>Ångström</b>", []),
        ("می\u200cخواهم", []),
        ("x" * 201, [Problem("full_name", "too-long", {"most": 200})]),
        ("a\nb", [Problem("full_name", "unseen")]),
        ("a\x1b[31m", [Problem("full_name", "unseen")]),
        ("a\x9b31m", [Problem("full_name", "unseen")]),
        ("a\u2028b", [Problem("full_name", "unseen")]),
        ("a\u2029b", [Problem("full_name", "unseen")]),
        ("\ud800", [Problem("full_name", "unseen")]),
        ("\u0378", [Problem("full_name", "unseen")]),
        ("\u202egro.elpmaxe", [Problem("full_name", "unseen")]),
        ("a\u202ab", [Problem("full_name", "unseen")]),
        ("a\u2066b\u2069", [Problem("full_name", "unseen")]),
        ("נועם \u200fלוי\u200e", []),
        ("👩\u200d💻 Ada", []),
    ],
    ids=[
        "empty", "200", "200-beyond-the-bmp", "markup-is-text", "joiner-in-a-name", "201", "newline",
        "escape", "csi", "line", "paragraph", "surrogate", "unassigned", "override", "embedding",
        "isolate", "right-to-left-with-marks", "joined-emoji",
    ],
)  # fmt: skip
def test_full_name_has_up_to_200_printable_characters(
    full_name: str, expected: list[Problem]
) -> None:
    assert full_name_problems(full_name) == expected


@pytest.mark.parametrize(
    "email",
    ["", "a@b", "alice+x@example.org", "é@müller.example", "a" * 252 + "@b", '"ab"@c'],
    ids=["empty", "short", "plus", "accents", "254", "quoted"],
)  # fmt: skip
def test_valid_email_address_has_no_problem(email: str) -> None:
    assert email_problems(email) == []


@pytest.mark.parametrize(
    ("email", "rule"),
    [
        ("a" * 253 + "@b", "too-long"),
        ("alice", "not-an-address"),
        ("@", "not-an-address"),
        ("@b", "not-an-address"),
        ("a@", "not-an-address"),
        ("a@b@c", "not-an-address"),
        ("a@@b", "not-an-address"),
        ("a b@c", "not-an-address"),
        ("a@b ", "not-an-address"),
        ("a\u00a0b@c", "not-an-address"),
        ("a\n@b", "not-an-address"),
        ("a@b\r\nBcc: c@d", "not-an-address"),
        ("a\u200b@b", "not-an-address"),
        ("a\u202e@b", "not-an-address"),
        ("\ud800@b", "not-an-address"),
    ],
    ids=[
        "255", "no-at", "only-at", "no-local", "no-domain", "two-ats", "neighbouring-ats", "space",
        "space-behind", "no-break-space", "newline", "header", "zero-width", "bidi", "surrogate",
    ],
)  # fmt: skip
def test_invalid_email_address_has_the_problem_of_its_rule(email: str, rule: str) -> None:
    facts = {"most": 254} if rule == "too-long" else {}
    assert email_problems(email) == [Problem("email", rule, facts)]


# --- passwords -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "password",
    [
        "fifteen chars..", "a b c d e f g h", "abc" * 5, "aaaaaaaaaaaaabc", "密码" * 7 + "安",
        "🦊🐢🐙" * 5, " leading and trailing ", "ab12" * 256, "x" * 1022 + "yz",
        "my Alice-of-Wonderland", "watchword-server2", "wwp_" + "0" * 38, "a:b:c:d:e:f:g:h",
        API + "x", "x" + API, API + ":", "otter pencil gravel:",
    ],
    ids=[
        "15", "spaces", "three-distinct", "three-distinct-at-last", "han", "emoji", "outer-spaces",
        "1024-bytes", "1024-bytes-few", "more-than-the-word", "word-and-digit", "wrong-check-sum",
        "colons", "api-and-more", "more-and-api", "api-and-colon", "colon-behind",
    ],
)  # fmt: skip
def test_valid_password_has_no_problem(password: str) -> None:
    assert password_problems(password, shortest=15, context=CONTEXT) == []


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("", "required"),
        ("a", "too-short"),
        ("fourteen chars", "too-short"),
        ("密码安" * 4 + "全强", "too-short"),
        ("ab12" * 256 + "c", "too-long"),
        ("密码安" * 113 + "全强度", "too-long"),
        ("otter\0pencil gravel", "unseen"),
        ("otter\npencil gravel", "unseen"),
        ("otter\x85pencil gravel", "unseen"),
        ("otter\ud800pencil gravel", "unseen"),
        ("a" * 15, "few-characters"),
        ("ab" * 8, "few-characters"),
        ("Alice-of-Wonderland", "context-word"),
        ("ALICE-OF-WONDERLAND", "context-word"),
        ("dnalrednow-fo-ecila", "context-word"),
        ("Dnalrednow-Fo-Ecila", "context-word"),
        ("watchword-server", "context-word"),
        ("revres-drowhctaw", "context-word"),
        ("STRASSE.EXAMPLE.ORG", "context-word"),
        (API, "like-an-api-password"),
        ("secret:" + API, "like-an-api-password"),
        (":" + API, "like-an-api-password"),
        ("a:b:" + API, "like-an-api-password"),
    ],
    ids=[
        "empty", "1", "14", "14-of-42-bytes", "1025-bytes", "342-of-1026-bytes", "nul", "newline",
        "c1", "surrogate", "one-distinct", "two-distinct", "username", "username-upper",
        "username-reversed", "username-reversed-mixed", "product", "product-reversed",
        "host-folded", "api", "ends-in-api", "colon-and-api", "two-colons-and-api",
    ],
)  # fmt: skip
def test_invalid_password_has_the_problem_of_its_rule(password: str, rule: str) -> None:
    assert password_problems(password, shortest=15, context=CONTEXT) == [
        Problem("password", rule, {"shortest": 15, "most": 1024})
    ]


@pytest.mark.parametrize("shortest", [8, 15, 20])
def test_shortest_length_comes_from_the_settings(shortest: int) -> None:
    text = "abcdefghijklmnopqrstuvwxyz"
    assert password_problems(text[:shortest], shortest=shortest, context=[]) == []
    short = password_problems(text[: shortest - 1], shortest=shortest, context=[])
    assert short == [Problem("password", "too-short", {"shortest": shortest, "most": 1024})]


def test_problem_names_the_given_field() -> None:
    found = password_problems("", shortest=15, context=[], field_name="new_password")
    assert [p.field for p in found] == ["new_password"]


def test_password_length_counts_the_hashed_bytes() -> None:
    """1,026 bytes as typed, 684 bytes once composed."""
    typed = "e\u0301" * 340 + "abcdef"
    assert len(typed.encode()) > 1024 >= len(prepared(typed))
    assert password_problems(typed, shortest=15, context=[]) == []


def test_empty_context_word_is_ignored() -> None:
    assert rule_of(password_problems("", shortest=0, context=[""])) == "required"
    assert password_problems("otter pencil gravel", shortest=15, context=["", ""]) == []


@pytest.mark.parametrize(
    ("password", "hashed"),
    [
        ("e\u0301", b"\xc3\xa9"),
        ("\u00e9", b"\xc3\xa9"),
        ("\u212b", b"\xc3\x85"),
        ("ﬁ", b"\xef\xac\x81"),
        ("Ａ", b"\xef\xbc\xa1"),
        (" A  b ", b" A  b "),
        ("a\u200bb", b"a\xe2\x80\x8bb"),
        ("\ud800", b"\xed\xa0\x80"),
        ("", b""),
    ],
    ids=[
        "decomposed", "composed", "angstrom", "ligature-stays", "full-width-stays", "spaces-stay",
        "zero-width-stays", "surrogate", "empty",
    ],
)  # fmt: skip
def test_password_is_only_composed_before_hashing(password: str, hashed: bytes) -> None:
    assert prepared(password) == hashed


@given(st.text(max_size=50))
def test_both_compositions_of_a_password_give_the_same_bytes(password: str) -> None:
    expected = prepared(password)
    for form in ("NFC", "NFD"):
        assert prepared(unicodedata.normalize(form, password)) == expected


@given(st.text(max_size=60))
def test_accepted_password_keeps_every_rule(password: str) -> None:
    if not password_problems(password, shortest=15, context=CONTEXT):
        assert len(password) >= 15
        assert len(set(password)) >= 3
        assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in password)
        assert len(prepared(password)) <= 1024
