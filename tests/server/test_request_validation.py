"""Refusal of ambiguous and oversized requests, which end the connection.

RFC 9112, 11.2: request smuggling. The bytes are sent to a real port.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.interface_process import Interfaces, rest_of, running

HOST = b"Host: localhost\r\n"
POST = b"POST /ambiguous HTTP/1.1\r\n" + HOST
GET = b"GET /ambiguous HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\n" + HOST + b"\r\n"

AMBIGUOUS = {
    # --- where the body ends
    "a length and chunks": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + END,
    "chunks and a length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + END,
    "two lengths": POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "the same length twice": POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "a list of lengths": POST + b"Content-Length: 3, 3\r\n\r\nabc",
    "a length with a sign": POST + b"Content-Length: +3\r\n\r\nabc",
    "a negative length": POST + b"Content-Length: -3\r\n\r\nabc",
    "a hexadecimal length": POST + b"Content-Length: 0x3\r\n\r\nabc",
    "an empty length": POST + b"Content-Length: \r\n\r\nabc",
    "a length beyond 64 bits": POST + b"Content-Length: 18446744073709551619\r\n\r\nabc",
    "an unsupported coding": POST + b"Transfer-Encoding: gzip\r\n\r\n" + END,
    "a coding before chunks": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + END,
    "chunks twice": POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n" + END,
    "no coding after chunks": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
    "nearly chunked": POST + b"Transfer-Encoding: xchunked\r\n\r\n" + END,
    "chunked in quotes": POST + b'Transfer-Encoding: "chunked"\r\n\r\n' + END,
    "chunked after a tab of another kind": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + END,
    "identity": POST + b"Transfer-Encoding: identity\r\n\r\n" + HIDDEN,
    "an empty coding": POST + b"Transfer-Encoding:\r\n\r\n" + HIDDEN,
    "chunks in HTTP/1.0": b"POST /ambiguous HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + END,
    # --- chunks
    "a bare LF after a chunk's size": CHUNKED + b"1\na\r\n" + END,
    "a bare LF after a chunk": CHUNKED + b"1\r\na\n" + END,
    "a bare LF in a chunk's extension": CHUNKED + b"1;a\nb\r\na\r\n" + END,
    "a bare CR in a chunk's extension": CHUNKED + b"1;a\rb\r\na\r\n" + END,
    "a chunk's size with 0x": CHUNKED + b"0x1\r\na\r\n" + END,
    "a chunk's size with a sign": CHUNKED + b"+1\r\na\r\n" + END,
    "a chunk's size after a space": CHUNKED + b" 1\r\na\r\n" + END,
    "a chunk's size before a space": CHUNKED + b"1 \r\na\r\n" + END,
    "no chunk's size": CHUNKED + b"\r\na\r\n" + END,
    "a chunk's size beyond 64 bits": CHUNKED + b"10000000000000001\r\na\r\n" + END,
    "a chunk longer than its size": CHUNKED + b"1\r\nabc\r\n" + END,
    "a trailer": CHUNKED + b"1\r\na\r\n0\r\nAuthorization: Basic eDp5\r\n\r\n",
    # --- lines and fields
    "a folded line": GET + b"X: a\r\n b\r\n\r\n",
    "a folded coding": POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n" + END,
    "bare LFs": b"GET /ambiguous HTTP/1.1\nHost: localhost\n\n",
    "a bare LF after a field": GET + b"X: a\nY: b\r\n\r\n",
    "a bare LF at the end": GET + b"\n",
    "a bare CR": GET + b"X: a\rY: b\r\n\r\n",
    "a space before the colon": GET + b"X : a\r\n\r\n",
    "a tab before the colon": GET + b"X\t: a\r\n\r\n",
    "a space before the first field": b"GET /ambiguous HTTP/1.1\r\n Host: localhost\r\n\r\n",
    "a field without a colon": GET + b"X\r\n\r\n",
    "a field without a name": GET + b": a\r\n\r\n",
    "a NUL in a value": GET + b"X: a\0b\r\n\r\n",
    "a name with other characters": GET + b"X(y): a\r\n\r\n",
    "no Host": b"GET /ambiguous HTTP/1.1\r\n\r\n",
    "two Hosts": GET + b"Host: elsewhere\r\n\r\n",
    # --- the first line
    "a proxy's target": b"GET http://localhost/ambiguous HTTP/1.1\r\n" + HOST + b"\r\n",
    "CONNECT": b"CONNECT localhost:443 HTTP/1.1\r\n" + HOST + b"\r\n" + HIDDEN,
    "CONNECT to a path": b"CONNECT /ambiguous HTTP/1.1\r\n" + HOST + b"\r\n" + HIDDEN,
    "a target that is an authority": b"GET localhost:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a star": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "a fragment": b"GET /ambiguous#x HTTP/1.1\r\n" + HOST + b"\r\n",
    "a space in the target": b"GET /ambiguous x HTTP/1.1\r\n" + HOST + b"\r\n",
    "a letter beyond ASCII in the target": b"GET /ambiguous\xc3\xa4 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a space after the version": b"GET /ambiguous HTTP/1.1 \r\n" + HOST + b"\r\n",
    "a version that is none": b"GET /ambiguous HTTP/1.2\r\n" + HOST + b"\r\n",
    "a method in small letters": b"get /ambiguous HTTP/1.1\r\n" + HOST + b"\r\n",
    "HTTP/2 without asking": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def interfaces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interfaces]:
    with running(tmp_path_factory.mktemp("interfaces") / "tls", {"goodbye_seconds": 0.2}) as opened:
        yield opened


def answered(interfaces: Interfaces, sent: bytes) -> list[bytes]:
    """Send bytes. Returns all answers until the server closes the connection."""
    with interfaces.raw() as connection:
        connection.sendall(sent)
        found = rest_of(connection)
    return [b"HTTP/1.1 " + each for each in found.split(b"HTTP/1.1 ")[1:]]


def seen(interfaces: Interfaces) -> list[str]:
    """Return the paths that the application was asked for."""
    return interfaces.get("/seen").split()


@pytest.mark.parametrize("sent", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_an_ambiguous_request_is_refused_and_the_connection_closed(
    interfaces: Interfaces, sent: bytes
) -> None:
    answers = answered(interfaces, sent)
    assert [a.split(b"\r\n")[0] for a in answers] == [b"HTTP/1.1 400 Bad Request"]
    assert b"\r\nconnection: close\r\n" in answers[0]
    head, _, body = answers[0].partition(b"\r\n\r\n")
    assert b"\r\ncontent-length: %d\r\n" % len(body) in head
    assert b"\r\ncontent-type: text/plain; charset=utf-8\r\n" in head
    assert body.startswith(b"400 Bad Request\n\nThe request does not follow HTTP.")
    assert not {"/ambiguous", "/hidden"} & set(seen(interfaces))


@pytest.mark.parametrize("version", [b"HTTP/0.9", b"HTTP/2.0"])
def test_another_version_is_refused(interfaces: Interfaces, version: bytes) -> None:
    answers = answered(interfaces, b"GET /ambiguous " + version + b"\r\n" + HOST + b"\r\n")
    assert [a.split(b"\r\n")[0] for a in answers] == [b"HTTP/1.1 505 HTTP Version Not Supported"]
    assert "/ambiguous" not in seen(interfaces)


def test_an_http_0_9_request_is_refused(interfaces: Interfaces) -> None:
    assert answered(interfaces, b"GET /ambiguous\r\n\r\n")[0].startswith(b"HTTP/1.1 505 ")
    assert "/ambiguous" not in seen(interfaces)


@pytest.mark.parametrize(
    ("sent", "is_refused"),
    [
        (b"".join(b"X%d: y\r\n" % n for n in range(98)), False),
        (b"".join(b"X%d: y\r\n" % n for n in range(100)), True),
        (b"X: " + b"y" * 30_000 + b"\r\n", False),
        (b"X: " + b"y" * 32 * 1024 + b"\r\n", True),
        (b"y" * 32 * 1024 + b": x\r\n", True),
        (b"X: y\r\n" * 6000, True),
    ],
    ids=["99 fields", "101 fields", "30 kB", "a value too long", "a name too long", "all at once"],
)
def test_a_head_has_a_hundred_fields_and_32_kib_at_most(
    interfaces: Interfaces, sent: bytes, is_refused: bool
) -> None:
    answers = answered(
        interfaces, GET.replace(b"/ambiguous", b"/") + sent + b"Connection: close\r\n\r\n"
    )
    expected = b"431 Request Header Fields Too Large" if is_refused else b"200 OK"
    assert [a.split(b"\r\n")[0] for a in answers] == [b"HTTP/1.1 " + expected]


@pytest.mark.parametrize("part", [b"GET /" + b"x" * 999, b"\r\n" * 500, GET + b"X: " + b"y" * 999])
def test_a_head_without_an_end_is_refused_before_it_is_complete(
    interfaces: Interfaces, part: bytes
) -> None:
    """Without an end of the target, of empty lines, or of the value of a field."""
    with interfaces.raw() as connection:
        connection.sendall(part)
        grown = (b"\r\n" if part.startswith(b"\r\n") else b"y") * 20_000
        connection.sendall(grown)
        connection.sendall(grown)
        assert rest_of(connection).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(
    ("length", "statuses"),
    # The last one is also longer than a header may be: the pieces of TLS decide which is seen first.
    [(8192, (b"200",)), (8193, (b"414",)), (33_000, (b"414", b"431"))],
)
def test_a_target_has_8_kib_at_most(
    interfaces: Interfaces, length: int, statuses: tuple[bytes, ...]
) -> None:
    target = b"/?" + b"x" * (length - 2)
    sent = b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    assert answered(interfaces, sent)[0].split()[1] in statuses


# --- several requests in one connection -----------------------------------------------------
def test_pipelined_requests_are_answered_in_order(interfaces: Interfaces) -> None:
    one = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"
    last = b"GET /seen HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    answers = answered(interfaces, one + CHUNKED.replace(b"/ambiguous", b"/") + END + last)
    assert [a.split(b"\r\n")[0] for a in answers] == [b"HTTP/1.1 200 OK"] * 3


def test_an_ambiguous_request_does_not_affect_the_answer_before_it(interfaces: Interfaces) -> None:
    """The second request is read while the first one is answered."""
    late = b"GET /late HTTP/1.1\r\n" + HOST + b"\r\n"
    answers = answered(interfaces, late + GET + b"X : y\r\n\r\n")
    assert len(answers) == 1
    assert answers[0].startswith(b"HTTP/1.1 200 OK")
    assert answers[0].endswith(b"\r\n\r\nlate")
    interfaces.next_line()


def test_an_ambiguous_body_behind_a_request_gets_no_answer(
    interfaces: Interfaces,
) -> None:
    """A refusal would be read as the answer to the first request, so none is sent."""
    late = b"GET /late HTTP/1.1\r\n" + HOST + b"\r\n"
    assert answered(interfaces, late + CHUNKED + b"no length\r\n") == []
    interfaces.next_line()


def test_bytes_after_an_upgrade_are_not_read_as_a_request(interfaces: Interfaces) -> None:
    asked = b"GET / HTTP/1.1\r\n" + HOST + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    answers = answered(interfaces, asked + HIDDEN)
    assert [a.split(b"\r\n")[0] for a in answers] == [b"HTTP/1.1 200 OK"]
    assert "/hidden" not in seen(interfaces)


JAVA = (
    b"POST /seen HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\n%b" + HOST
    + b"HTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAABgAGAAA\r\nUpgrade: h2c\r\n"
    b"User-Agent: Java-http-client/21.0.5\r\nContent-Type: application/json\r\n\r\n%b"
)  # fmt: skip
"""As java.net.http.HttpClient sends a request by plain HTTP, in its default version HTTP_2."""
JAVA_BODIES = {
    "no body": (b"Content-Length: 0\r\n", b""),
    "a length": (b"Content-Length: 3\r\n", b"abc"),
    "chunks": (b"Transfer-encoding: chunked\r\n", b"3\r\nabc\r\n" + END),
}


@pytest.mark.parametrize("body", JAVA_BODIES)
@pytest.mark.parametrize("is_cut", [False, True])
def test_an_upgrade_is_ignored_and_the_request_answered(
    interfaces: Interfaces, body: str, is_cut: bool
) -> None:
    length, sent = JAVA_BODIES[body]
    whole = JAVA % (length, sent)
    with interfaces.raw() as connection:
        connection.sendall(whole[:-1] if is_cut else whole + HIDDEN)
        if is_cut:
            connection.sendall(whole[-1:] + HIDDEN)
        answers = rest_of(connection).split(b"HTTP/1.1 ")[1:]
    assert [a[:6] for a in answers] == [b"200 OK"]
    assert answers[0].split()[-1] == b"/seen"
    assert "/hidden" not in seen(interfaces)


def test_bytes_after_the_last_request_are_not_read_as_one(interfaces: Interfaces) -> None:
    asked = b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    answers = answered(interfaces, asked + HIDDEN)
    assert len(answers) == 1
    assert "/hidden" not in seen(interfaces)


def test_http_1_0_needs_no_host_and_gets_one_answer(interfaces: Interfaces) -> None:
    answers = answered(interfaces, b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert [a.split(b"\r\n")[0] for a in answers] == [b"HTTP/1.1 200 OK"]


def test_a_wait_for_100_continue_is_answered(interfaces: Interfaces) -> None:
    with interfaces.raw() as connection:
        head = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nConnection: close\r\n"
        connection.sendall(head + b"Expect: 100-continue\r\n\r\n")
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"abc")
        assert rest_of(connection).startswith(b"HTTP/1.1 200 OK")
