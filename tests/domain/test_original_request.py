"""Reading the original request (statements 14 to 16 of the gateway)."""

from __future__ import annotations

import pytest

from watchword.domain.original_request import (
    Fields,
    Flaw,
    OriginalRequest,
    of_envoy,
    of_forward,
    of_nginx,
)

WIKI = OriginalRequest("GET", "wiki.example", "/a?b")


def nginx(
    method: bytes = b"GET", url: bytes = b"https://wiki.example/a?b"
) -> list[tuple[bytes, bytes]]:
    return [(b"x-original-method", method), (b"x-original-url", url)]


def forward(
    method: bytes = b"GET",
    proto: bytes = b"https",
    host: bytes = b"wiki.example",
    uri: bytes = b"/a?b",
) -> list[tuple[bytes, bytes]]:
    return [
        (b"x-forwarded-method", method),
        (b"x-forwarded-proto", proto),
        (b"x-forwarded-host", host),
        (b"x-forwarded-uri", uri),
    ]


NEVER_READ: Fields = [
    (b"host", b"evil.example"),
    (b"forwarded", b"host=evil.example;proto=http"),
    (b"x-forwarded-prefix", b"/public"),
    (b"x-forwarded-port", b"80"),
    (b"x-forwarded-server", b"evil.example"),
    (b"x-real-ip", b"127.0.0.1"),
    (b"x_forwarded_host", b"evil.example"),
    (b"x-original-uri", b"/public"),
    (b"x-rewrite-url", b"/public"),
]


def test_each_endpoint_reads_its_own_family_of_fields_only() -> None:
    assert of_nginx([*NEVER_READ, *forward(uri=b"/evil"), *nginx()]) == WIKI
    assert of_forward([*NEVER_READ, *nginx(url=b"https://evil.example/"), *forward()]) == WIKI
    assert of_envoy("GET", [(b"host", b"wiki.example"), *forward(uri=b"/evil")], b"/a?b") == WIKI
    assert of_nginx(forward()) is Flaw.INCOMPLETE
    assert of_forward(nginx()) is Flaw.INCOMPLETE
    assert of_envoy("GET", [*nginx(), *forward()], b"/a") is Flaw.INCOMPLETE


@pytest.mark.parametrize("name", range(4))
@pytest.mark.parametrize("change", ["missing", "empty", "twice"])
def test_field_that_is_missing_empty_or_repeated_is_a_flaw(name: int, change: str) -> None:
    for fields, read in ((forward(), of_forward), (nginx(), of_nginx)):
        field = fields[name % len(fields)]
        others = [f for f in fields if f != field]
        sent = {"missing": [], "empty": [(field[0], b"")], "twice": [field, field]}[change]
        assert read([*others, *sent]) is Flaw.INCOMPLETE


METHODS = [b"GET,POST", b"GET ", b"G\xc3\x89T", b"GE\x00T", b"G" * 65, b"GET/1"]
HOSTS = [
    b"wiki.example, evil.example", b"user@wiki.example", b"wiki.example:80:443", b"wiki.example:",
    b"w\xc3\xadki.example", b"wiki .example", b"wiki.example/", b"wiki\x00.example",
]  # fmt: skip
TARGETS = [
    b"a", b"*", b"http://wiki.example/", b"/a b", b"/a\nb", b"/a\x00", b"/a\x7f", b"/\xff", b"\xff",
    b"/" + b"a" * 16384, "/ä".encode() * 6000, b"/a\xc2\x85b",
]  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_malformed_method_is_a_flaw(method: bytes) -> None:
    assert of_forward(forward(method=method)) is Flaw.METHOD
    assert of_nginx(nginx(method=method)) is Flaw.METHOD
    assert of_envoy(method.decode(), [(b"host", b"wiki.example")], b"/") is Flaw.METHOD


@pytest.mark.parametrize("host", HOSTS)
def test_malformed_host_is_a_flaw(host: bytes) -> None:
    assert of_forward(forward(host=host)) is Flaw.HOST
    assert isinstance(of_nginx(nginx(url=b"https://" + host + b"/")), Flaw) or b"/" in host
    assert of_envoy("GET", [(b"host", host)], b"/") is Flaw.HOST


@pytest.mark.parametrize("scheme", [b"http", b"HTTPS", b"https,http", b"ftp", b"ws", b" https"])
def test_scheme_other_than_https_is_a_flaw(scheme: bytes) -> None:
    assert of_forward(forward(proto=scheme)) is Flaw.SCHEME
    assert of_nginx(nginx(url=scheme + b"://wiki.example/")) is Flaw.SCHEME


@pytest.mark.parametrize("target", TARGETS)
def test_malformed_target_is_a_flaw(target: bytes) -> None:
    assert of_forward(forward(uri=target)) in {Flaw.TARGET, Flaw.INCOMPLETE}
    assert of_envoy("GET", [(b"host", b"wiki.example")], target) in {Flaw.TARGET, Flaw.INCOMPLETE}
    assert isinstance(of_nginx(nginx(url=b"https://wiki.example" + target)), Flaw)


def test_host_has_one_spelling_and_the_target_is_kept() -> None:
    for host in (b"WIKI.example", b"wiki.example.", b"wiki.example:443", b"Wiki.Example.:443"):
        assert of_forward(forward(host=host)) == WIKI
        assert of_nginx(nginx(url=b"https://" + host + b"/a?b")) == WIKI
    found = of_nginx(nginx(b"PROPFIND", b"https://wiki.example:8443//a/%2e%2E/;b#c?d?e#f"))
    assert found == OriginalRequest("PROPFIND", "wiki.example:8443", "//a/%2e%2E/;b#c?d?e#f")
    assert found.path == "//a/%2e%2E/;b#c"
