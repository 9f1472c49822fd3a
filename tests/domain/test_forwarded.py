"""The client's address, scheme and host behind trusted proxies; forged headers are ignored."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.domain.forwarded import (
    NONE,
    Arrival,
    IPAddress,
    Trusted,
    arrival,
    client_of,
    is_forwarding,
    parsed,
)

PROXY = "10.0.0.2"
TRUSTED = Trusted((ip_network("10.0.0.0/29"), ip_network("2001:db8:ffff::/64")))
NAMES = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded", "x-real-ip"]
TEXT = st.text(st.characters(max_codepoint=255), max_size=60)
LINES = st.lists(TEXT, max_size=4)
SENT = st.dictionaries(st.sampled_from(NAMES), LINES.filter(bool), max_size=5)
ADDRESS = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))
CLIENT = ADDRESS.filter(lambda a: not TRUSTED.covers(str(a)))


def plain(address: IPAddress) -> str:
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


@given(SENT, CLIENT.map(str), st.sampled_from([NONE, TRUSTED]))
def test_headers_of_an_untrusted_peer_are_ignored(
    sent: dict[str, list[str]], peer: str, trusted: Trusted
) -> None:
    found = arrival(peer, "https", {**sent, "host": ["ops.example"]}, trusted)
    assert found == Arrival(peer, peer, "https", "ops.example", is_from_untrusted_peer=bool(sent))
    assert found.origin == "https://ops.example"


@given(LINES, CLIENT)
def test_addresses_left_of_the_client_are_ignored(forged: list[str], client: IPAddress) -> None:
    """The rightmost untrusted address counts: the proxy appended it."""
    assert client_of([*forged, str(client)], TRUSTED) == plain(client)
    line = ", ".join([*forged, str(client), "10.0.0.3", "2001:db8:ffff::9"])
    assert client_of([line], TRUSTED) == plain(client)


@given(LINES)
def test_any_header_gives_an_address_or_none(lines: list[str]) -> None:
    found = client_of(lines, TRUSTED)
    assert found is None or ip_address(found)
    assert arrival(PROXY, "https", {"x-forwarded-for": lines}, TRUSTED).address == (found or PROXY)


@given(st.lists(st.one_of(ADDRESS.map(str), TEXT), min_size=1, max_size=6), st.data())
def test_lines_of_a_header_are_joined(hops: list[str], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(hops)))
    lines = [",".join(part) for part in (hops[:cut], hops[cut:]) if part]
    assert client_of(lines, TRUSTED) == client_of([" ,\t".join(hops)], TRUSTED)


@given(CLIENT, st.integers(0, 65535))
def test_address_may_have_a_port(client: IPAddress, port: int) -> None:
    written = f"[{client}]" if isinstance(client, IPv6Address) else str(client)
    assert client_of([f"{written}:{port}"], TRUSTED) == plain(client)


@given(st.ip_addresses(v=6).filter(lambda a: not TRUSTED.covers(str(a))))
def test_ipv6_is_read_in_every_notation(client: IPv6Address) -> None:
    for written in (str(client), f"[{client}]", client.exploded, str(client).upper()):
        assert client_of([written], TRUSTED) == plain(client)


@given(st.ip_addresses(v=4))
def test_ipv4_mapped_ipv6_is_ipv4(address: IPv4Address) -> None:
    assert parsed(f"::ffff:{address}") == address
    assert TRUSTED.covers(f"::ffff:{address}") == TRUSTED.covers(str(address))


@pytest.mark.parametrize(
    "garbage",
    ["", " ", "unknown", "_hidden", "localhost", "192.0.2", "192.0.2.256", "192.0.2.7:", "1.2.3.4:x",
     "192.0.2.7:123456", "[192.0.2.7]", "[2001:db8::1", "2001:db8::1]", "[2001:db8::1]80", "[]",
     "[2001:db8::1]:", "fe80::1%eth0", '"192.0.2.7"', "192.0.2.7/32", "192.0.2.7;", "010.0.0.1",
     "١٩٢.0.2.7", "192.0.2.7\x00", "3221225985", "0x7f.1"],
)  # fmt: skip
def test_invalid_last_address_leaves_the_address_of_the_peer(garbage: str) -> None:
    """Many clients share the proxy's address, so it is not throttled."""
    for line in (garbage, f"192.0.2.7, {garbage}", f"192.0.2.7, {garbage}, 10.0.0.3"):
        found = arrival(PROXY, "https", {"x-forwarded-for": [line]}, TRUSTED)
        assert (found.address, found.via, found.is_shared) == (PROXY, "", True)
    found = arrival(PROXY, "https", {"x-forwarded-for": [f"{garbage}, 192.0.2.7"]}, TRUSTED)
    assert (found.address, found.via, found.is_shared) == ("192.0.2.7", PROXY, False)


def test_first_address_is_the_client_if_all_are_trusted() -> None:
    assert client_of(["10.0.0.5, 10.0.0.4", "10.0.0.3"], TRUSTED) == "10.0.0.5"
    assert client_of([], TRUSTED) is None


@pytest.mark.parametrize(
    ("lines", "scheme"),
    [
        ([], "http"), (["https"], "https"), (["HTTPS"], "https"), (["http"], "http"),
        (["https, http"], "http"), (["http", "https"], "https"), (["ftp"], "http"),
        (["https,"], "http"), ([""], "http"), (["https "], "https"), (["http\u017f"], "http"),
    ],
)  # fmt: skip
def test_last_scheme_counts(lines: list[str], scheme: str) -> None:
    found = arrival(PROXY, "http", {"x-forwarded-proto": lines}, TRUSTED)
    assert found.scheme == scheme


@pytest.mark.parametrize(
    ("lines", "host"),
    [
        ([], "inner:1"), (["ops.example"], "ops.example"), (["ops.example:8443"], "ops.example:8443"),
        (["evil.example, ops.example"], "ops.example"), (["[2001:db8::1]:8443"], "[2001:db8::1]:8443"),
        (["a b"], "inner:1"), (["ops.example/"], "inner:1"), (["user@ops.example"], "inner:1"),
        (["ops.example,"], "inner:1"), (["ops.example:"], "inner:1"), (["ops.example\n"], "inner:1"),
    ],
)  # fmt: skip
def test_last_host_counts_if_valid(lines: list[str], host: str) -> None:
    found = arrival(PROXY, "https", {"host": ["inner:1"], "x-forwarded-host": lines}, TRUSTED)
    assert found.host == host


@pytest.mark.parametrize("peer", ["", "testclient", "/run/socket", "10.0.0.300", "10.0.0.9"])
def test_unlisted_peer_is_not_trusted(peer: str) -> None:
    assert not TRUSTED.covers(peer)
    assert not NONE.covers(PROXY)


def test_link_local_peer_is_trusted_without_its_zone() -> None:
    assert Trusted((ip_network("fe80::1"),)).covers("fe80::1%eth0")


def test_forwarding_headers_are_recognised() -> None:
    for name in (*NAMES, "x-forwarded-port", "x-forwarded-server"):
        assert is_forwarding(["host", name])
    assert not is_forwarding(["host", "user-agent", "via", "x-request-id"])
