"""Dialects: how each family of reverse proxies describes a request and takes the answer.

forward    Caddy, Traefik, HAProxy, Apache: any answer but 200 goes to the client as it is
nginx      the check of auth_request: 200 or 401; any other status would become 500
answer     what nginx gives to a client after a check that refused
envoy      the original request itself, below a prefix
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from watchword.domain import original_request
from watchword.domain.gateway_credentials import Presented
from watchword.domain.gateway_decision import UNAVAILABLE, Decision
from watchword.domain.original_request import Fields, Flaw, OriginalRequest
from watchword.web.gateway import answers
from watchword.web.gateway.answers import Answer, Asked

REMOVED_BY_ENVOY: Final = b"x-envoy-auth-headers-to-remove"
Scope = Mapping[str, Any]


class Dialect(Struct, frozen=True):
    """One family of proxies. `is_second` when the same request was checked a moment ago;
    `is_asked_again` when its refusals are asked for by a second request.
    """

    read: Callable[[Scope, bytes], OriginalRequest | Flaw]
    answer: Callable[[Decision, Presented, Asked], Answer]
    is_second: bool = False
    is_asked_again: bool = False


def _fields(scope: Scope) -> Fields:
    fields: Fields = scope["headers"]
    return fields


def _forward(decision: Decision, given: Presented, asked: Asked) -> Answer:
    if decision.is_allowed:
        return answers.allowing(decision, given)
    return answers.refusing(decision, asked)


def _nginx_check(decision: Decision, given: Presented, _asked: Asked) -> Answer:
    if decision.is_allowed:
        return answers.allowing(decision, given)
    return Answer(HTTPStatus.UNAUTHORIZED)


def _nginx_answer(decision: Decision, _given: Presented, asked: Asked) -> Answer:
    """Return the refusal. A request that is allowed meanwhile was not: the client tries again."""
    return answers.refusing(UNAVAILABLE if decision.is_allowed else decision, asked)


def _envoy(decision: Decision, given: Presented, asked: Asked) -> Answer:
    """Name our own headers for removal. Envoy removes after it has added those of the answer."""
    if not decision.is_allowed:
        return answers.refusing(decision, asked)
    allowed = answers.allowing(decision, given)
    own = b"watchword-authorization"
    names = own if given.tools_authorization is not None else b"authorization, " + own
    return replace(allowed, fields=(*allowed.fields, (REMOVED_BY_ENVOY, names)))


def _read_envoy(scope: Scope, rest: bytes) -> OriginalRequest | Flaw:
    query = scope["query_string"]
    target = rest + b"?" + query if query else rest
    return original_request.of_envoy(scope["method"], _fields(scope), target)


def _read_nginx(scope: Scope, _rest: bytes) -> OriginalRequest | Flaw:
    return original_request.of_nginx(_fields(scope))


def _read_forward(scope: Scope, _rest: bytes) -> OriginalRequest | Flaw:
    return original_request.of_forward(_fields(scope))


DIALECTS: Final[Mapping[bytes, Dialect]] = {
    b"forward": Dialect(_read_forward, _forward),
    b"nginx": Dialect(_read_nginx, _nginx_check, is_asked_again=True),
    b"answer": Dialect(_read_nginx, _nginx_answer, is_second=True),
    b"envoy": Dialect(_read_envoy, _envoy),
}
