"""HTTP Basic authentication (RFC 7617) and usernames with colons."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.domain import api_password, basic_auth

API = api_password.assemble("0123456789abcdefghijABCDEFGHIJ99")
PRINTABLE = st.text(st.characters(min_codepoint=0x20, exclude_characters="\x7f",
                                  exclude_categories=("Cs", "Cc")))  # fmt: skip


def header(text: str, charset: str = "utf-8", scheme: bytes = b"Basic") -> bytes:
    return scheme + b" " + base64.b64encode(text.encode(charset))


def readings(text: str) -> list[tuple[str, str]]:
    found = basic_auth.parse(header(text))
    assert found is not None
    return [(c.username, c.password.reveal()) for c in found.candidates]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alice:pw", [("alice", "pw")]),
        ("do:main:pw", [("do", "main:pw"), ("do:main", "pw")]),
        (":pw", [("", "pw")]),
        ("alice:", [("alice", "")]),
        ("a:b:c:d", [("a", "b:c:d"), ("a:b", "c:d"), ("a:b:c", "d")]),
    ],
)
def test_each_colon_is_tried_as_separator(text: str, expected: list[tuple[str, str]]) -> None:
    assert readings(text) == expected


def test_api_password_is_split_at_the_last_colon() -> None:
    found = basic_auth.parse(header(f"a:b::c:{API}"))
    assert found is not None
    assert found.is_api_password
    assert [c.username for c in found.candidates] == ["a:b::c"]


def test_wrong_check_sum_is_not_an_api_password() -> None:
    damaged = API[:-1] + ("0" if API[-1] != "0" else "1")
    found = basic_auth.parse(header(f"alice:{damaged}"))
    assert found is not None
    assert not found.is_api_password


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"Basic",
        b"Basic ",
        b"Bearer abc",
        b"Basic !!!!",
        b"Basic YWxpY2U",
        header("alice"),
        header("al\0ice:pw"),
        header("alice:p\nw"),
        header("alice:\x7f"),
        b"Basic " + b"A" * 5000,
    ],
    ids=["empty", "scheme", "space", "bearer", "not-base64", "no-padding", "no-colon", "nul",
         "newline", "del", "endless"],
)  # fmt: skip
def test_malformed_header_has_no_credentials(sent: bytes) -> None:
    assert basic_auth.parse(sent) is None


@pytest.mark.parametrize("scheme", [b"basic", b"BASIC", b"Basic"])
def test_scheme_is_case_insensitive(scheme: bytes) -> None:
    assert basic_auth.parse(header("alice:pw", scheme=scheme)) is not None


@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
def test_umlaut_is_read_in_either_charset(charset: str) -> None:
    found = basic_auth.parse(header("jürgen:pässword", charset))
    assert found is not None
    assert found.candidates[0].username == "jürgen"
    assert found.candidates[0].password.reveal() == "pässword"


def test_number_of_candidates_is_limited() -> None:
    found = basic_auth.parse(header("x" + ":" * 2000))
    assert found is not None
    assert len(found.candidates) <= basic_auth.MOST_NAME_CHARACTERS


@given(PRINTABLE.filter(lambda t: len(t) <= 64), PRINTABLE)
def test_correct_reading_is_among_the_candidates(username: str, password: str) -> None:
    found = basic_auth.parse(header(f"{username}:{password}"))
    if found is None:
        assert len(header(f"{username}:{password}")) > basic_auth.MOST_BYTES
        return
    if not found.is_api_password:
        pairs = [(c.username, c.password.reveal()) for c in found.candidates]
        assert (username, password) in pairs


@given(st.binary(max_size=200))
def test_parser_accepts_any_bytes(sent: bytes) -> None:
    basic_auth.parse(sent)
    basic_auth.parse(b"Basic " + sent)
    basic_auth.parse(b"Basic " + base64.b64encode(sent))
