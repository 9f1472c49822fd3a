"""Return targets: only pages of this console are accepted."""

from __future__ import annotations

from urllib.parse import quote, unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.domain.return_target import safe_return_target

OWN = ["/", "/your-mfa-settings", "/administrators", "/administrators/17/edit", "/a_b/C-d/9",
       "/administrators/a%3Ab/edit", "/administrators/a.b%40example.org/edit",
       "/administrators/%D7%A0%D7%95%D7%A2%D7%9D/edit", "/administrators/a%20b~/delete",
       "/audit-log?account=x", "/audit-log?account=a%3Ab&event=&since=2026-11-24T10%3A00",
       "/administrators?search=two+words&sort=last_login&order=descending",
       "/administrators?search=a%2Fb&after=username+a%2Fb+7",
       "/administrators/a%3ab/edit?back=search%3Da%252Fb%26after%3D%25F0%259F",
       "/audit-log?account=..%2F..%2F%25%5C"]  # fmt: skip
NAMES = ["a/b", "/", "//evil.example", "../..", "a/../b", "..a", "...", "%", "%2F", "%00", "%0d%0a",
         "a?b", "a#b", "a;b", "a b", "a\\b", "\\\\evil.example", "https://evil.example", "x@evil",
         "javascript:alert(1)", '"><script>', "ops 🦊🔐🌈", "נועם", "🦊" * 64, "a&b=c+d"]  # fmt: skip
HOSTILE = {
    "empty": "",
    "relative": "your-mfa-settings",
    "absolute": "https://evil.example/",
    "other-scheme": "javascript:alert(1)",
    "data": "data:text/html,x",
    "no-scheme": "//evil.example",
    "three-slashes": "///evil.example",
    "double-inside": "/a//evil.example",
    "trailing-slash": "/a/",
    "backslash": "/\\evil.example",
    "two-backslashes": "\\\\evil.example",
    "tab-between": "/\t/evil.example",
    "newline-between": "/\n/evil.example",
    "newline-behind": "/a\n",
    "header-split": "/a\r\nLocation: https://evil.example",
    "nul": "/a\0",
    "space-before": " /a",
    "at-sign": "/@evil.example",
    "user-info": "/a:b@evil.example",
    "dot": "/.",
    "parent": "/../a",
    "inner-parent": "/a/../b",
    "encoded-slash": "/%2f%2fevil.example",
    "encoded-backslash": "/%5cevil.example",
    "encoded-newline": "/a%0d%0a",
    "escaped-dots": "/a/%2e%2e/b",
    "escaped-dot": "/a/.%2E/b",
    "dots-behind": "/a/..",
    "escaped-slash-two-names": "/administrators/%2fa/%2fevil.example/edit",
    "escaped-slash-in-front": "/%2f/a/edit",
    "escaped-slash-behind": "/administrators/a/%2f%2fevil.example",
    "escaped-name-and-dots": "/administrators/%2fa/..",
    "escaped-name-and-slash": "/administrators/%2fa//evil.example",
    "escaped-name-trailing": "/administrators/%2fa/edit/",
    "escaped-name-and-fragment": "/administrators/%2fa/edit#b",
    "escaped-name-and-target": "/administrators/%2fa/edit?to=x",
    "dots-as-a-name": "/administrators/../edit",
    "escaped-dots-as-a-name": "/administrators/%2e%2E/edit",
    "escaped-dot-as-a-name": "/administrators/%2e/edit",
    "full-width-dots-as-a-name": "/administrators/%EF%BC%8E%EF%BC%8E/edit",
    "escaped-nul-in-a-name": "/administrators/a%00b/edit",
    "escaped-line-in-a-name": "/administrators/a%0d%0aLocation%3a/edit",
    "escaped-control-in-a-name": "/administrators/a%C2%85b/edit",
    "escaped-line-separator-in-a-name": "/administrators/a%E2%80%A8b/edit",
    "escaped-delete-in-a-name": "/administrators/%7f/edit",
    "escaped-bidi-in-a-name": "/administrators/%E2%80%AE%2f/edit",
    "no-utf-8-in-a-name": "/administrators/%2f%ff/edit",
    "overlong-slash-in-a-name": "/administrators/%C0%AF/edit",
    "surrogate-in-a-name": "/administrators/%ED%A0%80/edit",
    "half-an-escape-in-a-name": "/administrators/%2f%/edit",
    "wrong-escape-in-a-name": "/administrators/%2g/edit",
    "space-at-the-end-of-a-name": "/administrators/%2f%20/edit",
    "raw-backslash-in-a-name": "/administrators/a\\b/edit",
    "raw-at-in-a-name": "/administrators/a@evil.example/edit",
    "too-long-a-name": "/administrators/" + "%2F" * 65 + "/edit",
    "target-in-a-query": "/administrators?to=x",
    "target-behind-a-query": "/administrators?search=x&to=%2F%2Fevil.example",
    "control-in-a-query": "/audit-log?account=%00",
    "raw-slash-in-a-query": "/audit-log?account=a/b",
    "escaped-nul": "/administrators/%00",
    "escaped-delete": "/administrators/%7F",
    "escaped-slash-alone": "/administrators/%2f%0a",
    "dots-as-a-page": "/administrators/%2e%2e",
    "half-an-escape": "/administrators/%3",
    "query-alone": "?account=x",
    "query-of-the-first-page": "/?to=x",
    "query-of-an-address": "/login?to=https://evil.example",
    "query-of-an-escaped-address": "/login?to=%2F%2Fevil.example",
    "query-twice": "/a?b=c?d=e",
    "query-with-newline": "/a?b=%0Ac",
    "query": "/a?next=//evil.example",
    "fragment": "/a#b",
    "semicolon": "/a;b",
    "full-width-solidus": "/／evil",
    "division-slash": "/∕evil",
    "accent": "/é",
    "arabic-digit": "/١",
    "bidi": "/\u202ea",
    "surrogate": "/\ud800",
    "markup": '/"><script>',
}


