"""The decision of the gateway (statements 5, 9, 15 and 18 to 22)."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from watchword.domain.applications import Admission, Application, Level
from watchword.domain.gateway_credentials import presented
from watchword.domain.gateway_decision import (
    Failed,
    Failure,
    Outcome,
    Proof,
    Rule,
    Shown,
    Visitor,
    decide,
)
from watchword.domain.original_request import (
    Flaw,
    OriginalRequest,
    of_envoy,
    of_forward,
    of_nginx,
)

NOW = datetime(2026, 3, 14, 15, tzinfo=UTC)
WIKI = Application(
    "wiki",
    ("wiki.example", "wiki.example:8443"),
    id=1,
    accept_api_passwords=True,
    public_paths=("/favicon.ico", "/public/*"),
    who=Admission(groups=frozenset({"staff"})),
)
ALICE = Visitor(1, "alice", "Alice", "a@example.org", ("staff",), False, False, Proof.MFA, NOW)
SCRIPT = replace(ALICE, proof=Proof.API)
PAGE = OriginalRequest("GET", "wiki.example", "/page?x=1")


def of(
    shown: Shown = None, request: OriginalRequest | Flaw = PAGE, wiki: Application | None = WIKI
) -> tuple[str, str]:
    found = decide(wiki, request, shown, NOW)
    return found.outcome.value, found.rule.value


@pytest.mark.parametrize(
    ("shown", "wiki", "outcome", "rule"),
    [
        (None, WIKI, "login", "no-credential"),
        (ALICE, WIKI, "allow", "permitted"),
        (ALICE, None, "deny", "no-application"),
        (ALICE, replace(WIKI, is_enabled=False), "deny", "no-application"),
        (ALICE, replace(WIKI, hosts=("other.example",)), "deny", "foreign-host"),
        (ALICE, replace(WIKI, who=Admission()), "deny", "not-permitted"),
        (replace(ALICE, groups=()), WIKI, "deny", "not-permitted"),
        (replace(ALICE, is_disabled=True), WIKI, "login", "account-disabled"),
        (replace(ALICE, proof=Proof.PASSWORD), WIKI, "step_up", "level-too-low"),
        (replace(ALICE, proof=Proof.PASSWORD), replace(WIKI, who=Admission()), "deny", "not-permitted"),
        (replace(ALICE, proof=Proof.PASSWORD), replace(WIKI, level=Level.PASSWORD), "allow", "permitted"),
        (ALICE, replace(WIKI, level=Level.PASSWORD), "allow", "permitted"),
        (replace(ALICE, is_administrator=True), WIKI, "allow", "permitted"),
        (SCRIPT, WIKI, "allow", "permitted"),
        (SCRIPT, replace(WIKI, max_login_age=60), "allow", "permitted"),
        (SCRIPT, replace(WIKI, accept_api_passwords=False), "deny", "api-passwords-not-accepted"),
        (SCRIPT, replace(WIKI, who=Admission()), "deny", "not-permitted"),
        (replace(SCRIPT, is_disabled=True), WIKI, "challenge", "account-disabled"),
        (replace(SCRIPT, is_administrator=True), WIKI, "deny",
         "administrators-api-passwords-not-accepted"),
        (replace(SCRIPT, is_administrator=True),
         replace(WIKI, accept_administrators_api_passwords=True), "allow", "permitted"),
        (Failed(Failure.WRONG), WIKI, "challenge", "wrong-credential"),
        (Failed(Failure.AMBIGUOUS), WIKI, "challenge", "ambiguous-credential"),
        (Failed(Failure.THROTTLED, 7), WIKI, "throttled", "too-many-failures"),
    ],
)  # fmt: skip
def test_decision_and_its_rule(
    shown: Shown, wiki: Application | None, outcome: str, rule: str
) -> None:
    assert of(shown, wiki=wiki) == (outcome, rule)


@pytest.mark.parametrize(
    ("age", "outcome"),
    [(0, "allow"), (3600, "allow"), (3601, "step_up"), (-60, "allow"), (-100_000, "step_up")],
)
def test_login_that_is_too_old_needs_another_one(age: int, outcome: str) -> None:
    wiki = replace(WIKI, max_login_age=3600)
    shown = replace(ALICE, proved_at=NOW - timedelta(seconds=age))
    assert of(shown, wiki=wiki)[0] == outcome


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_public_path_is_open_without_identity(method: str) -> None:
    for path in ("/favicon.ico", "/public", "/public/a/b?c=/../d"):
        found = decide(WIKI, OriginalRequest(method, "wiki.example", path), ALICE, NOW)
        assert (found.outcome, found.rule, found.visitor) == (Outcome.ALLOW, Rule.PUBLIC_PATH, None)
        assert found.public_path in WIKI.public_paths


METHODS = ["POST", "OPTIONS", "TRACE", "PROPFIND", "get", "Head", "INVENTED", "CONNECT", "DELETE"]


@pytest.mark.parametrize("method", METHODS)
def test_no_other_method_is_exempt(method: str) -> None:
    for path in ("/favicon.ico", "/public/a", "/page"):
        request = OriginalRequest(method, "wiki.example", path)
        assert of(None, request) == ("login", "no-credential")


@pytest.mark.parametrize(
    "target",
    [
        "/page?/public/x", "/page?/favicon.ico", "/publicity", "/Public/x", "/favicon.ico/",
        "/public/../page", "/public/%2e%2e/page", "/public/..%2fpage", "/public/%252e%252e/page",
        "//public/x", "/public//x", "/public/;x", "/public\\..\\page", "/public/%5c..", "/public/%00",
        "/public/#", "/public/%23", "/p%75blic/x", "/public/%", "/public/ä", "/public/.", "/public/x/..",
    ],
)  # fmt: skip
def test_spelling_of_a_public_path_needs_a_login(target: str) -> None:
    request = OriginalRequest("GET", "wiki.example", target)
    assert of(None, request) == ("login", "no-credential")
    assert of(ALICE, request) == ("allow", "permitted")


def test_encoded_slash_works_for_an_account_that_may_enter() -> None:
    request = OriginalRequest("GET", "wiki.example", "/api/v4/projects/a%2Fb")
    assert of(ALICE, request) == ("allow", "permitted")
    assert of(None, request) == ("login", "no-credential")


def test_reserved_path_never_reaches_the_application() -> None:
    wiki = replace(WIKI, public_paths=("/.watchword/*",))
    for path in ("/.watchword/enter?c=x", "/.watchword/logout"):
        request = OriginalRequest("GET", "wiki.example", path)
        assert of(ALICE, request, wiki) == ("deny", "reserved-path")


def test_flaw_is_refused_whatever_else_the_request_has() -> None:
    for flaw in Flaw:
        assert of(ALICE, flaw) == ("deny", "unreadable-request")


PIECES = [
    b"", b"GET", b"HEAD", b"POST", b"https", b"http", b"://", b"wiki.example", b"WIKI.example.",
    b":443", b":8443", b"evil.example", b"/", b"//", b"/public", b"/favicon.ico", b"/page", b"..",
    b"%2e", b"%2F", b"%", b"?", b"#", b";", b"\\", b"@", b",", b" ", b"\0", b"\xff", "ä".encode(),
    b"[::1]", b"a" * 300,
]  # fmt: skip
NAMES = [
    b"x-original-method", b"x-original-url", b"x-forwarded-method", b"x-forwarded-proto",
    b"x-forwarded-host", b"x-forwarded-uri", b"host", b"cookie", b"authorization",
]  # fmt: skip
GOOD = [
    (b"x-original-method", b"GET"), (b"x-original-url", b"https://wiki.example/page"),
    (b"x-forwarded-method", b"GET"), (b"x-forwarded-proto", b"https"),
    (b"x-forwarded-host", b"wiki.example"), (b"x-forwarded-uri", b"/page"),
    (b"host", b"wiki.example"),
]  # fmt: skip


def text(dice: random.Random) -> bytes:
    return b"".join(dice.choices(PIECES, k=dice.randrange(6)))


def test_generated_original_without_credential_is_never_allowed() -> None:
    """10,200 originals, three for each round: no exception, and none allowed."""
    dice, wiki, outcomes = random.Random(15), replace(WIKI, public_paths=()), set()
    for _ in range(3400):
        odd = [(dice.choice(NAMES), text(dice)) for _ in range(dice.randrange(4))]
        fields = [*dice.sample(GOOD, dice.randint(3, 7)), *odd]
        target, method = dice.choice([b"/page", b""]) + text(dice), dice.choice(["GET", "", "a b"])
        for read in (of_nginx(fields), of_forward(fields), of_envoy(method, fields, target)):
            shown = Failed(Failure.AMBIGUOUS) if presented(fields).is_ambiguous else None
            outcomes.add(decide(wiki, read, shown, NOW).outcome)
    assert outcomes == {Outcome.LOGIN, Outcome.CHALLENGE, Outcome.DENY}
