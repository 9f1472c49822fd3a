"""The life of an account through a generated client: `life_cycle.py GENERATOR`.

Reads {"url", "ca", "password"} from standard input. Prints the status and one parsed value of each
response. The client's package is `made`, in a folder on PYTHONPATH.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

ALICE, BOB = "alice", "ops:bob"
NEW = "another otter with pencils"
Call = Callable[..., tuple[int, Any]]


def openapi_python_client(given: Mapping[str, str]) -> Call:
    models = import_module("made.models")

    def call(
        operation: str, body: tuple[str, dict[str, Any]] | None = None, *,
        password: str = given["password"], **arguments: Any,
    ) -> tuple[int, Any]:  # fmt: skip
        tag = "you" if operation == "whoami" else "administrators"
        client = import_module("made").Client(
            given["url"], verify_ssl=given["ca"], httpx_args={"auth": (ALICE, password)},
            raise_on_unexpected_status=True,
        )  # fmt: skip
        if body is not None:
            arguments["body"] = getattr(models, body[0])(**body[1])
        module = import_module(f"made.api.{tag}.{operation}")
        answer = module.sync_detailed(client=client, **arguments)
        return int(answer.status_code), answer.parsed

    return call


def openapi_generator(given: Mapping[str, str]) -> Call:
    made = import_module("made")

    def call(
        operation: str, body: tuple[str, dict[str, Any]] | None = None, *,
        password: str = given["password"], **arguments: Any,
    ) -> tuple[int, Any]:  # fmt: skip
        configuration = made.Configuration(
            host=given["url"], username=ALICE, password=password, ssl_ca_cert=given["ca"]
        )
        client = made.ApiClient(configuration)
        api = (made.YouApi if operation == "whoami" else made.AdministratorsApi)(client)
        if body is not None:
            name = "".join("_" * c.isupper() + c.lower() for c in body[0]).lstrip("_")
            arguments[name] = getattr(made, body[0])(**body[1])
        try:
            answer = getattr(api, f"{operation}_with_http_info")(**arguments)
        except made.ApiException as refused:
            return int(refused.status), refused.data
        return int(answer.status_code), answer.data

    return call


def life_cycle(call: Call) -> Iterator[tuple[int, Any]]:
    def step(read: str, *of: Any, **arguments: Any) -> tuple[int, Any]:
        status, parsed = call(*of, **arguments)
        for name in read.split("."):
            parsed = getattr(parsed, name) if name else None
        return status, parsed

    account = ("NewAdministrator", {"username": BOB, "password": NEW, "full_name": "Bob"})
    rename = ("AdministratorChange", {"full_name": "Bob B."})
    yield step("username", "whoami")
    yield step("code", "whoami", password="wrong")
    yield step("username", "create_administrator", account)
    yield step("code", "create_administrator", account)
    yield step("full_name", "change_administrator", rename, username=BOB)
    yield step("code", "change_administrator", rename, username=BOB, if_match='"stale"')
    yield step("status", "enable_mfa", username=BOB)
    yield step("code", "enable_mfa", username=BOB)
    yield step("status", "disable_mfa", username=BOB)
    yield step("", "set_password", ("NewPassword", {"password": NEW[::-1]}), username=BOB)
    yield step("code", "set_password", ("NewPassword", {"password": "short"}), username=BOB)
    yield step("mfa.status", "get_administrator", username=BOB)
    yield step("", "delete_administrator", username=BOB)
    yield step("code", "get_administrator", username=BOB)


def main() -> None:
    call = {"openapi-python-client": openapi_python_client, "openapi-generator": openapi_generator}
    found = life_cycle(call[sys.argv[1]](json.load(sys.stdin)))
    json.dump([*found], sys.stdout, default=str)


if __name__ == "__main__":
    main()