@pytest.mark.parametrize("target", OWN)
def test_own_page_is_kept(target: str) -> None:
    assert safe_return_target(target) == target


@pytest.mark.parametrize("target", HOSTILE.values(), ids=HOSTILE)
def test_other_target_is_replaced_by_the_first_page(target: str) -> None:
    assert safe_return_target(target) == "/"


@pytest.mark.parametrize("act", ["", "?edit=yes", "/reset-secret", "/delete?back=search%3Da%252Fb"])
@pytest.mark.parametrize("name", NAMES)
def test_page_of_an_account_with_any_name_is_kept(name: str, act: str) -> None:
    """The escapes are kept as received: upper and lower case, also needless ones."""
    upper = f"/administrators/{quote(name, safe='')}{act}"
    every = "".join(f"%{byte:02x}" for byte in name.encode())
    for target in (upper, f"/administrators/{every}{act}"):
        assert safe_return_target(target) == target
        assert safe_return_target(target.replace("administrators", "/evil.example")) == "/"


def test_target_has_at_most_4096_characters() -> None:
    assert safe_return_target("/" + "a" * 1199) == "/" + "a" * 1199
    assert safe_return_target("/" + "a" * 4096) == "/"


PIECES = [
    "/",
    "/administrators/",
    "/edit",
    "..",
    "%25",
    "%0a",
    "%00",
    "?to=",
    "\\",
    ":",
    "@",
    ".",
    "%",
    "?",
    "=",
    "&",
    "#",
    "a",
    "%3A",
    "%2F",
    "%5c",
    "%2e",
    "+",
]
TARGETS = (
    st.text("/\\:@.%?#;=&aA1-_ \t\r\n\0／é", max_size=20)
    | st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
    | st.text()
    | st.sampled_from(OWN)
)


@given(TARGETS)
def test_browser_stays_on_our_host_for_any_target(target: str) -> None:
    safe = safe_return_target(target)
    assert safe in (target, "/")
    resolved = urlsplit(urljoin("https://watchword.example/login", safe))
    assert (resolved.scheme, resolved.netloc) == ("https", "watchword.example")
    query = f"?{resolved.query}" if resolved.query else ""
    assert (resolved.path + query, resolved.fragment) == (safe, "")
    assert "//" not in safe
    assert not {"\\", "\r", "\n", "\0"} & set(safe)
    assert not {"\r", "\n", "\0"} & set(unquote(safe))
    assert not {".", ".."} & set(unquote(resolved.path).split("/")) or "%2F" in safe.upper()
    assert safe_return_target(safe) == safe
