"""Edges of the window, neighbouring steps with the same code, drift, and texts for the app."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.domain.totp import (
    DRIFT_SEARCH,
    PERIOD,
    SECRET_BYTES,
    Drifted,
    Match,
    base32,
    code_at,
    find_step,
    normalise,
    time_step,
    token_groups,
    zone_offset,
)

SECRET = b"12345678901234567890"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECRETS = st.binary(min_size=20, max_size=20)
STEPS = st.integers(100, 2**34 // PERIOD)
TEXT = st.text(st.characters(codec="utf-8"), max_size=64)


def at(step: int, seconds: float = 0) -> datetime:
    return EPOCH + timedelta(seconds=step * PERIOD + seconds)


STEP = time_step(datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC))


def step_with_the_code_of_a_later_one(distance: int, begin: int) -> int:
    return next(s for s in count(begin) if code_at(SECRET, s) == code_at(SECRET, s + distance))


# One pair in a million: a search from today would take ten seconds, so it starts nearby.
TWIN = step_with_the_code_of_a_later_one(1, 62_075_000)
NEXT_BUT_ONE = step_with_the_code_of_a_later_one(2, 61_331_500)


@pytest.mark.parametrize(
    ("seconds", "step"),
    [
        (0, 0),
        (29.999999, 0),
        (30, 1),
        (59, 1),
        (60, 2),
        (2**31 - 1, 71582788),
        (2**32, 143165576),
        (20000000000, 666666666),
    ],
)
def test_step_lasts_thirty_seconds_after_2038(seconds: float, step: int) -> None:
    assert time_step(EPOCH + timedelta(seconds=seconds)) == step


def test_step_is_the_same_in_every_time_zone() -> None:
    local = datetime.fromisoformat("2026-03-14T20:54:26+05:45")
    assert time_step(local) == STEP


@pytest.mark.parametrize("hours", [-12, 0, 14])
def test_code_far_in_the_future_is_found(hours: int) -> None:
    now = datetime.fromtimestamp(20000000000, UTC) + timedelta(hours=hours)
    step = 666666666 + hours * 120
    assert find_step(SECRET, code_at(SECRET, step), now, step - 1) == Match(step)


def test_code_of_the_rfc_is_accepted_at_its_time() -> None:
    now = datetime.fromtimestamp(20000000000, UTC)
    assert find_step(SECRET, "353130", now, 0) == Match(666666666)
    assert find_step(SECRET, "353131", now, 0) is None


@pytest.mark.parametrize("digits", [6, 7, 8])
def test_code_is_the_end_of_the_longer_code(digits: int) -> None:
    for step in range(STEP, STEP + 50):
        code = code_at(SECRET, step, digits=digits)
        assert len(code) == digits
        assert code_at(SECRET, step, digits=9).endswith(code)


@pytest.mark.parametrize("hash_", [hashlib.sha1, hashlib.sha256, hashlib.sha512])
def test_code_depends_on_the_hash(hash_: object) -> None:
    others = {hashlib.sha1, hashlib.sha256, hashlib.sha512} - {hash_}
    mine = code_at(SECRET, STEP, digits=8, hash_=hash_)  # type: ignore[arg-type]
    assert mine not in {code_at(SECRET, STEP, digits=8, hash_=h) for h in others}


@pytest.mark.parametrize(
    ("window", "first", "last"),
    [
        pytest.param(0, 0, 29.999999, id="without-a-window"),
        pytest.param(1, -30, 59.999999, id="one-step"),
        pytest.param(2, -60, 89.999999, id="two-steps"),
    ],
)
def test_code_is_valid_exactly_as_long_as_rfc_6238_allows(
    window: int, first: float, last: float
) -> None:
    """RFC 6238, section 6: with two steps a code is valid for 89 seconds from its own step."""
    code, tick = code_at(SECRET, STEP), 0.000001
    for offset, expected in [
        (first - tick, None),
        (first, Match(STEP)),
        (0, Match(STEP)),
        (last, Match(STEP)),
        (last + tick, None),
    ]:
        assert find_step(SECRET, code, at(STEP, offset), 0, window=window) == expected


def test_default_window_is_one_step_to_each_side() -> None:
    for offset in (-2, 2):
        assert find_step(SECRET, code_at(SECRET, STEP + offset), at(STEP), 0) is None
    for offset in (-1, 0, 1):
        assert find_step(SECRET, code_at(SECRET, STEP + offset), at(STEP), 0) is not None


@pytest.mark.parametrize("window", [0, 1, 2])
def test_code_is_accepted_once(window: int) -> None:
    code = code_at(SECRET, STEP)
    found = find_step(SECRET, code, at(STEP), STEP - 1, window=window)
    assert found == Match(STEP)
    for later in range(-2, 3):
        assert find_step(SECRET, code, at(STEP + later), STEP, window=window) is None


def test_used_later_step_invalidates_earlier_ones() -> None:
    for used in (STEP, STEP + 1):
        assert find_step(SECRET, code_at(SECRET, STEP), at(STEP), used) is None
    assert find_step(SECRET, code_at(SECRET, STEP + 1), at(STEP), STEP) == Match(STEP + 1)


@pytest.mark.parametrize(
    ("now", "last_step", "window", "expected"),
    [
        (TWIN, TWIN - 1, 1, Match(TWIN)),
        (TWIN, TWIN, 1, Match(TWIN + 1)),
        (TWIN, TWIN + 1, 1, None),
        (TWIN, 0, 0, Match(TWIN)),
        (TWIN, TWIN, 0, None),
        (TWIN + 1, 0, 1, Match(TWIN)),
        (TWIN + 1, 0, 0, Match(TWIN + 1)),
        (TWIN + 2, 0, 1, Match(TWIN + 1)),
        (TWIN - 1, 0, 1, Match(TWIN)),
        (TWIN - 1, TWIN, 1, None),
        (TWIN - 1, TWIN, 2, Match(TWIN + 1)),
    ],
    ids=[
        "both-open", "first-used", "both-used", "no-window", "no-window-used", "in-the-second",
        "in-the-second-no-window", "first-too-old", "second-too-early", "second-too-early-used",
        "second-in-a-wider-window",
    ],
)  # fmt: skip
def test_smallest_unused_step_of_two_neighbours_is_found(
    now: int, last_step: int, window: int, expected: Match | None
) -> None:
    code = code_at(SECRET, TWIN)
    assert code == code_at(SECRET, TWIN + 1)
    assert find_step(SECRET, code, at(now), last_step, window=window) == expected


def test_earlier_of_two_equal_codes_is_found_across_the_window() -> None:
    step, code = NEXT_BUT_ONE, code_at(SECRET, NEXT_BUT_ONE)
    assert find_step(SECRET, code, at(step + 1), 0) == Match(step)
    assert find_step(SECRET, code, at(step + 1), step) == Match(step + 2)
    assert find_step(SECRET, code, at(step + 2), 0) == Match(step + 2)


def test_match_in_the_window_precedes_an_equal_code_outside() -> None:
    code = code_at(SECRET, TWIN)
    assert find_step(SECRET, code, at(TWIN - 1), 0, drift_search=20) == Match(TWIN)
    assert find_step(SECRET, code, at(TWIN + 1), 0, window=0, drift_search=20) == Match(TWIN + 1)


def test_nearer_of_two_drifted_steps_is_reported() -> None:
    code = code_at(SECRET, TWIN)
    assert find_step(SECRET, code, at(TWIN - 5), 0, drift_search=20) == Drifted(5)
    assert find_step(SECRET, code, at(TWIN + 6), 0, drift_search=20) == Drifted(-5)


@pytest.mark.parametrize("steps", [*range(-DRIFT_SEARCH, -1), *range(2, DRIFT_SEARCH + 1)])
def test_drift_is_reported_with_its_sign_within_the_search(steps: int) -> None:
    code = code_at(SECRET, STEP + steps)
    assert find_step(SECRET, code, at(STEP), 0, drift_search=DRIFT_SEARCH) == Drifted(steps)
    assert find_step(SECRET, code, at(STEP), 0, drift_search=abs(steps) - 1) is None


def test_used_step_is_not_reported_as_drifted() -> None:
    code = code_at(SECRET, STEP - 5)
    assert find_step(SECRET, code, at(STEP), STEP - 6, drift_search=20) == Drifted(-5)
    assert find_step(SECRET, code, at(STEP), STEP - 5, drift_search=20) is None


def test_search_stops_at_step_zero() -> None:
    assert find_step(SECRET, code_at(SECRET, 1), EPOCH, 0, drift_search=20) == Match(1)
    assert find_step(SECRET, code_at(SECRET, 0), EPOCH, -1, drift_search=20) == Match(0)


@given(SECRETS, STEPS, st.integers(0, 2), st.integers(-4, 4), st.integers(-4, 4))
def test_found_step_agrees_with_a_simple_implementation(
    secret: bytes, step: int, window: int, offset: int, used: int
) -> None:
    code, last_step = code_at(secret, step + offset), step + used
    right = [
        s
        for s in range(step - window, step + window + 1)
        if s > last_step and code_at(secret, s) == code
    ]
    expected = Match(right[0]) if right else None
    assert find_step(secret, code, at(step, 29.5), last_step, window=window) == expected


@given(SECRETS, STEPS, st.integers(0, 999_999))
def test_guess_matches_only_one_of_three_codes(secret: bytes, step: int, guess: int) -> None:
    code = f"{guess:06}"
    near = {code_at(secret, step + offset) for offset in (-1, 0, 1)}
    assert (find_step(secret, code, at(step), 0) is not None) is (code in near)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "      "])
def test_text_that_is_not_six_digits_never_matches(code: str) -> None:
    assert find_step(SECRET, code, at(STEP), 0, drift_search=20) is None


# --- what a person types ---------------------------------------------------------------------
ZEROS = "0٠۰߀०０𝟎𝟘"  # ASCII, Arabic, Persian, N'Ko, Devanagari, full-width, two mathematical
BETWEEN = st.sampled_from(["", " ", "-", "\t", "\u00a0", "\u2009", "\u3000", " - "])


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(ZEROS), BETWEEN), min_size=6,
                max_size=6))  # fmt: skip
def test_six_digits_of_any_script_with_gaps_are_read(typed: list[tuple[int, str, str]]) -> None:
    text = "".join(gap + chr(ord(zero) + digit) for digit, zero, gap in typed)
    assert normalise(text) == "".join(str(digit) for digit, _, _ in typed)


@given(st.text())
def test_normalised_code_is_six_ascii_digits_or_none(typed: str) -> None:
    read = normalise(typed)
    assert read is None or (len(read) == 6 and read.isascii() and read.isdecimal())
    assert read is None or normalise(read) == read


@pytest.mark.parametrize(
    "typed",
    [
        "12345", "1234567", "１２３４５", "123456789012", "-12345", "+12345", "12345.", "1e3456",
        "12345６７", "12345Ⅵ", "12345六", "12345፩", "12345\0", "12345\u200b",
    ],
    ids=[
        "five", "seven", "five-full-width", "twelve", "five-and-a-minus", "plus", "point",
        "exponent", "seven-mixed", "roman", "chinese", "ethiopic", "nul", "zero-width",
    ],
)  # fmt: skip
def test_other_lengths_and_characters_are_refused(typed: str) -> None:
    assert normalise(typed) is None


# --- what an app is given --------------------------------------------------------------------
@given(st.binary(min_size=1, max_size=64))
def test_base32_text_is_the_secret_without_padding(secret: bytes) -> None:
    text = base32(secret)
    assert "=" not in text
    assert base64.b32decode(text + "=" * (-len(text) % 8)) == secret
    assert "".join(token_groups(secret)) == text
    assert {len(group) for group in token_groups(secret)[:-1]} <= {4}


def test_token_of_a_secret_is_eight_groups_of_four() -> None:
    assert len(SECRET) == SECRET_BYTES
    assert token_groups(SECRET) == ["GEZD", "GNBV", "GY3T", "QOJQ"] * 2


@pytest.mark.parametrize("halves", [n for n in range(-28, 29) if n])
@pytest.mark.parametrize("near", [-2, 0, 2])
def test_zone_offset_is_found_for_every_half_hour(halves: int, near: int) -> None:
    code = code_at(SECRET, STEP + halves * 60 + near)
    found = zone_offset(SECRET, code, at(STEP))
    assert found == Drifted(halves * 60)


@pytest.mark.parametrize("steps", [-30, -3, 0, 1, 3, 30, 63, 29 * 60])
def test_code_of_another_offset_has_no_zone(steps: int) -> None:
    assert zone_offset(SECRET, code_at(SECRET, STEP + steps), at(STEP)) is None
