"""The duration of each rule for a text of the maximum request size.

A rule that loops in C (normalising accents takes quadratic time) blocks all threads, also the
event loop.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Network
from typing import Any, Final

import pytest

from tests.support import event_loop
from watchword.domain import (
    accounts,
    api_password,
    basic_auth,
    enrolment_code,
    forwarded,
    return_target,
    search,
    totp,
)
from watchword.domain import recovery_codes as recovery_code_rules

SIZE: Final = 64 * 1024
MOST: Final = 8
"""Multiples of `event_loop.unit`, one Python loop over a text of that length. Accents took 600."""
TEXTS: Final = {
    "accents": "\u0301\u0327" * (SIZE // 4),
    "a letter with accents": "e" + "\u0327\u0301" * (SIZE // 4),
    "ligatures": "\ufdfa" * (SIZE // 3),
    "blanks": " " * SIZE,
    "colons": "a:" * (SIZE // 2),
    "dots": "a." * (SIZE // 2),
    "hyphens": "-" * SIZE,
    "escapes": "/" + "%41" * (SIZE // 3),
    "segments": "/a" * (SIZE // 2),
    "digits": "1" * SIZE,
    "addresses": "10.0.0.1," * (SIZE // 9),
    "at signs": "@" * SIZE,
}
TRUSTED: Final = forwarded.Trusted((IPv4Network("10.0.0.0/8"),))
RULES: Final[dict[str, Callable[[str], Any]]] = {
    "username": accounts.username_problems,
    "username_key": accounts.username_key,
    "full name": accounts.full_name_problems,
    "email": accounts.email_problems,
    "password": lambda text: accounts.password_problems(text, shortest=15, context=["alice"]),
    "prepared": accounts.prepared,
    "API password": api_password.is_well_formed,
    "like an API password": basic_auth.ends_like_api_password,
    "Basic": lambda text: basic_auth.parse(b"Basic " + text.encode()),
    "code": totp.normalise,
    "recovery code": recovery_code_rules.normalise,
    "enrolment code": enrolment_code.normalise,
    "return target": return_target.safe_return_target,
    "search": search.asked,
    "forwarded for": lambda text: forwarded.client_of([text], TRUSTED),
}


@pytest.mark.parametrize("rule", RULES)
def test_rule_takes_about_one_pass_over_the_text(rule: str) -> None:
    long = {name: event_loop.time_of(partial(RULES[rule], text)) for name, text in TEXTS.items()}
    unit = max(event_loop.UNIT, event_loop.unit())
    assert [name for name, seconds in long.items() if seconds > MOST * unit] == []
