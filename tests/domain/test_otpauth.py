"""Key URIs: the texts that apps read from them, and distinct names for servers."""

from __future__ import annotations

import unicodedata
from urllib.parse import parse_qs, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.readers import Entry, entries
from watchword.domain import otpauth
from watchword.domain.totp import base32

SECRET = b"12345678901234567890"
BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ISSUERS = ["Watchword (192.0.2.1)", "Watchword (2001∶db8∶∶1)", "Example GmbH & Söhne"]
ACCOUNTS = {
    "alice": "alice",
    "ops:alice": "ops∶alice",
    ":a:": "∶a∶",
    "a%3Ab": "a%3Ab",
    "a b": "a b",
    "a@example.org": "a@example.org",
    "a/b?c#d&e=f+g": "a/b?c#d&e=f+g",
    "100%": "100%",
    "(a)": "(a)",
    "é": "é",
    "王小明": "王小明",
    "é" * 64: "é" * 64,
    "\U00020000" * 64: "\U00020000" * 64,
}


def test_four_readers_find_issuer_account_and_secret() -> None:
    cases = [(issuer, *pair) for issuer in ISSUERS for pair in ACCOUNTS.items()]
    uris = [otpauth.uri(SECRET, issuer=issuer, account=name) for issuer, name, _ in cases]
    for (issuer, _, shown), found in zip(cases, entries(uris), strict=True):
        expected = Entry(issuer, shown, BASE32)
        assert found == dict.fromkeys(["otpauth", "url-otpauth", "pyotp", "passlib"], expected)


@given(st.binary(min_size=20, max_size=20), TEXT, TEXT)
def test_decoded_label_has_one_colon_for_any_names(
    secret: bytes, account: str, chosen: str
) -> None:
    issuer = otpauth.issuer("example.org", chosen.replace(":", ""))
    uri = otpauth.uri(secret, issuer=issuer, account=account)
    assert uri.isascii()
    label, mark, query = uri.removeprefix("otpauth://totp/").partition("?")
    assert mark == "?"
    assert unquote(label).split(":") == [issuer, account.replace(":", "∶")]
    read = parse_qs(query, strict_parsing=True)
    assert read == {"secret": [base32(secret)], "issuer": [issuer]}


def test_colon_of_label_survives_compatibility_normalisation() -> None:
    label = otpauth.issuer("2001:db8::1")
    assert unicodedata.normalize("NFKC", label).count(":") == 0


@pytest.mark.parametrize(
    ("host", "chosen", "name"),
    [
        ("example.org", "", "Watchword (example.org)"),
        ("192.0.2.1", "", "Watchword (192.0.2.1)"),
        ("2001:db8::1", "", "Watchword (2001∶db8∶∶1)"),
        ("example.org", " Example Ltd ", "Example Ltd"),
        ("example.org", "  ", "Watchword (example.org)"),
        ("", "", "Watchword"),
        ("a" * 254, "", "Watchword"),
    ],
    ids=["host", "IPv4", "IPv6", "setting", "blank setting", "no host", "endless host"],
)
def test_issuer_names_the_server(host: str, chosen: str, name: str) -> None:
    assert otpauth.issuer(host, chosen) == name
