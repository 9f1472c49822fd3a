"""Redaction of secrets in every textual representation."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.domain.secret import REDACTED, Secret

VALUE = "QXZ-7391-hidden"


@dataclass(frozen=True)
class Form:
    """A dataclass with a secret, like forms and settings."""

    username: str
    password: Secret


def logged(secret: Secret) -> str:
    return logging.LogRecord("x", 30, "", 1, "typed: %s %r", (secret, secret), None).getMessage()


WAYS: dict[str, Callable[[Secret], str]] = {
    "repr": repr,
    "str": str,
    "ascii": ascii,
    "format": format,
    "format-with-a-spec": lambda s: format(s, ">20"),
    "str.format": lambda s: "{} {!r} {:.3}".format(s, s, s),  # noqa: UP032
    "percent": lambda s: "%s %r" % (s, s),  # noqa: UP031
    "f-string": lambda s: f"{s} {s!r} {s!s} {s:<3}",
    "f-string-debug": lambda s: f"{s=}",
    "in-a-list": lambda s: str([s]),
    "as-a-key": lambda s: str({s: 1}),
    "in-a-dataclass": lambda s: repr(Form("alice", s)),
    "json-by-str": lambda s: json.dumps({"password": s}, default=str),
    "json-by-repr": lambda s: json.dumps({"password": s}, default=repr),
    "in-an-exception": lambda s: repr(ValueError(s)) + str(ValueError(s)),
    "logged": logged,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_secret_is_redacted(way: Callable[[Secret], str]) -> None:
    written = way(Secret(VALUE))
    assert REDACTED in written
    assert VALUE not in written
    assert VALUE[:3] not in written


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_redaction_hides_the_length(way: Callable[[Secret], str]) -> None:
    assert way(Secret("")) == way(Secret("x" * 500))


REFUSED: dict[str, Callable[[Secret], object]] = {
    "json": json.dumps,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "asdict": lambda s: asdict(Form("alice", s)),
    "join": lambda s: "".join(cast("list[str]", [s])),
    "add": lambda s: "password: " + s,  # type: ignore[operator]
    "iterate": lambda s: list(cast("str", s)),
    "len": lambda s: len(cast("str", s)),
    "vars": vars,
}


@pytest.mark.parametrize("way", REFUSED.values(), ids=REFUSED)
def test_secret_is_not_usable_as_text(way: Callable[[Secret], object]) -> None:
    with pytest.raises(TypeError) as refused:
        way(Secret(VALUE))
    assert VALUE not in str(refused.value)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_secret_is_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Secret(VALUE), protocol)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps([Form("alice", Secret(VALUE))], protocol)


@given(st.text(), st.text())
def test_secrets_are_equal_if_their_values_are(one: str, other: str) -> None:
    assert (Secret(one) == Secret(other)) is (one == other)
    assert Secret(one) == Secret(one)
    assert hash(Secret(one)) == hash(Secret(one))
    assert len({Secret(one), Secret(other)}) == len({one, other})


@pytest.mark.parametrize("other", [VALUE, VALUE.encode(), REDACTED, None, 0, object()])
def test_secret_differs_from_plain_values(other: object) -> None:
    assert Secret(VALUE) != other
    assert other != Secret(VALUE)


@pytest.mark.parametrize("value", ["", "ä", "\ud800", "\0", "密码", "a" * 10_000])
def test_reveal_returns_the_exact_value(value: str) -> None:
    assert Secret(value).reveal() == value
    assert Secret(value) == Secret(value)


def test_secret_accepts_no_attributes() -> None:
    with pytest.raises(AttributeError):
        Secret(VALUE).value = VALUE  # type: ignore[attr-defined]
