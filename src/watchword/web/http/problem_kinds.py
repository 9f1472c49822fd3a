"""Every kind of problem that the API answers with: what happened, what to do, an example.

The title and status of a refusal are those of the table of all interfaces (refusal_messages.py); what is refused
before a use-case is asked has them here. The API answers from this table, the console serves a
page of each (console/problem_reference.py), and docs/reference/problems.md is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from watchword.domain import errors as e
from watchword.domain import operational_errors as place
from watchword.domain.errors import Refusal
from watchword.i18n import N_
from watchword.web.http.problem_documents import ProblemKind
from watchword.web.http.refusal_messages import ANSWERS


def _refused(refusal: Refusal, happened: str, remedy: str) -> ProblemKind:
    row = ANSWERS[type(refusal)]
    return ProblemKind(refusal.code, row.status, row.title, happened, remedy, row.sentence, refusal)


_BEFORE: Final = (
    ProblemKind(
        "bad-json", 400, N_("The body is not JSON in UTF-8"),
        N_("The body could not be read as JSON, or its text is not UTF-8. Nothing was done."),
        N_("Let a JSON library write the body. In a shell, put it into single quotes."),
        N_("The body is not JSON in UTF-8."),
    ),
    ProblemKind(
        "repeated-key", 400, N_("A key of the body comes twice"),
        N_("An object of the body holds the same key twice, so it cannot be told which value is "
           "meant. Nothing was done."),
        N_("Send each key once."),
        N_("The key email comes twice."),
    ),
    ProblemKind(
        "unauthorized", 401, N_("Username and password are needed, or are not right"),
        N_("The request came without credentials, or with credentials that do not open the API: "
           "an unknown name, a wrong password, a disabled account, the regular password of an "
           "account with MFA, more than one Authorization header, or a credential that was revoked "
           "before the request was complete. The answer is the same for "
           "all of them, so that it tells a stranger nothing."),
        N_("Send HTTP Basic credentials. While MFA is pending or active for an account, send its "
           "API password in the place of the regular one: generate it in the console on Your MFA "
           "Settings. That page also tells when the API has refused your regular password."),
        N_("Send HTTP Basic credentials. While MFA is enabled for an account, pending or "
           "active, its regular password does not work here: generate an API password in the "
           "Management Console, on Your MFA Settings, and use that with the username."),
    ),
    ProblemKind(
        "bad-request", 400, N_("Bad request"),
        N_("The request does not follow HTTP."),
        N_("Use an HTTP library, or look at what stands between it and the server."),
    ),
    ProblemKind(
        "cross-origin", 403, N_("Refused: this request came from another site"),
        N_("A browser sent this request for a page of another site (its Origin or "
           "Sec-Fetch-Site header says so). The API changes nothing for such pages, with the "
           "right credentials neither."),
        N_("Call the API from a script, not from a page. Behind a proxy with another name, set "
           "api_url to the address that clients use."),
    ),
    ProblemKind(
        "not-behind-proxy", 403, N_("Not this way"),
        N_("This interface speaks HTTP for a reverse proxy only, and the request did not come through "
           "it, or not by HTTPS. Nothing was done."),
        N_("Use the public address. Who sets the proxy up: see the settings trusted_proxies and "
           "plain_http_behind_trusted_proxy."),
    ),
    ProblemKind(
        "unknown-host", 421, N_("The server is not known by this name"),
        N_("The server speaks plain HTTP on loopback, and the Host header names neither this "
           "machine nor a host of the settings console_url and api_url. A page of another site "
           "could read the answer otherwise. Nothing was done."),
        N_("Use http://localhost with the port, or the address. To add a name, set console_url or "
           "api_url to an address with it."),
    ),
    ProblemKind(
        "not-found", 404, N_("There is no such resource"),
        N_("No operation has this path."),
        N_("Compare the path with /docs on the API. A name in a path is percent-encoded: a slash "
           "is %2F, a colon %3A."),
    ),
    ProblemKind(
        "method-not-allowed", 405, N_("This resource does not take that method"),
        N_("The path is right, the method is not. The Allow header lists those it takes."),
        N_("Use one of the methods that Allow lists."),
    ),
    ProblemKind(
        "precondition-failed", 412, N_("The resource was changed since it was read"),
        N_("The request holds an If-Match that is not the account's present ETag: somebody has "
           "changed the account since you read it. Nothing was done."),
        N_("Read it again, decide again, and send the change with the new ETag."),
    ),
    ProblemKind(
        "too-large", 413, N_("The request is too large"),
        N_("The body is larger than 64 KiB, or a form larger than 32 KiB. No request of the API is."),
        N_("Send the one object that the operation takes."),
    ),
    ProblemKind(
        "unsupported-media-type", 415, N_("The body is not of a kind this resource takes"),
        N_("The Content-Type header is missing, or names another kind than the operation takes."),
        N_("Send Content-Type: application/json. (curl says "
           "application/x-www-form-urlencoded by itself, unless --json or --header is given.)"),
        N_("The body must be JSON, with the header Content-Type: application/json."),
    ),
    ProblemKind(
        "request-timeout", 408, N_("The request did not arrive in time"),
        N_("The client began a request and did not send all of it in time. The connection ends."),
        N_("Send the request again, in one piece."),
    ),
    ProblemKind(
        "target-too-long", 414, N_("The address is too long"),
        N_("Path and query together are longer than 8 KiB. No address of this server is."),
        N_("Shorten the query."),
    ),
    ProblemKind(
        "head-too-large", 431, N_("The headers are too large"),
        N_("The request has more than 100 header fields, or they are larger than 32 KiB."),
        N_("Send fewer or shorter headers. In a browser, delete the cookies of this host."),
    ),
    ProblemKind(
        "http-version-not-supported", 505, N_("The server does not speak this version of HTTP"),
        N_("The request is neither HTTP/1.0 nor HTTP/1.1."),
        N_("Use HTTP/1.1. A reverse proxy in front of the server can speak HTTP/2."),
    ),
    ProblemKind(
        "internal-error", 500, N_("Something went wrong on the server"),
        N_("A fault of the server. What was being done is undone."),
        N_("Look into the server's log for the number in `instance` (the answer's X-Request-Id), "
           "and report it."),
    ),
)  # fmt: skip
_REFUSED: Final = (
    _refused(
        e.OwnAccount(),
        N_("A credential of the API does not touch its own account's password, MFA, sessions or "
           "API password, and does not delete or disable the account. Nothing was done."),
        N_("Do it in the console, or let another administrator do it."),
    ),
    _refused(
        e.WritingSwitchedOff(),
        N_("The person who runs the server has switched the writing operations of the API off."),
        N_("Use the console, or set api_manages_administrators = true."),
    ),
    _refused(
        e.NoSuchAdministrator(),
        N_("The path names an account that is not there: it was deleted, or the name is "
           "misspelt. Large and small letters are the same."),
        N_("List the accounts with GET /api/v1/administrators. Percent-encode the name in the "
           "path."),
    ),
    _refused(
        e.AlreadySo(),
        N_("The account is in the state that was asked for. Nothing was done."),
        N_("Nothing. A script that makes sure of a state can take this answer for a success."),
    ),
    _refused(
        e.ChangedMeanwhile(),
        N_("Something else changed the same account at the same moment. Nothing was done."),
        N_("Read the account again, and decide again."),
    ),
    _refused(
        e.LastAdministrator(),
        N_("The account is the only one that can log in at the console. Nothing was done."),
        N_("Create or enable another administrator first."),
    ),
    _refused(
        e.NotInThisState(status="disabled", event="reset"),
        N_("MFA has three states: disabled, pending, active. Enable is possible while it is "
           "disabled, reset while it is active, disable while it is pending or active. Nothing "
           "was done."),
        N_("Read the state with GET /api/v1/administrators/NAME/mfa, and decide again."),
    ),
    _refused(
        e.NothingToRevoke(),
        N_("The account has no API password. Nothing was done."),
        N_("Nothing. A script that makes sure that there is none can take this for a success."),
    ),
    _refused(
        e.UsernameTaken(),
        N_("Another account has this name, or one that cannot be told from it: large and small "
           "letters are the same, and so are letters in their different forms of Unicode."),
        N_("Choose another name."),
    ),
    _refused(
        e.Invalid(e.Problem("password", "too-short", {"shortest": 15})),
        N_("One or more values break a rule. `errors` names each field with a pointer "
           "(RFC 6901), a code and a sentence. Nothing was done."),
        N_("Put right what `errors` lists. A field that is not documented is refused, too."),
    ),
    _refused(
        e.Throttled(retry_after=30),
        N_("There were too many wrong passwords for this account or from this address. Nothing "
           "was evaluated, so the password may have been right."),
        N_("Wait as many seconds as the Retry-After header says. Stop the script that sends a wrong "
           "password, or give it an API password: a right one is never made to wait. `detail` tells "
           "whether it is the account that waits, which another administrator can unlock, or the "
           "address, which nobody can."),
    ),
    _refused(
        e.LoginInProgress(retry_after=1),
        N_("Passwords for one account are checked one at a time. The request waited for others for "
           "four seconds, or sixteen others were waiting. Nothing was evaluated."),
        N_("Wait as many seconds as the Retry-After header says, and send the request again. An API "
           "password does not wait for other logins."),
    ),
    _refused(
        e.TooManyRequests(retry_after=3),
        N_("The credential has made as many requests as the server allows it within a minute "
           "(setting api_requests_per_minute). Nothing was done."),
        N_("Wait as many seconds as the Retry-After header says. Ask less often, or let the "
           "person who runs the server allow more."),
    ),
    _refused(
        place.CannotDecrypt(),
        N_("A stored value was changed, or was encrypted with a key that this server does not "
           "have."),
        N_("Run `watchword doctor` on the server; it tells whose value it is."),
    ),
    _refused(
        e.Busy(retry_after=2),
        N_("More passwords wait to be checked than the server can check in a few seconds, or the "
           "database is locked. Nothing was done."),
        N_("Wait as many seconds as the Retry-After header says, and send the request again. With "
           "an API password no password is hashed, which costs next to nothing."),
    ),
    _refused(
        place.DatabaseUnavailable(),
        N_("The database does not answer, is full, or cannot be written. Nothing was done."),
        N_("Send the request again in a moment. Who runs the server finds the reason with "
           "`watchword doctor` and in the log."),
    ),
    _refused(
        place.KeyOutdated(),
        N_("The keys were rotated on another node, and this node does not have the new one: "
           "/health/ready says so, for the load balancer."),
        N_("Copy keys/keyring.json from the node on which the keys were rotated."),
    ),
)  # fmt: skip


def _all() -> dict[str, ProblemKind]:
    return {k.code: k for k in sorted((*_BEFORE, *_REFUSED), key=lambda k: (k.status, k.code))}


KINDS: Final[Mapping[str, ProblemKind]] = MappingProxyType(_all())
"""By code, in the order of their status."""

_PLAIN: Final = (
    "bad-request", "cross-origin", "not-found", "method-not-allowed", "precondition-failed",
    "too-large", "unsupported-media-type", "internal-error",
    "request-timeout", "target-too-long", "head-too-large", "http-version-not-supported",
)  # fmt: skip
BY_STATUS: Final[Mapping[int, ProblemKind]] = MappingProxyType(
    {KINDS[code].status: KINDS[code] for code in _PLAIN}
)
"""The kind of a plain HTTP error."""
