"""Recovery codes: 24 characters of Crockford's Base32 (rules 3.8)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.domain import recovery_codes as recovery_code_rules
from watchword.domain.recovery_codes import ALPHABET, normalise, written

CODE = "0123456789ABCDEFGHJKMNPQ"
CODES = st.text(ALPHABET, min_size=24, max_size=24)


def test_code_has_120_bits_and_a_set_has_eight() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 32
    assert recovery_code_rules.LENGTH * 5 == 120
    assert recovery_code_rules.COUNT == 8
    assert recovery_code_rules.FEW == 2


@pytest.mark.parametrize("letter", "ILOU")
def test_alphabet_has_no_ambiguous_letter(letter: str) -> None:
    assert letter not in ALPHABET


@given(CODES)
def test_code_is_written_in_six_groups_of_four(code: str) -> None:
    assert re.fullmatch(r"([0-9A-Z]{4}-){5}[0-9A-Z]{4}", written(code))
    assert normalise(written(code)) == code


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        "0123-4567-89AB-CDEF-GHJK-MNPQ",
        "0123 4567 89AB CDEF GHJK MNPQ",
        "0123-4567-89ab-cdef-ghjk-mnpq",
        "  0123-4567-89AB-CDEF-GHJK-MNPQ\t",
        "01-23-45-67-89-AB-CD-EF-GH-JK-MN-PQ",
        "O123456789ABCDEFGHJKMNPQ",
        "o123456789ABCDEFGHJKMNPQ",
        "0I23456789ABCDEFGHJKMNPQ",
        "0i23456789ABCDEFGHJKMNPQ",
        "0L23456789ABCDEFGHJKMNPQ",
        "0l23456789ABCDEFGHJKMNPQ",
    ],
    ids=[
        "bare", "written", "spaces", "lower-case", "spaces-around", "other-groups", "O", "o", "I",
        "i", "L", "l",
    ],
)  # fmt: skip
def test_code_is_read_in_every_notation(typed: str) -> None:
    assert normalise(typed) == CODE


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "----",
        CODE[:-1],
        CODE + "0",
        "U" + CODE[1:],
        "é" + CODE[1:],
        "_" + CODE[1:],
        CODE[:-1] + "\0",
        CODE + "0" * 10_000,
        "123456",
    ],
    ids=[
        "empty", "hyphens", "23", "25", "U", "accent", "underscore", "nul", "endless", "a-code",
    ],
)  # fmt: skip
def test_invalid_text_is_not_a_recovery_code(typed: str) -> None:
    assert normalise(typed) is None


@given(CODES, st.lists(st.sampled_from(["", "-", " ", "\t", " - "]), min_size=24, max_size=24))
def test_hyphens_and_spaces_are_ignored(code: str, between: list[str]) -> None:
    typed = "".join(gap + c for gap, c in zip(between, code, strict=True))
    assert normalise(typed.lower()) == code


@given(st.text())
def test_normalised_code_is_valid_and_stable(typed: str) -> None:
    code = normalise(typed)
    if code is not None:
        assert len(code) == 24
        assert set(code) <= set(ALPHABET)
        assert normalise(code) == code
