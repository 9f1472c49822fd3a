"""Python clients, written as in typical scripts. The interpreter must have their packages:

    python3 programs.py VARIANT < calls.json

Reads {"url", "ca", "calls": [[name, password], ...]}. Prints one outcome for each call: a status,
or the name of the exception that the client raised.
"""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import sys
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

URL = ""
CA = ""


def in_address(name: str, password: str) -> str:
    return URL.replace("://", f"://{quote(name, safe='')}:{quote(password, safe='')}@")


def requests_auth(name: str, password: str) -> int:
    import requests

    return requests.get(URL, auth=(name, password), verify=CA, timeout=30).status_code


def requests_bytes(name: str, password: str) -> int:
    import requests

    # requests accepts bytes; its annotations do not include them.
    auth: Any = (name.encode(), password.encode())
    return requests.get(URL, auth=auth, verify=CA, timeout=30).status_code


def requests_address(name: str, password: str) -> int:
    import requests

    return requests.get(in_address(name, password), verify=CA, timeout=30).status_code


def requests_header(name: str, password: str) -> int:
    import requests

    encoded = base64.b64encode(f"{name}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {encoded}"}
    return requests.get(URL, headers=headers, verify=CA, timeout=30).status_code


def curl_cffi_auth(name: str, password: str) -> int:
    import curl_cffi

    # curl_cffi accepts the path of a CA; its annotations do not include it.
    verify: Any = CA
    return curl_cffi.get(URL, auth=(name, password), verify=verify, timeout=30).status_code


def httpx_auth(name: str, password: str) -> int:
    import httpx

    context = ssl.create_default_context(cafile=CA)
    return int(httpx.get(URL, auth=(name, password), verify=context, timeout=30).status_code)


def httpx_address(name: str, password: str) -> int:
    import httpx

    context = ssl.create_default_context(cafile=CA)
    return int(httpx.get(in_address(name, password), verify=context, timeout=30).status_code)


def _opened(auth: urllib.request.BaseHandler | None, **headers: str) -> int:
    https = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=CA))
    opener = urllib.request.build_opener(https, *([auth] if auth else []))
    try:
        with opener.open(urllib.request.Request(URL, headers=headers), timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def urllib_challenged(name: str, password: str) -> int:
    known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    known.add_password(None, URL, name, password)
    return _opened(urllib.request.HTTPBasicAuthHandler(known))


def urllib_first(name: str, password: str) -> int:
    known = urllib.request.HTTPPasswordMgrWithPriorAuth()
    known.add_password(None, URL, name, password, is_authenticated=True)
    return _opened(urllib.request.HTTPBasicAuthHandler(known))


def urllib_header(name: str, password: str) -> int:
    encoded = base64.b64encode(f"{name}:{password}".encode()).decode()
    return _opened(None, Authorization=f"Basic {encoded}")


def _aiohttp(**options: object) -> int:
    import aiohttp  # type: ignore[import-not-found]

    async def ask() -> int:
        async with aiohttp.ClientSession() as session:
            context = ssl.create_default_context(cafile=CA)
            async with session.get(URL, ssl=context, **options) as answer:
                return int(answer.status)

    return asyncio.run(ask())


def aiohttp_auth(name: str, password: str) -> int:
    import aiohttp

    return _aiohttp(auth=aiohttp.BasicAuth(name, password))


def aiohttp_utf8(name: str, password: str) -> int:
    import aiohttp

    return _aiohttp(auth=aiohttp.BasicAuth(name, password, encoding="utf-8"))


def aiohttp_header(name: str, password: str) -> int:
    encoded = base64.b64encode(f"{name}:{password}".encode()).decode()
    return _aiohttp(headers={"Authorization": f"Basic {encoded}"})


def main() -> None:
    global URL, CA
    given = json.load(sys.stdin)
    URL, CA = given["url"], given["ca"]
    outcomes: list[int | str] = []
    for name, password in given["calls"]:
        try:
            outcomes.append(globals()[sys.argv[1]](name, password))
        except Exception as error:  # noqa: BLE001 - any exception is an outcome
            outcomes.append(type(error).__name__)
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    main()
