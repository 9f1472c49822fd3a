"""Properties of the HTTP Basic parser: round trips, malformed input, hidden passwords."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.domain import api_password, basic_auth
from watchword.domain.basic_auth import ends_like_api_password, parse

API = api_password.assemble("0123456789abcdefghijABCDEFGHIJ99")
DAMAGED = API[:-1] + ("0" if API[-1] != "0" else "1")
CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
LATIN = st.characters(max_codepoint=0xFF, exclude_categories=("Cc", "Cs"), exclude_characters=":")
NAMES, PASSWORDS = st.text(CHARACTERS, max_size=64), st.text(CHARACTERS, max_size=200)
NAMES_WITHOUT_COLON = NAMES.filter(lambda name: ":" not in name)
API_PASSWORDS = st.text(api_password.ALPHABET, min_size=32, max_size=32).map(api_password.assemble)


def header(text: str, charset: str = "utf-8") -> bytes:
    return b"Basic " + base64.b64encode(text.encode(charset))


def readings(sent: bytes) -> list[tuple[str, str]]:
    found = parse(sent)
    assert found is not None
    return [(c.username, c.password.reveal()) for c in found.candidates]


# --- round trips -----------------------------------------------------------------------------
def test_example_of_rfc_7617_is_read() -> None:
    assert readings(b"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==") == [("Aladdin", "open sesame")]


def test_example_of_rfc_7617_with_a_pound_sign_is_read() -> None:
    assert readings(b"Basic dGVzdDoxMjPCow==") == [("test", "123£")]
    assert readings(b"Basic dGVzdDoxMjOj") == [("test", "123£")]


@given(NAMES_WITHOUT_COLON, PASSWORDS.filter(lambda password: ":" not in password))
def test_single_colon_gives_one_reading(username: str, password: str) -> None:
    assert readings(header(f"{username}:{password}")) == [(username, password)]


@given(NAMES_WITHOUT_COLON, PASSWORDS)
def test_first_reading_splits_at_the_first_colon(username: str, password: str) -> None:
    if not ends_like_api_password(password):
        assert readings(header(f"{username}:{password}"))[0] == (username, password)


@given(NAMES, PASSWORDS)
def test_every_reading_joins_to_the_input(username: str, password: str) -> None:
    sent = f"{username}:{password}"
    found = readings(header(sent))
    assert all(f"{name}:{rest}" == sent for name, rest in found)
    assert found == sorted(set(found), key=lambda pair: len(pair[0]))
    assert ends_like_api_password(password) or (username, password) in found


@given(st.text(CHARACTERS, max_size=100), API_PASSWORDS)
def test_name_before_an_api_password_has_one_reading(username: str, password: str) -> None:
    found = parse(header(f"{username}:{password}"))
    assert found is not None
    assert found.is_api_password
    assert readings(header(f"{username}:{password}")) == [(username, password)]


@given(NAMES, PASSWORDS | API_PASSWORDS | st.tuples(PASSWORDS, API_PASSWORDS).map(":".join))
def test_only_text_in_api_password_form_is_read_as_one(username: str, password: str) -> None:
    found = parse(header(f"{username}:{password}"))
    assert found is not None
    assert found.is_api_password is ends_like_api_password(password)


@given(st.text(LATIN, max_size=64), st.text(LATIN, max_size=100))
def test_latin_1_is_read_if_utf_8_fails(username: str, password: str) -> None:
    sent = f"{username}:{password}".encode("latin-1")
    try:
        expected = sent.decode("utf-8")
    except UnicodeDecodeError:
        expected = f"{username}:{password}"
    if all(ord(c) >= 0x20 and ord(c) != 0x7F for c in expected):
        found = readings(b"Basic " + base64.b64encode(sent))
        assert found == [tuple(expected.split(":"))]


@given(st.binary(max_size=100))
def test_readings_contain_no_control_character(sent: bytes) -> None:
    found = parse(b"Basic " + base64.b64encode(sent))
    for candidate in found.candidates if found else ():
        text = candidate.username + candidate.password.reveal()
        assert not any(ord(c) < 0x20 or ord(c) == 0x7F for c in text)


# --- colons ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("sent", "is_api_password", "expected"),
    [
        ("alice:" + API, True, [("alice", API)]),
        ("do:main:" + API, True, [("do:main", API)]),
        (":" + API, True, [("", API)]),
        ("::" + API, True, [(":", API)]),
        (f"{API}:{API}", True, [(API, API)]),
        ("alice:" + DAMAGED, False, [("alice", DAMAGED)]),
        ("alice:" + API + " ", False, [("alice", API + " ")]),
        ("alice:x" + API, False, [("alice", "x" + API)]),
        (f"alice:{API}:", False, [("alice", API + ":"), ("alice:" + API, "")]),
        ("::", False, [("", ":"), (":", "")]),
        (":", False, [("", "")]),
    ],
    ids=[
        "plain", "colon-in-name", "no-name", "name-is-a-colon", "name-like-one", "damaged",
        "space-behind", "more-before", "colon-behind", "two-colons", "one-colon",
    ],
)  # fmt: skip
def test_text_after_the_last_colon_is_checked_as_api_password(
    sent: str, is_api_password: bool, expected: list[tuple[str, str]]
) -> None:
    found = parse(header(sent))
    assert found is not None
    assert found.is_api_password is is_api_password
    assert readings(header(sent)) == expected


@pytest.mark.parametrize(
    ("sent", "names"),
    [
        ("a" * 64 + ":pw", ["a" * 64]),
        ("a" * 65 + ":pw", ["a" * 65]),
        ("a:" + "b" * 62 + ":pw", ["a", "a:" + "b" * 62]),
        ("a:" + "b" * 63 + ":pw", ["a"]),
        ("a" * 70 + ":b:pw", ["a" * 70]),
        ("é" * 64 + ":pw", ["é" * 64]),
    ],
    ids=["64", "65-alone", "colon-at-64", "colon-at-65", "only-long-ones", "64-accents"],
)
def test_further_readings_have_names_of_valid_length(sent: str, names: list[str]) -> None:
    assert [name for name, _ in readings(header(sent))] == names


# --- what is broken --------------------------------------------------------------------------
@pytest.mark.parametrize("place", ["ali{}ce:pw", "{}alice:pw", "alice:p{}w", "alice:pw{}"])
@pytest.mark.parametrize("character", [*map(chr, range(0x20)), "\x7f"], ids=lambda c: f"{ord(c):x}")
def test_control_character_is_refused_in_both_parts(place: str, character: str) -> None:
    assert parse(header(place.format(""))) is not None
    found = parse(header(place.format(character)))
    if (place, character) == ("alice:pw{}", "\n"):  # parsed, but never accepted
        assert found is not None
        assert found.ends_in_newline
        return
    # A tab around the username is not part of it.
    is_read = (place, character) == ("{}alice:pw", "\t")
    assert found == (parse(header("alice:pw")) if is_read else None)


@pytest.mark.parametrize(
    "encoded",
    [
        b"YWxpY2U6cA",
        b"YWxpY2U6cA=",
        b"YWxpY2U6cA===",
        b"=YWxpY2U6cA==",
        b"YWxpY2U6cA==YWxp",
        b"YWxp Y2U6cA==",
        b"YWxpY2U6\ncA==",
        b"YWxpY2U6\tcA==",
        b"YWxpY2U6cA==,",
        b"YWxpY2U6cA==, Basic YWxpY2U6cA==",
        b"Oj8_Pz8_",
        b"Oj4-Pj4-",
        b'"YWxpY2U6cA=="',
        b"alice:pw",
        b"\xff\xfe",
        b"=",
        b"====",
    ],
    ids=[
        "no-padding", "half-padding", "more-padding", "padding-before", "text-behind",
        "space-inside", "newline-inside", "tab-inside", "comma", "two-headers-in-one", "url-safe-_",
        "url-safe-hyphen", "quoted", "not-encoded", "not-ascii", "only-padding", "all-padding",
    ],
)  # fmt: skip
def test_malformed_base64_has_no_credentials(encoded: bytes) -> None:
    assert parse(b"Basic YWxpY2U6cA==") is not None
    assert parse(b"Basic " + encoded) is None


@given(
    st.text(CHARACTERS, min_size=1, max_size=50), st.integers(0), st.sampled_from(b"!#$%&'*.:@_-")
)
def test_foreign_character_in_base64_is_refused(text: str, place: int, foreign: int) -> None:
    encoded = base64.b64encode(f"a:{text}".encode())
    cut = place % (len(encoded) + 1)
    assert parse(b"Basic " + encoded[:cut] + bytes([foreign]) + encoded[cut:]) is None


def test_credentials_have_at_most_4096_characters_of_base64() -> None:
    longest = header("a:" + "p" * 3070)
    assert len(longest) == len("Basic ") + basic_auth.MOST_BYTES
    assert parse(longest) is not None
    assert parse(header("a:" + "p" * 3071)) is None


# --- nothing is shown ------------------------------------------------------------------------
def test_reading_hides_its_password() -> None:
    found = parse(header("alice:swordfish"))
    assert "alice" in repr(found)
    assert "swordfish" not in repr(found)
