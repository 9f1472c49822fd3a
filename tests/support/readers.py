"""Readers of Key URIs and QR codes on the enrolment page; none of them is our own code.

The Node packages are those of tests/node, which tools/node-packages.sh installs.
"""

from __future__ import annotations

import json
import subprocess
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pyotp

from tests.support import phone

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it still looks for the module crypt
    from passlib.totp import TOTP  # type: ignore[import-untyped]

_NODE = Path(__file__).parents[1] / "node"


@dataclass(frozen=True)
class Entry:
    """An entry in an authenticator app."""

    issuer: str
    account: str
    secret: str
    algorithm: str = "SHA1"
    digits: int = 6
    period: int = 30


def entries(uris: Sequence[str]) -> list[dict[str, Entry]]:
    """Return the entries of each Key URI by the name of the reader."""
    by_node = json.loads(_node("key_uris.cjs", json.dumps(uris).encode()))
    return [
        {name: _entry(**read) for name, read in found.items()}
        | {"pyotp": _by_pyotp(uri), "passlib": _by_passlib(uri)}
        for uri, found in zip(uris, by_node, strict=True)
    ]


def qr_codes(picture: bytes) -> dict[str, str]:
    """Return the text that each decoder reads in a PNG picture, by its name; "" for none."""
    pixels = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    # OpenCV's older detector misses one picture in ten, since it scales them first.
    by_opencv, _corners, _straight = cv2.QRCodeDetectorAruco().detectAndDecode(pixels)
    return {
        "zbarimg": phone.scan(picture),
        "OpenCV": str(by_opencv),
        "jsQR": _node("qr_code.cjs", picture).decode(),
    }


def _node(script: str, sent: bytes) -> bytes:
    command = ["node", str(_NODE / script)]
    return subprocess.run(command, input=sent, capture_output=True, check=True).stdout


def _entry(
    issuer: str,
    account: str,
    secret: str,
    algorithm: str | None = None,
    digits: int | None = None,
    period: int | None = None,
) -> Entry:
    return Entry(issuer, account, secret, algorithm or "SHA1", digits or 6, period or 30)


def _by_pyotp(uri: str) -> Entry:
    found = pyotp.parse_uri(uri)
    assert isinstance(found, pyotp.TOTP)
    algorithm = found.digest().name.upper()
    return _entry(
        str(found.issuer), found.name, found.secret, algorithm, found.digits, found.interval
    )


def _by_passlib(uri: str) -> Entry:
    found = TOTP.from_uri(uri)
    return _entry(
        found.issuer, found.label, found.base32_key, found.alg.upper(), found.digits, found.period
    )
