"""The short way gives the answers of the long way, byte for byte, and gives no other one."""

from __future__ import annotations

import random
import socket
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.support import two_ways
from tests.support.acts import BY_CLI, CLI, PASSWORD, Acts
from tests.support.interface_process import rest_of
from tests.support.two_ways import LAST, TwoWays
from watchword.domain.mfa import Event
from watchword.storage import schema
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.api import api_password, caller_cache

WHOAMI = b"GET /api/v1/whoami HTTP/1.1\r\n"
HOST = b"Host: localhost\r\n"
MOST_CALLS, MOST_CALLS_PARSED = 17, 41


@pytest.fixture
def ways(acts: Acts) -> Iterator[TwoWays]:
    with two_ways.serving(acts.app) as opened:
        yield opened


def basic(acts: Acts, password: str = "") -> bytes:
    token = password or api_password.generate_by_operator(acts.app, CLI, "alice").reveal()
    return b"Authorization: Basic " + b64encode(f"alice:{token}".encode()) + b"\r\n"


def fill(ways: TwoWays, request: bytes) -> None:
    """Send the request until its answer is given again: PostgreSQL's epoch is connected first."""
    for _ in range(200):
        before = ways.repeats.given
        ways.asked("short", request)
        if ways.repeats.given > before:
            return
    raise AssertionError("never given again")


def given(ways: TwoWays, request: bytes) -> bool:
    """Send a request; return whether its answer was given again."""
    before = ways.repeats.given
    ways.sent("short", request)
    return ways.repeats.given > before


# --- what is given again ---------------------------------------------------------------------
def test_whoami_is_given_again_with_another_request_id_and_counted(
    acts: Acts, ways: TwoWays
) -> None:
    request = WHOAMI + HOST + basic(acts) + b"\r\n"
    fill(ways, request)
    before = ways.counts["short"].total("2xx")
    with ways.connect("short") as connection:
        ids = set()
        for _ in range(3):
            connection.sendall(request)
            answer = connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
            ids.add(answer.partition(b"x-request-id: ")[2].partition(b"\r\n")[0])
    assert len(ids) == 3
    assert ways.counts["short"].total("2xx") == before + 3


CHANGES: dict[str, Callable[[Acts], object]] = {
    "replaced": lambda acts: api_password.generate_by_operator(acts.app, CLI, "alice"),
    "revoked": lambda acts: other_credentials.revoke_api_password(acts.app, BY_CLI, "alice"),
    "disabled": lambda acts: other_accounts.disable(acts.app, BY_CLI, "alice"),
    "renamed": lambda acts: other_accounts.change(acts.app, BY_CLI, "alice", full_name="Al"),
    "MFA": lambda acts: other_credentials.change_mfa(acts.app, BY_CLI, "alice", Event.ENABLE),
    "a minute": lambda acts: acts.here.clock.advance(caller_cache.REMEMBERED),
}


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_is_given_again_after_a_change(acts: Acts, ways: TwoWays, change: str) -> None:
    acts.create("bob")  # alice may be disabled
    request = WHOAMI + HOST + basic(acts) + b"\r\n"
    fill(ways, request)
    CHANGES[change](acts)
    before = ways.repeats.given
    assert ways.sent("short", request) == ways.sent("long", request)
    assert ways.repeats.given == before


def test_login_of_another_account_leaves_the_answers(acts: Acts, ways: TwoWays) -> None:
    request = WHOAMI + HOST + basic(acts) + b"\r\n"
    bob = Acts(acts.here, "bob")
    fill(ways, request)
    for _ in range(5):
        bob.login()
        assert given(ways, request)


