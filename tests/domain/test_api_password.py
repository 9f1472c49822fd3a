"""The format and the age of API passwords."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.domain import api_password
from watchword.domain.api_password import (
    ALPHABET,
    Due,
    _checksum,
    assemble,
    due,
    expires_at,
    hint,
    is_well_formed,
)

RANDOM = st.text(ALPHABET, min_size=32, max_size=32)
GOOD = assemble("0123456789abcdefghijABCDEFGHIJ99")


def test_check_sum_of_known_api_passwords_is_stable() -> None:
    """Fixed values: a new check sum would invalidate every stored API password."""
    assert assemble("0" * 32) == "wwp_0000000000000000000000000000000022Mn8e"
    assert assemble("z" * 32) == "wwp_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz12ikTu"
    assert GOOD == "wwp_0123456789abcdefghijABCDEFGHIJ991HpETP"


@given(RANDOM)
def test_api_password_matches_the_secret_scanner_pattern(random: str) -> None:
    password = assemble(random)
    assert re.fullmatch(r"wwp_[0-9A-Za-z]{38}", password)
    assert len(password) == api_password.LENGTH == 42
    assert password[4:36] == random
    assert is_well_formed(password)


def test_alphabet_is_base62_without_colon() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 62
    assert ALPHABET.isascii()
    assert ALPHABET.isalnum()


@given(RANDOM, st.integers(0, 41), st.sampled_from(ALPHABET))
def test_wrong_character_is_detected(random: str, place: int, typed: str) -> None:
    good = assemble(random)
    damaged = good[:place] + typed + good[place + 1 :]
    assert is_well_formed(damaged) is (damaged == good)


@given(RANDOM, st.integers(4, 40))
def test_swapped_neighbours_are_detected(random: str, place: int) -> None:
    good = assemble(random)
    swapped = good[:place] + good[place + 1] + good[place] + good[place + 2 :]
    assert is_well_formed(swapped) is (swapped == good)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "wwp_",
        GOOD[:-1],
        GOOD + "0",
        " " + GOOD,
        GOOD + " ",
        GOOD + "\n",
        GOOD.swapcase(),
        GOOD.upper(),
        "WWP_" + GOOD[4:],
        "ghp_" + GOOD[4:],
        GOOD.replace("1", "１", 1),
        GOOD[:10] + ":" + GOOD[11:],
        GOOD[:10] + "-" + GOOD[11:],
        GOOD + GOOD,
        GOOD + "é",
        GOOD + ":" + _checksum(GOOD + ":"),
    ],
    ids=[
        "empty", "prefix-only", "short", "long", "space-before", "space-behind", "newline",
        "case-swapped", "upper-case", "prefix-upper", "other-prefix", "full-width", "colon",
        "hyphen", "twice", "accent-behind",
        "longer-with-a-right-check-sum",
    ],
)  # fmt: skip
def test_similar_text_is_not_well_formed(text: str) -> None:
    assert not is_well_formed(text)


@pytest.mark.parametrize(
    "random",
    ["", "0" * 31, "0" * 33, "0" * 31 + ":", "0" * 31 + "_", "0" * 31 + "é", "0" * 31 + "１"],
    ids=["empty", "short", "long", "colon", "underscore", "accent", "full-width"],
)
def test_assemble_requires_32_base62_characters(random: str) -> None:
    with pytest.raises(ValueError, match="32 Base62"):
        assemble(random)


@given(st.text())
def test_check_accepts_any_text(text: str) -> None:
    assert not is_well_formed(text) or len(text) == 42
    assert not is_well_formed("wwp_" + text) or len(text) == 38


def test_hint_is_the_prefix_and_four_random_characters() -> None:
    assert hint(GOOD) == "wwp_0123"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_network_of_an_address_is_its_prefix(address: str, network: str) -> None:
    """Text that is not an address (a test client, a local socket) is its own network."""
    assert api_password.network_of(address) == network


MADE = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("most_days", "age", "expected"),
    [
        (0, 10_000 * DAY, None),  # 0 turns expiry off
        (90, 90 * DAY, Due.EXPIRED),
        (90, 90 * DAY - SECOND, Due.EXPIRES_SOON),
        (90, 76 * DAY, Due.EXPIRES_SOON),
        (90, 76 * DAY - SECOND, None),
        (90, -DAY, None),  # generated while the clock was ahead
    ],
)
def test_api_password_expires_after_the_setting_with_two_weeks_notice(
    most_days: int, age: timedelta, expected: Due | None
) -> None:
    now = MADE + age
    assert due(MADE, now, most_days, now) is expected
    assert (expires_at(MADE, most_days) is None) == (most_days == 0)


@pytest.mark.parametrize(
    ("last_used", "now", "expected"),
    [
        (None, MADE + 180 * DAY, None),
        (None, MADE + 180 * DAY + SECOND, Due.UNUSED),
        (MADE + DAY, MADE + 181 * DAY, None),
        (MADE + DAY, MADE + 181 * DAY + SECOND, Due.UNUSED),
    ],
)
def test_api_password_unused_for_half_a_year_is_reported(
    last_used: datetime | None, now: datetime, expected: Due | None
) -> None:
    assert due(MADE, last_used, 0, now) is expected
    assert due(MADE, last_used, 3000, now) is expected


def test_missing_api_password_is_not_due() -> None:
    assert due(None, None, 1, MADE) is None
    assert expires_at(None, 1) is None
