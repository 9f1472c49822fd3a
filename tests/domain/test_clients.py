"""Names of clients by User-Agent headers as current clients send them."""

from __future__ import annotations

import pytest

from watchword.domain.clients import MOST_CHARACTERS, Client, client_of

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5"
_ANDROID = f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36"
_WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/142.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "client"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
         Client("Firefox", "Windows")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
         Client("Firefox", "Linux")),
        ("Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
         Client("Firefox", "Android")),
        (f"{_IPHONE} FxiOS/145.0 Mobile/15E148 Safari/605.1.15", Client("Firefox", "iPhone")),
        (_WINDOWS, Client("Chrome", "Windows")),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {_WEBKIT} Chrome/142.0.0.0 Safari/537.36",
         Client("Chrome", "ChromeOS")),
        (f"Mozilla/5.0 (X11; Linux x86_64) {_WEBKIT} HeadlessChrome/142.0.0.0 Safari/537.36",
         Client("Chrome", "Linux")),
        (_ANDROID, Client("Chrome", "Android")),
        (f"{_IPHONE} CriOS/142.0.7444.46 Mobile/15E148 Safari/604.1", Client("Chrome", "iPhone")),
        (f"{_WINDOWS} Edg/142.0.0.0", Client("Edge", "Windows")),
        (f"{_ANDROID} EdgA/142.0.0.0", Client("Edge", "Android")),
        (f"{_IPHONE} Version/18.0 EdgiOS/142.0.3595.65 Mobile/15E148 Safari/604.1",
         Client("Edge", "iPhone")),
        (f"{_WINDOWS} OPR/123.0.0.0", Client("Opera", "Windows")),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_APPLE} Safari/605.1.15",
         Client("Safari", "macOS")),
        (f"{_IPHONE} Version/18.5 Mobile/15E148 Safari/604.1", Client("Safari", "iPhone")),
        (f"Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) {_APPLE} Mobile/15E148 Safari/604.1",
         Client("Safari", "iPad")),
        ("Mozilla/5.0 (Windows NT 10.0; Microsoft Windows 10.0.19045; en-US) PowerShell/7.4.6",
         Client("PowerShell", "Windows")),
        ("w3m/0.5.3+git20230121", Client("w3m")),
        ("Lynx/2.9.0dev.12 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.7.8", Client("Lynx")),
        ("Mozilla/5.0 (X11; FreeBSD amd64)", Client("", "FreeBSD")),
        ("curl/8.5.0", Client("curl 8.5")),
        ("Wget/1.21.4", Client("Wget 1.21")),
        ("python-requests/2.32.3", Client("python-requests 2.32")),
        ("Python-urllib/3.13", Client("Python-urllib 3.13")),
        ("python-httpx/0.28.1", Client("python-httpx 0.28")),
        ("Python/3.12 aiohttp/3.11.10", Client("Python 3.12")),
        ("ansible-httpget", Client("ansible-httpget")),
        ("Go-http-client/1.1", Client("Go-http-client")),
        ("Java-http-client/21.0.5", Client("Java-http-client 21.0")),
        ("Java/1.8.0_432", Client("Java 1.8")),
        ("Apache-HttpClient/4.5.14 (Java/17.0.13)", Client("Apache-HttpClient 4.5")),
        ("okhttp/4.12.0", Client("okhttp 4.12")),
        ("node", Client("node")),
    ],
)  # fmt: skip
def test_client_is_named(user_agent: str, client: Client) -> None:
    assert client_of(user_agent) == client


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("", ""),
        ("(none)", "(none)"),
        ("Mozilla/5.0 (compatible; probe)", "Mozilla/5.0 (compatible; probe)"),
        ("   spaced \t out   ", "spaced out"),
        ("\u202e<b>\u200bx", "<b>x"),
        ("/" * 200, "/" * (MOST_CHARACTERS - 1) + "…"),
        ("a" * 200, "a" * (MOST_CHARACTERS - 1) + "…"),
        ("a/" + "9" * 200, "a 9999"),
    ],
)
def test_unknown_client_is_shortened(user_agent: str, name: str) -> None:
    assert client_of(user_agent) == Client(name)