UNUSUAL: dict[str, Callable[[bytes], bytes]] = {
    "another method": lambda head: b"HEAD" + head[3:] + b"\r\n",
    "another version": lambda head: head.replace(b"HTTP/1.1", b"HTTP/1.0") + b"\r\n",
    "another path": lambda head: head.replace(b"whoami", b"%77hoami") + b"\r\n",
    "an unknown parameter": lambda head: head.replace(b"whoami ", b"whoami?a=1 ") + b"\r\n",
    "another host": lambda head: head.replace(b"localhost", b"elsewhere") + b"\r\n",
    "no host": lambda head: head.replace(HOST, b"") + b"\r\n",
    "two hosts": lambda head: head + HOST + b"\r\n",
    "two credentials": lambda head: head + b"Authorization: Basic YTpi\r\n\r\n",
    "the end of the connection": lambda head: head + b"Connection: close\r\n\r\n",
    "an upgrade": lambda head: head + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    "an id": lambda head: head + b"X-Request-Id: mine\r\n\r\n",
    "a length": lambda head: head + b"Content-Length: 0\r\n\r\n",
    "a body": lambda head: head + b"Content-Length: 3\r\n\r\nabc",
    "chunks": lambda head: head + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an expectation": lambda head: head + b"Expect: 100-continue\r\n\r\n",
}


@pytest.mark.parametrize("unusual", UNUSUAL)
@pytest.mark.parametrize("here", ["sqlite"], indirect=True)
def test_unusual_request_is_answered_by_the_application(
    acts: Acts, ways: TwoWays, unusual: str
) -> None:
    """Also when it is repeated. A head with another host is another one, with its own answer."""
    head = WHOAMI + HOST + basic(acts)
    fill(ways, head + b"\r\n")
    request = UNUSUAL[unusual](head)
    found = [given(ways, request) for _ in range(3)]
    assert found == ([False, True, True] if unusual == "another host" else [False] * 3)
    assert ways.sent("short", request) == ways.sent("long", request)


def test_answer_belongs_to_one_address(acts: Acts, ways: TwoWays) -> None:
    request = WHOAMI + HOST + basic(acts) + b"\r\n"
    fill(ways, request)
    at = ("127.0.0.1", ways.ports["short"])
    ways.one_by_one("short", [request] * 2)
    before = ways.repeats.given
    with socket.create_connection(at, 30, source_address=("127.0.0.7", 0)) as other:
        # The first request of a connection is parsed in any case.
        for each in (b"GET /health/live HTTP/1.1\r\n" + HOST + b"\r\n", request):
            other.sendall(each)
            assert other.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")
    assert ways.repeats.given == before


def test_request_that_waits_for_another_one_is_answered_by_the_application(
    acts: Acts, ways: TwoWays
) -> None:
    """The answers come in the order of the requests, however many were sent together."""
    request = WHOAMI + HOST + basic(acts) + b"\r\n"
    fill(ways, request)
    many = (b"GET /api/v1/server HTTP/1.1\r\n" + HOST + b"\r\n") + request * 600
    before = ways.repeats.given
    assert ways.sent("short", many) == ways.sent("long", many)
    assert ways.repeats.given - before < 600


def test_a_repeat_takes_few_calls_of_functions(acts: Acts, ways: TwoWays) -> None:
    """Counted from the bytes of the request to the bytes of the answer, without noise. The first
    request of a connection is parsed.
    """
    request = WHOAMI + HOST + b"User-Agent: curl/8\r\nAccept: */*\r\n" + basic(acts) + b"\r\n"
    fill(ways, request)
    before = ways.repeats.given
    with two_ways.counting() as pieces:
        ways.one_by_one("short", [request] * 3)
    assert ways.repeats.given == before + 3
    parsed, *known = [len(calls) for calls in pieces]
    assert 0 < parsed <= MOST_CALLS_PARSED, pieces[0]
    assert len(known) == 2
    assert 0 < max(known) <= MOST_CALLS, pieces[1]


