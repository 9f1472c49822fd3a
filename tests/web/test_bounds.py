"""Limits for requests and answers, also under another ASGI server."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.support import loops
from tests.support.acts import Acts, basic_header
from tests.support.event_loop import Sent, answer
from watchword import asgi
from watchword.storage.schema import administrators, api_passwords
from watchword.web.api.rpc.functions import MOST_LISTED

BASIC = (b"authorization", basic_header("alice", "otter pencil gravel monsoon"))
DIGITS = 5000
"""More digits than `int` accepts (CVE-2020-10735)."""


@pytest.mark.parametrize(
    ("length", "status"),
    [
        ("9" * DIGITS, 413),
        ("1" + "0" * DIGITS, 413),
        ("0" * DIGITS + "2", 201),
        ("65537", 413),
        ("65536", 201),
        ("x" * DIGITS, 400),
        ("\u0663", 400),
        ("-1", 400),
        ("", 400),
    ],
)
def test_any_content_length_is_answered(acts: Acts, length: str, status: int) -> None:
    body = json.dumps({"username": "bob", "password": "glacier teapot orbit walnut"}).encode()
    fields = [BASIC, (b"content-type", b"application/json"), (b"content-length", length.encode())]
    sent = Sent("POST", "/api/v1/administrators", fields, body)
    assert loops.run(answer(asgi.api(acts.app), sent))[0] == status


@pytest.mark.parametrize("number", ["9" * DIGITS, "-" + "9" * DIGITS, "\u0663" * DIGITS, "1e9999"])
def test_a_number_of_any_length_is_answered(acts: Acts, number: str) -> None:
    """In queries, conditions and JSON."""
    api, quoted = asgi.api(acts.app), "".join(f"%{b:02X}" for b in number.encode())
    for path, name in (
        ("/api/v1/administrators", "limit"), ("/api/v1/audit-events", "limit"),
        ("/api/v1/audit-events", "after"), ("/api/v1/audit-events", "since"),
    ):  # fmt: skip
        status, _body = loops.run(answer(api, Sent("GET", f"{path}?{name}={quoted}", [BASIC])))
        assert status == 422, name
    fields = [BASIC, (b"content-type", b"application/json")]
    body = b'{"username":' + number.encode() + b',"password":"x"}'
    status, _body = loops.run(answer(api, Sent("POST", "/api/v1/administrators", fields, body)))
    assert status in {400, 422}


def crowd(acts: Acts) -> None:
    """Copies of alice, one more than the list may contain."""
    with acts.app.database.writing() as connection:
        for table in (administrators, api_passwords):
            row = dict(connection.execute(sa.select(table)).mappings().one())
            key = "id" if table is administrators else "administrator_id"
            names = {name for name in ("username", "username_key") if name in row}
            copies = [
                row | {key: 1000 + n} | dict.fromkeys(names, f"n{n}") for n in range(MOST_LISTED)
            ]
            connection.execute(sa.insert(table), copies)


def test_function_that_lists_administrators_has_a_limit(acts: Acts) -> None:
    api = asgi.api(acts.app)
    sent = Sent("POST", "/api/invoke/GetSystemAdministrators", [BASIC])
    found = json.loads(loops.run(answer(api, sent))[1])
    assert [a["userName"] for a in found["result"]] == ["alice"]
    crowd(acts)
    acts.here.clock.advance(timedelta(minutes=2))
    found = json.loads(loops.run(answer(api, sent))[1])
    assert found["statusCode"] == "failed"
    assert "more than 5000 administrators. GET /api/v1/administrators" in found["error"]
