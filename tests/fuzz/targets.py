"""Parsers of untrusted input, each as a function that raises when a promise is broken."""

from __future__ import annotations

import base64
import contextlib
import io
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urljoin, urlsplit

from watchword.crypto.sealed_stream import HEAD_BYTES, MAGIC, Cost, SealingWriter
from watchword.domain import basic_auth, enrolment_code, totp
from watchword.domain import recovery_codes as recovery_code_rules
from watchword.domain.errors import Refusal
from watchword.domain.return_target import safe_return_target
from watchword.domain.secret import Secret
from watchword.usecases.operations import archive
from watchword.web.api import bodies, schemas
from watchword.web.http import cookies, forms

PASSPHRASE = Secret("otter pencil gravel")
CHEAP = Cost(log_n=1, r=1, p=1)
COOKIE_BYTES = 512


def authorization(sent: bytes) -> None:
    """Check that each reading, encoded again, gives the input."""
    given = basic_auth.parse(sent)
    if given is None:
        return
    raw = base64.b64decode(sent.strip(b" \t").partition(b" ")[2].strip(b" "))
    for each in given.candidates:
        whole = f"{each.username}:{each.password.reveal()}"
        assert raw in {whole.encode("utf-8", "replace"), whole.encode("latin-1", "replace")}
    assert len(given.candidates) <= basic_auth.MOST_NAME_CHARACTERS + 1


def cookie_header(sent: bytes) -> None:
    """Check that only our cookie names are returned, with bounded values from the input."""
    try:
        found = cookies.parse([(b"cookie", sent)], cookies.Names())
    except cookies.DuplicateCookie:
        return
    for name, value in found.items():
        assert name.startswith("__Host-ww_")
        assert len(value) <= COOKIE_BYTES
        assert value.encode("latin-1") in sent


def form(sent: bytes) -> None:
    """Check that a form is rejected or gives each field as one text."""
    try:
        fields = forms.parse("application/x-www-form-urlencoded", sent)
    except forms.BadForm:
        return
    assert all(isinstance(value, str) for value in fields.values())


def return_target(sent: bytes) -> None:
    """Check that every return target stays on our host."""
    target = safe_return_target(sent.decode("utf-8", "surrogateescape"))
    assert target.startswith("/")
    assert target.isascii()
    assert not set(target) & set("\\\r\n\t \0")
    assert urlsplit(urljoin("https://ours.example:8470/login", target)).netloc == (
        "ours.example:8470"
    )


def json_body(sent: bytes) -> None:
    """Check that a JSON body is decoded or rejected with 400 or 422."""
    for kind in (schemas.NewAdministrator, schemas.AdministratorChange, schemas.MfaChange):
        status = 200
        try:
            bodies.decoded(sent, kind)
        except bodies.BadBody as refused:
            status = refused.status
        assert status in {200, 400, 422}


def typed_code(sent: bytes) -> None:
    """Check that a typed code is normalised or rejected."""
    typed = sent.decode("utf-8", "replace")
    code = totp.normalise(typed)
    assert code is None or (code.isascii() and code.isdecimal() and len(code) == totp.DIGITS)
    for read, length in ((recovery_code_rules.normalise, recovery_code_rules.LENGTH),
                         (enrolment_code.normalise, enrolment_code.LENGTH)):  # fmt: skip
        found = read(typed)
        assert found is None or (
            len(found) == length and set(found) <= set(recovery_code_rules.ALPHABET)
        )


def backup(sent: bytes) -> None:
    """Check that an invalid file is refused and no file is written outside the folder."""
    with tempfile.TemporaryDirectory() as outer:
        folder = Path(outer) / "inside"
        folder.mkdir()
        with contextlib.suppress(Refusal):
            archive.unpack(io.BytesIO(sent), PASSPHRASE, folder)
        assert [each.name for each in Path(outer).iterdir()] == ["inside"]


def sealed_backup(content: bytes) -> None:
    """Do the same with correctly sealed files of any content."""
    file = io.BytesIO()
    writer = SealingWriter(file, PASSPHRASE, CHEAP)
    writer.write(content)
    writer.finish()
    backup(file.getvalue())


def _seeds_of_backups() -> list[bytes]:
    return [b"", MAGIC, MAGIC + b"\x01\x01\x01\x01" + bytes(16), bytes(HEAD_BYTES + 40)]


TARGETS: Mapping[str, Callable[[bytes], None]] = MappingProxyType(
    {
        "authorization": authorization,
        "cookie": cookie_header,
        "form": form,
        "return-target": return_target,
        "json": json_body,
        "code": typed_code,
        "backup": backup,
        "sealed-backup": sealed_backup,
    }
)
SEEDS: Mapping[str, list[bytes]] = MappingProxyType(
    {
        "authorization": [
            b"Basic " + base64.b64encode(text)
            for text in (b"alice:pw", b"a:b:c", b"\xff:\xe9", b"::", b"a:wwp_" + b"0" * 38)
        ],
        "cookie": [b"__Host-ww_s=abc; a=b", b"__Host-ww_s=a; __Host-ww_s=b", b'x="__Host-ww_t=1"'],
        "form": [b"username=a&password=b", b"a=%00%ff&&=&a", b"%E9=1&%C3%A9=2"],
        "return-target": [b"/your-mfa-settings", b"//evil.example", b"/\\evil", b"/a%2F..%2F"],
        "json": [
            b'{"username": "a", "password": "b"}', b'{"enabled": true, "email": "x"}',
            b'{"keep_api_password": false}', b'{"username": "\\u0000\\ud800", "username": 1}',
        ],
        "code": [b"123 456", "１２３４５６".encode(), b"ABCD-EFGH-JKMN", b"O0I1L" * 5],
        "backup": _seeds_of_backups(),
        "sealed-backup": [
            b"", (2).to_bytes(4, "big") + b"{}",
            (80).to_bytes(4, "big") + b'{"files":[{"name":"../x","size":1}]}'.ljust(80),
        ],
    }
)  # fmt: skip