# --- bytes that are known as a whole request --------------------------------------------------
def test_known_bytes_in_two_pieces_are_one_request(acts: Acts, ways: TwoWays) -> None:
    """Also when the second piece looks like a whole request, and when two requests are one piece."""
    request = WHOAMI + HOST + basic(acts) + b"\r\n"
    fill(ways, request)
    ways.one_by_one("short", [request] * 2)
    head, body = b"POST /api/v1/administrators HTTP/1.1\r\n" + HOST, request
    posted = head + b"Content-Length: %d\r\n\r\n" % len(body)
    for way in ("short", "long"):
        with ways.connect(way) as connection:
            connection.sendall(request)
            assert b"200 OK" in connection.recv(65536)
            connection.sendall(posted)
            early = connection.recv(65536)  # the answer does not wait for the body
            assert early.startswith(b"HTTP/1.1 401 ")
            connection.sendall(body)
            time.sleep(0.05)  # the body is a piece of its own
            connection.sendall(LAST)
            answers = rest_of(connection)
        assert answers.count(b"HTTP/1.1 ") == 1
        assert b"whoami" not in answers
        assert b"username" not in answers
    with ways.connect("short") as connection:
        for piece in (request[:30], request[30:]):
            connection.sendall(piece)
            time.sleep(0.05)
        assert b" 200 OK" in connection.recv(65536)
        connection.sendall(request[30:])  # the end of a request is no request
        assert rest_of(connection).startswith(b"HTTP/1.1 400 ")
    assert ways.sent("short", request * 2) == ways.sent("long", request * 2)


@pytest.mark.parametrize("here", ["postgresql"], indirect=True)
def test_request_that_waits_for_the_epoch_is_answered_once(acts: Acts, ways: TwoWays) -> None:
    """Meanwhile one client sends another request, one hangs up, and the server ends a connection."""
    request = WHOAMI + HOST + basic(acts) + b"\r\n"
    fill(ways, request)
    with ExitStack() as opened:
        asking, leaving, ending = (opened.enter_context(ways.connect("short")) for _ in range(3))
        for each in (asking, leaving, ending):
            each.sendall(request)
            assert b" 200 OK" in each.recv(65536)
        with acts.app.database.writing() as connection:
            connection.execute(sa.text("LOCK TABLE epoch IN ACCESS EXCLUSIVE MODE"))
            for each in (asking, leaving, ending):
                each.sendall(request)
            while ways.held() < 3:
                time.sleep(0.001)
            leaving.close()
            asking.sendall(request + LAST)
            ways.stop(ending)
            while ways.held():
                time.sleep(0.001)
        assert rest_of(asking).count(b"HTTP/1.1 200 OK") == 3
        last = rest_of(ending)
    assert last.count(b"HTTP/1.1 200 OK") == 1
    assert b"connection: close\r\n" in last


@pytest.mark.parametrize("here", ["sqlite"], indirect=True)
def test_connection_that_only_gets_repeats_stays_open(acts: Acts, ways: TwoWays) -> None:
    """Each repeat begins its idle time again, although it does not set the timer again."""
    request = WHOAMI + HOST + basic(acts) + b"\r\n"
    fill(ways, request)
    with ways.connect("short") as connection:
        connection.sendall(request)
        connection.recv(65536)
        [protocol] = ways.protocols["short"]
        for _ in range(2):
            connection.sendall(request)
            assert b" 200 OK" in connection.recv(65536)
            ways.loop.call_soon_threadsafe(protocol.timeout_keep_alive_handler)
        protocol._repeated_at -= 60
        ways.loop.call_soon_threadsafe(protocol.timeout_keep_alive_handler)
        assert rest_of(connection) == b""


# --- the differential test -------------------------------------------------------------------
TARGETS = (b"/api/v1/whoami",) * 20 + (
    b"/api/v1/whoami?", b"/api/v1/whoami/", b"/api/v1/whoami?x=1", b"/api/v1/who%61mi", b"/nothing",
    b"/health/live", b"/api/v1/administrators", b"//api/v1/whoami",
)  # fmt: skip
FIELDS = (
    b"Accept: */*", b"Accept: application/json", b"User-Agent: curl/8", b"X-Request-Id: abc-1",
    b"Connection: keep-alive", b"Connection: close", b"X-Forwarded-For: 192.0.2.1", b"Via: x",
    b"Expect: 100-continue", b"Content-Length: 0", b"Cookie: a=b", b"Accept-Language: de",
    b"Origin: https://elsewhere.example", b"Sec-Fetch-Site: cross-site", b"Range: bytes=0-1",
    b"If-None-Match: *", b"Upgrade: h2c",
)  # fmt: skip


