"""TOTP (RFC 6238): the vectors of Appendix B, the window and single use."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.domain import totp
from watchword.domain.totp import Drifted, Match, code_at, find_step, time_step

DIGITS = b"1234567890"
# The RFC's text gives one key; its code repeats that key up to the length of the hash.
KEYS = {
    "sha1": (hashlib.sha1, DIGITS * 2),
    "sha256": (hashlib.sha256, (DIGITS * 4)[:32]),
    "sha512": (hashlib.sha512, (DIGITS * 7)[:64]),
}
TIMES = (59, 1111111109, 1111111111, 1234567890, 2000000000, 20000000000)
VECTORS = {
    "sha1": "94287082 07081804 14050471 89005924 69279037 65353130",
    "sha256": "46119246 68084774 67062674 91819424 90698825 77737706",
    "sha512": "90693936 25091201 99943326 93441116 38618901 47863826",
}
TABLE = [
    (name, time, code)
    for name, codes in VECTORS.items()
    for time, code in zip(TIMES, codes.split(), strict=True)
]
SECRET = DIGITS * 2
NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
STEP = time_step(NOW)


@pytest.mark.parametrize(("name", "time", "code"), TABLE)
def test_rfc_6238_appendix_b(name: str, time: int, code: str) -> None:
    hash_, key = KEYS[name]
    step = time_step(datetime.fromtimestamp(time, UTC))
    assert code_at(key, step, digits=8, hash_=hash_) == code
    assert code_at(key, step, hash_=hash_) == code[2:]


def test_leading_zero_is_kept() -> None:
    assert code_at(SECRET, time_step(datetime.fromtimestamp(1111111109, UTC))) == "081804"


def test_step_is_thirty_seconds_rounded_down() -> None:
    at = datetime.fromtimestamp
    assert time_step(at(29.999, UTC)) == 0
    assert time_step(at(30, UTC)) == 1
    assert time_step(at(2**33, UTC)) == 2**33 // 30


def test_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        time_step(datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize("window", [0, 1, 2])
@pytest.mark.parametrize("offset", [-3, -2, -1, 0, 1, 2, 3])
def test_code_is_accepted_only_within_the_window(window: int, offset: int) -> None:
    found = find_step(SECRET, code_at(SECRET, STEP + offset), NOW, 0, window=window)
    assert found == (Match(STEP + offset) if abs(offset) <= window else None)


@pytest.mark.parametrize(
    ("last_step", "expected"),
    [(STEP - 1, Match(STEP)), (STEP, None), (STEP + 1, None)],
    ids=["earlier", "used", "later"],
)
def test_used_step_and_earlier_ones_are_refused(last_step: int, expected: object) -> None:
    assert find_step(SECRET, code_at(SECRET, STEP), NOW, last_step) == expected


def test_earlier_of_two_steps_with_one_code_is_used_first() -> None:
    """Otherwise this login would use up the owner's next code."""
    step = next(s for s in count(62_075_000) if code_at(SECRET, s) == code_at(SECRET, s + 1))
    now = datetime.fromtimestamp(step * 30, UTC)
    code = code_at(SECRET, step)
    assert find_step(SECRET, code, now, step - 1) == Match(step)
    assert find_step(SECRET, code, now, step) == Match(step + 1)
    assert find_step(SECRET, code, now, step + 1) is None


@pytest.mark.parametrize("steps", [-20, -3, 4, 20])
def test_code_of_a_wrong_clock_is_reported_as_drifted(steps: int) -> None:
    code = code_at(SECRET, STEP + steps)
    assert find_step(SECRET, code, NOW, 0, drift_search=20) == Drifted(steps)
    assert find_step(SECRET, code, NOW, 0) is None
    far = code_at(SECRET, STEP + 21)
    assert find_step(SECRET, far, NOW, 0, drift_search=20) is None


@given(st.binary(min_size=16, max_size=64), st.integers(0, 2**36), st.integers(0, 2))
def test_found_step_is_unused_and_has_the_code(secret: bytes, step: int, window: int) -> None:
    now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=step * 30 % 2**34)
    code = code_at(secret, time_step(now))
    found = find_step(secret, code, now, time_step(now) - 1, window=window)
    assert isinstance(found, Match)
    assert found.step > time_step(now) - 1
    assert code_at(secret, found.step) == code


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("123456", "123456"),
        (" 123 456 ", "123456"),
        ("123-456", "123456"),
        ("１２３４５６", "123456"),
        ("١٢٣٤٥٦", "123456"),
        ("12345", None),
        ("1234567", None),
        ("12345a", None),
        ("", None),
        ("½23456", None),
        ("1" * 10_000, None),
    ],
    ids=["plain", "spaces", "hyphen", "full-width", "arabic", "five", "seven", "letter", "empty",
         "fraction", "endless"],
)  # fmt: skip
def test_typed_code_is_read_as_six_digits_or_refused(typed: str, read: str | None) -> None:
    assert totp.normalise(typed) == read


def test_token_is_written_in_groups_of_four() -> None:
    assert " ".join(totp.token_groups(b"\0" * 20)) == " ".join(["AAAA"] * 8)
