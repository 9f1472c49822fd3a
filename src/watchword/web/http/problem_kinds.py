"""All kinds of problems of the API: explanation, remedy and example.

A refusal has its title and status in refusal_messages.py. Problems that are detected before a
use-case runs have them here. The API answers from this table, the console has a page for each kind
(console/problem_reference.py), and docs/reference/problems.md is made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from watchword.domain import application_errors as a
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
        N_("The body is not valid JSON, or its text is not UTF-8. Nothing was done."),
        N_("Create the body with a JSON library. In a shell, put it in single quotes."),
        N_("The body is not JSON in UTF-8."),
    ),
    ProblemKind(
        "repeated-key", 400, N_("A key of the body is repeated"),
        N_("An object in the body contains the same key twice, so its value is ambiguous. Nothing was "
           "done."),
        N_("Send each key once."),
        N_("The key \"email\" is repeated."),
    ),
    ProblemKind(
        "unauthorized", 401, N_("Credentials are missing or invalid"),
        N_("The request has no credentials or unacceptable ones: an unknown username, a wrong "
           "password, a disabled account, the regular password of an account with MFA, more than "
           "one Authorization header, or a credential that was revoked before the request was "
           "complete. The answer is the same for all of them, so it reveals nothing to an attacker."),
        N_("Send HTTP Basic credentials. While MFA is pending or active for an account, send its "
           "API password instead of the regular one. Generate it in the console on Your MFA "
           "Settings. That page also shows when the API has refused your regular password."),
        N_("Send HTTP Basic credentials. While MFA is enabled for an account, pending or "
           "active, its regular password does not work here: generate an API password in the "
           "Management Console, on Your MFA Settings, and use that with the username."),
    ),
    ProblemKind(
        "bad-request", 400, N_("Bad request"),
        N_("The request does not follow HTTP."),
        N_("Use an HTTP library, or check the proxies between the client and the server."),
    ),
    ProblemKind(
        "cross-origin", 403, N_("Cross-origin request refused"),
        N_("A browser sent this request for a page of another site, according to its Origin or "
           "Sec-Fetch-Site header. The API refuses changes for such pages, even with valid "
           "credentials."),
        N_("Call the API from a script, not from a web page. Behind a proxy with another name, set "
           "api_url to the address that clients use."),
    ),
    ProblemKind(
        "not-behind-proxy", 403, N_("The request did not come through the proxy"),
        N_("This interface accepts plain HTTP only from a trusted reverse proxy. The request did not "
           "come through it, or the client did not use HTTPS. Nothing was done."),
        N_("Use the public address. If you set up the proxy, see the settings trusted_proxies and "
           "plain_http_behind_trusted_proxy."),
    ),
    ProblemKind(
        "unknown-host", 421, N_("Unknown host name"),
        N_("The server uses plain HTTP on loopback, and the Host header contains neither a name of "
           "this machine nor a host name of the settings console_url and api_url. If it answered, a "
           "page of another site could read the answer. Nothing was done."),
        N_("Use http://localhost with the port, or the IP address. To add a name, set console_url "
           "or api_url to an address that contains it."),
    ),
    ProblemKind(
        "not-found", 404, N_("Not found"),
        N_("No operation has this path."),
        N_("Compare the path with /docs on the API. Percent-encode a username in a path: a slash is "
           "%2F, a colon %3A."),
    ),
    ProblemKind(
        "method-not-allowed", 405, N_("Method not allowed"),
        N_("The path exists, but does not support this method."),
        N_("Use one of the methods in the Allow header."),
    ),
    ProblemKind(
        "precondition-failed", 412, N_("The resource has changed"),
        N_("The If-Match header of the request is not the account's current ETag: the account was "
           "changed after you read it. Nothing was done."),
        N_("Read the account again, decide again, and send the change with the new ETag."),
    ),
    ProblemKind(
        "too-large", 413, N_("The request is too large"),
        N_("The body is larger than 64 KiB, or the form larger than 32 KiB. No operation needs as "
           "much."),
        N_("Send only the object that the operation accepts."),
    ),
    ProblemKind(
        "unsupported-media-type", 415, N_("Unsupported media type"),
        N_("The Content-Type header is missing, or the operation does not accept its type."),
        N_("Send Content-Type: application/json. (curl sends application/x-www-form-urlencoded "
           "by default, unless --json or --header is given.)"),
        N_("The body must be JSON, with the header Content-Type: application/json."),
    ),
    ProblemKind(
        "request-timeout", 408, N_("The request did not arrive in time"),
        N_("The client started a request and did not send all of it in time. The server closes the "
           "connection."),
        N_("Send the request again without pauses."),
    ),
    ProblemKind(
        "target-too-long", 414, N_("The address is too long"),
        N_("Path and query together are longer than 8 KiB. No operation needs as much."),
        N_("Shorten the query."),
    ),
    ProblemKind(
        "head-too-large", 431, N_("The headers are too large"),
        N_("The request has more than 100 header fields, or more than 32 KiB of them."),
        N_("Send fewer or shorter headers. In a browser, delete the cookies of this host."),
    ),
    ProblemKind(
        "http-version-not-supported", 505, N_("HTTP version not supported"),
        N_("The request is neither HTTP/1.0 nor HTTP/1.1."),
        N_("Use HTTP/1.1. A reverse proxy in front of the server can speak HTTP/2."),
    ),
    ProblemKind(
        "internal-error", 500, N_("Internal error"),
        N_("The server has a bug. The transaction of the request was rolled back."),
        N_("Find the request id in `instance` (also in the X-Request-Id header) in the server's "
           "log, and report the log line."),
    ),
)  # fmt: skip
_REFUSED: Final = (
    _refused(
        e.OwnAccount(),
        N_("A credential of the API cannot change its own account's password, MFA, sessions or API "
           "password, and cannot delete or disable the account. Nothing was done."),
        N_("Use the console, or ask another administrator."),
    ),
    _refused(
        e.NotAnAdministrator(),
        N_("The credentials belong to a member. Members may only read their own account, with GET "
           "/api/v1/whoami. Nothing was done."),
        N_("Use the credentials of an administrator, or ask one to make the account an "
           "administrator."),
    ),
    _refused(
        e.PersonNeeded(),
        N_("No credential of the API changes who may enter an application, or the password, the MFA, "
           "the role or the groups of a member. Nothing was done."),
        N_("Use the console or the command line."),
    ),
    _refused(
        e.NoSuchMember(),
        N_("No member has the username in the path: it was deleted, is an administrator now, or "
           "the username is misspelt. Upper and lower case are equivalent."),
        N_("List the members with GET /api/v1/members. Percent-encode the username in the path."),
    ),
    _refused(
        e.WritingSwitchedOff(),
        N_("The writing operations of the API are switched off in the settings of the server."),
        N_("Use the console, or set api_manages_administrators = true."),
    ),
    _refused(
        e.NoSuchAdministrator(),
        N_("No account has the username in the path: it was deleted, or the username is misspelt. "
           "Upper and lower case are equivalent."),
        N_("List the accounts with GET /api/v1/administrators. Percent-encode the username in the "
           "path."),
    ),
    _refused(
        e.AlreadySo(),
        N_("It is already in the requested state. Nothing was done."),
        N_("Nothing. A script that ensures a state can treat this answer as success."),
    ),
    _refused(
        a.NoSuchApplication(application="wiki"),
        N_("No application has the name in the path: it was deleted or renamed, or the name is "
           "misspelt. Upper and lower case are equivalent."),
        N_("List the applications with GET /api/v1/applications."),
    ),
    _refused(
        a.ApplicationTaken(application="wiki"),
        N_("Another application has the name in the body."),
        N_("Choose another name, or change the application that has it."),
    ),
    _refused(
        a.HostTaken(host="wiki.example.org", application="wiki"),
        N_("A host in the body belongs to another application. Nothing was done."),
        N_("Remove the host from the other application first."),
    ),
    _refused(
        a.TooManyApplications(most=1000),
        N_("The server manages no more applications."),
        N_("Delete an application that is no longer used."),
    ),
    _refused(
        e.ChangedMeanwhile(),
        N_("Another request changed the same account at the same time. Nothing was done."),
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
        N_("Nothing. A script that ensures that there is none can treat this answer as success."),
    ),
    _refused(
        e.UsernameTaken(),
        N_("Another account has this username or an equivalent one: upper and lower case are "
           "equivalent, and so are different Unicode forms of a letter."),
        N_("Choose another username."),
    ),
    _refused(
        e.Invalid(e.Problem("password", "too-short", {"shortest": 15})),
        N_("One or more values break a rule. `errors` names each field with a pointer "
           "(RFC 6901), a code and a sentence. Nothing was done."),
        N_("Correct the fields in `errors`. A field that is not documented is refused as well."),
    ),
    _refused(
        e.Throttled(retry_after=30),
        N_("There were too many wrong passwords for this account or from this address. The password "
           "was not checked, so it may be correct."),
        N_("Wait for the number of seconds in the Retry-After header. Stop the script that sends a "
           "wrong password, or give it an API password: a correct one is never throttled. `detail` "
           "shows whether the account or the address is throttled. Another administrator can unlock "
           "an account, but not an address."),
    ),
    _refused(
        e.LoginInProgress(retry_after=1),
        N_("Passwords for one account are checked one at a time. The request waited for four "
           "seconds, or sixteen others were waiting. The password was not checked."),
        N_("Wait for the number of seconds in the Retry-After header, then send the request again. "
           "An API password does not wait for other logins."),
    ),
    _refused(
        e.TooManyRequests(retry_after=3),
        N_("The credential has made more requests within a minute than the setting "
           "api_requests_per_minute allows. Nothing was done."),
        N_("Wait for the number of seconds in the Retry-After header. Send fewer requests, or ask "
           "the operator of the server to raise the setting."),
    ),
    _refused(
        place.CannotDecrypt(),
        N_("A stored value was changed, or was encrypted with a key that this server does not "
           "have."),
        N_("Run `watchword doctor` on the server. It shows the account of the value."),
    ),
    _refused(
        e.Busy(retry_after=2),
        N_("More passwords are waiting than the server can check within a few seconds, or the "
           "server is shutting down. Nothing was done."),
        N_("Wait for the number of seconds in the Retry-After header, then send the request again. "
           "An API password needs no slow hash and does not wait."),
    ),
    _refused(
        place.DatabaseUnavailable(),
        N_("The database does not answer, is full, or cannot be written. Nothing was done."),
        N_("Send the request again later. The operator finds the reason with `watchword doctor` and "
           "in the server's log."),
    ),
    _refused(
        place.KeyOutdated(),
        N_("The keys were rotated on another node, and this node does not have the new key. "
           "/health/ready reports it to the load balancer."),
        N_("Copy keys/keyring.json from the node on which the keys were rotated."),
    ),
)  # fmt: skip


def _all() -> dict[str, ProblemKind]:
    return {k.code: k for k in sorted((*_BEFORE, *_REFUSED), key=lambda k: (k.status, k.code))}


KINDS: Final[Mapping[str, ProblemKind]] = MappingProxyType(_all())
"""By code, sorted by status."""

_PLAIN: Final = (
    "bad-request", "cross-origin", "not-found", "method-not-allowed", "precondition-failed",
    "too-large", "unsupported-media-type", "internal-error",
    "request-timeout", "target-too-long", "head-too-large", "http-version-not-supported",
)  # fmt: skip
BY_STATUS: Final[Mapping[int, ProblemKind]] = MappingProxyType(
    {KINDS[code].status: KINDS[code] for code in _PLAIN}
)
"""The kind of a plain HTTP error."""
