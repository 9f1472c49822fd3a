"""Settings of proxies and plain HTTP: refusals and their messages."""

from __future__ import annotations

import pytest

from watchword.cli import messages
from watchword.config import interfaces, is_plain, load, speaks_plain, trusted
from watchword.domain.operational_errors import SettingsInvalid

BEHIND = {
    "WATCHWORD_TRUSTED_PROXIES": "10.0.0.2",
    "WATCHWORD_CONSOLE_URL": "https://console.example",
    "WATCHWORD_API_URL": "https://api.example",
    "WATCHWORD_PLAIN_HTTP_BEHIND_TRUSTED_PROXY": "true",
}
ALONE = {"WATCHWORD_INSECURE_PLAIN_HTTP_ON_LOOPBACK": "true"}


@pytest.mark.parametrize(
    ("text", "covered", "outside"),
    [
        ("10.0.0.2", "10.0.0.2", "10.0.0.3"),
        (" 10.0.0.2 ,2001:db8::/64 ", "2001:db8::7", "2001:db8:1::7"),
        ("10.0.0.0/29", "10.0.0.7", "10.0.0.8"),
        ("::1", "::1", "127.0.0.1"),
        ("10.0.0.0/8,172.16.0.0/12", "172.31.0.1", "11.0.0.1"),
        ("fc00::/7", "fd00::7", "fe80::7"),
    ],
)
def test_addresses_and_networks_are_trusted(text: str, covered: str, outside: str) -> None:
    found = trusted(load(environ={"WATCHWORD_TRUSTED_PROXIES": text}).settings)
    assert found.covers(covered)
    assert not found.covers(outside)


def test_no_proxy_is_trusted_by_default() -> None:
    assert not trusted(load(environ={}).settings).covers("127.0.0.1")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("localhost", "not-a-network"), ("10.0.0.7/8", "not-a-network"), ("10.0.0.2 10.0.0.3", "not-a-network"),
        ("10.0.0.2,", "not-a-network"), ("*", "not-a-network"), ("10.0.0.0/33", "not-a-network"),
        ("0.0.0.0/0", "too-large"), ("::/0", "too-large"), ("2000::/3", "too-large"),
        ("0.0.0.0/1,128.0.0.0/1", "too-large"), ("::/1, 8000::/1", "too-large"),
        ("128.0.0.0/2,192.0.0.0/2,0.0.0.0/1", "too-large"), ("10.0.0.2,64.0.0.0/2", "too-large"),
        (",".join(f"{n}.0.0.0/8" for n in range(256)), "too-large"),
    ],
)  # fmt: skip
def test_an_invalid_or_too_large_network_is_refused(text: str, problem: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load(environ={"WATCHWORD_TRUSTED_PROXIES": text})
    assert refused.value.facts["problem"] == problem
    assert "trusted_proxies (environment WATCHWORD_TRUSTED_PROXIES)" in str(
        messages.lines_of(refused.value)
    )


def test_plain_http_behind_a_proxy_needs_the_proxy_and_its_addresses() -> None:
    assert is_plain(load(environ=BEHIND).settings)
    for missing in list(BEHIND)[:3]:
        with pytest.raises(SettingsInvalid) as refused:
            load(environ={k: v for k, v in BEHIND.items() if k != missing})
        assert refused.value.facts["problem"] == "needs-proxy"
    with pytest.raises(SettingsInvalid) as refused:
        load(environ={**BEHIND, "WATCHWORD_API_URL": "http://api.example"})
    assert refused.value.facts["problem"] == "not-an-origin"


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"WATCHWORD_CONSOLE": "0.0.0.0:8470"}, "not-loopback"),
        ({"WATCHWORD_API": "10.0.0.5:8474"}, "not-loopback"),
        ({"WATCHWORD_API": "[::]:8474"}, "not-loopback"),
        (BEHIND, "not-behind-proxy"),
    ],
)
def test_insecure_plain_http_needs_loopback_listeners(more: dict[str, str], problem: str) -> None:
    assert is_plain(load(environ=ALONE).settings)
    assert is_plain(load(environ={**ALONE, "WATCHWORD_API": "[::1]:8474"}).settings)
    with pytest.raises(SettingsInvalid) as refused:
        load(environ={**ALONE, **more})
    assert refused.value.facts["problem"] == problem
    assert "insecure_plain_http_on_loopback" in messages.lines_of(refused.value)[0]


def test_gateway_without_trusted_proxies_is_refused_with_the_reason() -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load(environ={"WATCHWORD_GATEWAY": "127.0.0.1:8476"})
    assert refused.value.facts == {
        "where": "gateway (environment WATCHWORD_GATEWAY)", "problem": "asked-by-nothing",
    }  # fmt: skip
    message = "\n".join(messages.lines_of(refused.value))
    assert "trusted_proxies is empty" in message


def test_gateway_speaks_http_on_loopback_only() -> None:
    for listen, is_http in (
        ("127.0.0.1:8476", True),
        ("[::1]:8476", True),
        ("192.0.2.7:8476", False),
    ):
        environ = {"WATCHWORD_GATEWAY": listen, "WATCHWORD_TRUSTED_PROXIES": "192.0.2.1"}
        settings = load(environ=environ).settings
        (gateway,) = (each for each in interfaces(settings) if each.name == "gateway")
        assert speaks_plain(settings, gateway) is is_http
    assert [each.name for each in interfaces(load(environ={}).settings)] == ["console", "api"]
