"""A phone that reads QR codes from pictures and shows codes, made of other people's programs."""

from __future__ import annotations

import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit


def scan(picture: bytes) -> str:
    """Return the text of the one QR code in a PNG picture, read by zbarimg."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "screen.png"
        file.write_bytes(picture)
        command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    if len(lines) != 1:
        raise AssertionError(f"{len(lines)} QR codes in the picture: {done.stderr}")
    return lines[0]


def secret_in(otpauth_uri: str) -> str:
    """Return the Base32 secret of an otpauth address."""
    return parse_qs(urlsplit(otpauth_uri).query)["secret"][0]


def label_in(otpauth_uri: str) -> str:
    """Return the name of the entry in the app."""
    return unquote(urlsplit(otpauth_uri).path.removeprefix("/"))


def code(secret: str, at: datetime | None = None) -> str:
    """Return the code that a phone shows at a time (default: now), from oathtool."""
    when = (at or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    command = ["oathtool", "--totp", "--base32", f"--now={when}", secret]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
