"""Host names of applications and of requests for them (statement 14 of the gateway)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.domain.application_hosts import of_input, of_request


@pytest.mark.parametrize(
    ("sent", "host"),
    [
        ("wiki.example", "wiki.example"),
        ("WIKI.Example", "wiki.example"),
        ("wiki.example.", "wiki.example"),
        ("wiki.example:443", "wiki.example"),
        ("wiki.example.:443", "wiki.example"),
        ("wiki.example:8443", "wiki.example:8443"),
        ("my_wiki-2", "my_wiki-2"),
        ("192.0.2.7", "192.0.2.7"),
        ("[2001:DB8:0::1]", "[2001:db8::1]"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
    ],
)
def test_host_of_a_request_has_one_spelling(sent: str, host: str) -> None:
    assert of_request(sent) == host
    assert of_request(host) == host


@pytest.mark.parametrize(
    "sent",
    [
        "", ".", "..", "wiki..example", ".wiki.example", "wiki.example..", "wiki.example,evil.example",
        "user@wiki.example", "user:x@wiki.example", "wiki.example:", "wiki.example:0",
        "wiki.example:0443", "wiki.example:65536", "wiki.example:443:443", "wiki example",
        "wiki.example ", "wiki.example\t", "wiki.example\0", "wiki.example/", "bücher.example",
        "wíki.example", "ｗｉｋｉ.example", "-wiki.example", "wiki-.example", "a" * 64 + ".example",
        ".".join(["a" * 63] * 4) + ".example", "[2001:db8::1", "[::1%eth0]", "[wiki]", "2001:db8::1",
        "192.0.2.256", "192.0.2", "1.2.3.4.5", "0x7f000001", "127.1", "wiki.example\n", "*.example",
    ],
)  # fmt: skip
def test_malformed_host_of_a_request_is_none(sent: str) -> None:
    assert of_request(sent) is None


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        (" Wiki.Example. ", "wiki.example"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("straße.example:8443", "xn--strae-oqa.example:8443"),
        ("bücher.example.", "xn--bcher-kva.example"),
        ("https://wiki.example", None),
        ("bücher .example", None),
        ("bücher.example:x", None),
        ("ü" * 300, None),
    ],
)
def test_typed_host_becomes_what_browsers_send(typed: str, host: str | None) -> None:
    assert of_input(typed) == host


@given(st.text(max_size=70))
def test_host_of_any_text_is_stable(text: str) -> None:
    for found in (of_request(text), of_input(text)):
        assert found is None or of_request(found) == found
