"""Credentials at the gateway: ours, the tool's, and those that are refused (statements 23 to 31)."""

from __future__ import annotations

import base64

import pytest

from watchword.domain import api_password
from watchword.domain.gateway_credentials import AMBIGUOUS, Presented, presented

API = api_password.assemble("0123456789abcdefghijABCDEFGHIJXX")
TOKEN = "17." + "aA0_-" * 8 + "xyz"


def basic(name: str, password: str) -> bytes:
    return b"Basic " + base64.b64encode(f"{name}:{password}".encode())


def shown(*fields: tuple[str, bytes]) -> Presented:
    return presented([(name.encode(), value) for name, value in fields])


@pytest.mark.parametrize("header", ["authorization", "watchword-authorization"])
@pytest.mark.parametrize(
    ("value", "username"),
    [
        (basic("alice", API), "alice"),
        (basic("do:main", API), "do:main"),
        (basic("jürgen 🦊", API), "jürgen 🦊"),
        (f"Bearer {API}".encode(), ""),
        (f"bearer  {API} ".encode(), ""),
    ],
)
def test_api_password_is_ours(header: str, value: bytes, username: str) -> None:
    found = shown((header, value))
    assert found.candidate is not None
    assert (found.candidate.username, found.candidate.password.reveal()) == (username, API)
    assert found.tools_authorization is None
    assert not found.is_ambiguous


@pytest.mark.parametrize(
    "value",
    [
        basic("alice", "correct horse"), b"Bearer eyJhbGciOi.JIUzI1.NiIs", b"", b"Basic", b"Basic x",
        b"PVEAPIToken=root@pam!x=00000000-0000", b'Digest username="a", uri="/"', b"Negotiate abc==",
        f"Bearer {API[:-1]}".encode(), f"Bearer {API[:-1]}!".encode(), b"AWS4-HMAC-SHA256 Credential=a/b",
    ],
)  # fmt: skip
def test_other_authorization_belongs_to_the_tool(value: bytes) -> None:
    found = shown(("authorization", value), ("watchword-authorization", basic("alice", API)))
    assert found.tools_authorization == value
    assert found.candidate is not None
    assert shown(("authorization", value)) == Presented(tools_authorization=value)


@pytest.mark.parametrize(
    "fields",
    [
        [("authorization", b"Basic eDp5"), ("authorization", b"Basic eDp5")],
        [("watchword-authorization", basic("a", API))] * 2,
        [("authorization", basic("a", API)), ("watchword-authorization", basic("a", API))],
        [("watchword-authorization", b"Basic eDp5")],
        [("watchword-authorization", b"")],
        [("authorization", basic("a", API) + b", Bearer x")],
        [("authorization", b"Bearer x, " + basic("a", API))],
        [("authorization", f"Token {API}".encode())],
        [("authorization", f"Bearer x{API}x".encode())],
        [("authorization", API.encode())],
        [("authorization", basic(API, "x"))],
        [("authorization", basic("", API))],
        [("authorization", basic("a", API + "\n"))],
        [("authorization", basic("a\0", API))],
        [("authorization", basic("a", API).rstrip(b"="))],
        [("authorization", b"Basic " + base64.urlsafe_b64encode(f"a??>>:{API}".encode()))],
    ],
)
def test_api_password_that_cannot_be_read_for_certain_is_refused(
    fields: list[tuple[str, bytes]],
) -> None:
    assert shown(*fields) == AMBIGUOUS


def cookies(*values: str) -> str | None:
    return shown(*(("cookie", value.encode("latin-1")) for value in values)).session_token


def test_session_cookie_is_read_once_and_exactly() -> None:
    ours = f"__Host-ww_v={TOKEN}"
    assert cookies(ours) == TOKEN
    assert cookies(f"a=b; {ours}; c=d") == TOKEN
    assert cookies("a=b", f"{ours} ") == TOKEN
    refused = [
        [ours, ours], [f"{ours}; {ours}"], [f"a=b, {ours}"], [f"{ours}, {ours}"], [f"{ours}, c=d"],
        [f"{ours}x"], [ours[:-1]], [f"{ours[:-1]}é"], [f'__Host-ww_v="{TOKEN}"'],
        [f"__host-ww_v={TOKEN}"], [f"x__Host-ww_v={TOKEN}"], ["__Host-ww_v =" + TOKEN],
        ["__Host-ww_v="], [f"__Host-ww_v={TOKEN[3:]}"], [f"__Host-ww_v=0{TOKEN}"],
        [f"{ours}; __Host-ww_v="], [f"__Host-ww_v={'1' * 19}{TOKEN[2:]}"],
    ]  # fmt: skip
    assert [cookies(*values) for values in refused] == [None] * len(refused)