def generated(dice: random.Random, credentials: list[bytes]) -> list[bytes]:
    """Return one to four requests. Most are usual, and many are equal.

    Only the first may be refused by the protocol: otherwise it depends on the time whether those
    before it are answered already, and with which `Connection`.
    """
    parts: list[bytes] = []
    for number in range(dice.choice([1, 1, 1, 2, 3, 4])):
        method = dice.choices([b"GET", b"HEAD", b"OPTIONS", b"POST"], [20, 2, 1, 1])[0]
        version = dice.choices([b"1.1", b"1.0"], [20, 1])[0]
        head = [b"%b %b HTTP/%b\r\n" % (method, dice.choice(TARGETS), version)]
        fields = [HOST] * dice.choices([1, 0, 2], [30, 1, 1] if number == 0 else [1, 0, 0])[0]
        given = dice.choices(credentials, [20, 4, 1])[0]
        fields += dice.choices([[given], [], credentials[:2]], [20, 2, 1])[0]
        if dice.random() < 0.4:
            fields += [f + b"\r\n" for f in dice.sample(FIELDS, dice.randint(1, 2))]
        parts.append(b"".join([*head, *fields, b"\r\n"]))
    return parts


@pytest.mark.parametrize("limit", [0, 60])
def test_both_ways_give_the_same_bytes(acts: Acts, limit: int) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    dice = random.Random(seed)
    acts.here.with_settings(api_requests_per_minute=limit)
    acts.create("bob")
    credentials = [basic(acts), basic(acts, PASSWORD), basic(acts, "wrong")]
    reset = [sa.delete(schema.throttles), sa.delete(schema.api_refusals)]
    changes: list[Callable[[], object]] = [
        lambda: other_accounts.change(acts.app, BY_CLI, "alice", full_name=f"{dice.random()}"),
        lambda: other_accounts.disable(acts.app, BY_CLI, "alice"),
        lambda: other_accounts.enable(acts.app, BY_CLI, "alice"),
    ]
    is_disabled = False
    with two_ways.serving(acts.app) as ways:
        fill(ways, WHOAMI + HOST + credentials[0] + b"\r\n")
        fill_count = ways.repeats.given
        for _ in range(ways.counts["short"].total("2xx")):  # both rate limits count the same
            ways.asked("long", WHOAMI + HOST + credentials[0] + b"\r\n")
        for number in range(50):
            if is_disabled or dice.random() < 0.15:
                change = changes[2] if is_disabled else dice.choice(changes[:2])
                is_disabled = change is changes[1]
                change()
            acts.here.clock.advance(timedelta(seconds=dice.choice([0, 0, 0, 7])))
            parts, found = generated(dice, credentials), []
            is_together = dice.random() < 0.5
            for way in ("short", "long"):
                with acts.app.database.writing() as connection:
                    for statement in reset:
                        connection.execute(statement)
                found.append([ways.answers(way, parts, is_together) for _ in range(2)])
            assert found[0] == found[1], (number, parts)
        # By chance no generated request may have repeated one: this one does. Disabling has ended
        # the API password.
        if is_disabled:
            changes[2]()
        acts.here.clock.advance(timedelta(minutes=2))  # above the rate limit again
        whole = [WHOAMI + HOST + credentials[1] + b"\r\n"]
        same = [[ways.answers(way, whole, False) for _ in range(4)] for way in ("short", "long")]
        assert same[0] == same[1]
        assert ways.repeats.given > fill_count
        short, long = ([each.total(c) for c in each] for each in ways.counts.values())
        assert short == long
