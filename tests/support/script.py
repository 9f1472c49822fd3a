"""A script that calls the Management API and compares every response with its document."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.support import json_schema
from tests.support.served import PASSWORD, Served
from watchword.web.api.openapi import document
from watchword.web.api.table import TABLE

DOCUMENT = document(TABLE)


def template_of(path: str) -> str:
    """Return the path of the document that matches a request's path."""
    plain = path.partition("?")[0]
    for template in DOCUMENT["paths"]:
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, plain):
            return str(template)
    raise AssertionError(f"the document has no {plain}")


def faults(method: str, path: str, answer: requests.Response) -> list[str]:
    """Return the differences between a response and the document."""
    operation = DOCUMENT["paths"][template_of(path)][method.lower()]
    documented = operation["responses"].get(str(answer.status_code))
    if documented is None:
        return [f"{answer.status_code} is not documented for {method} {path}: {answer.text}"]
    found = [f"the header {name} is missing" for name in documented.get("headers", {})
             if name.lower() not in answer.headers and name not in {"Link", "Retry-After"}]  # fmt: skip
    content = documented.get("content")
    if content is None:
        return [*found, *(["a body"] if answer.content else [])]
    media_type = answer.headers["content-type"].partition(";")[0]
    if media_type not in content:
        return [*found, f"{media_type} is none of {list(content)}"]
    schema = content[media_type]["schema"]
    value: Any = answer.json() if media_type.endswith("json") else answer.text
    codes = content[media_type].get("examples")
    if codes is not None and (value["code"] not in codes or value["status"] != answer.status_code):
        found.append(f"{value['code']} is not documented for {answer.status_code}: {list(codes)}")
    return [*found, *json_schema.problems(DOCUMENT, schema, value)]


@dataclass
class Script:
    """Calls by one administrator. `seen` collects the responses of the document that occurred."""

    served: Served
    username: str = "alice"
    password: str = PASSWORD
    seen: set[tuple[str, str, int, str]] = field(default_factory=set)

    def __call__(self, method: str, path: str, json: Any = None, **options: Any) -> Any:
        options.setdefault("auth", (self.username, self.password))
        answer = requests.request(
            method, self.served.api + path, json=json, verify=str(self.served.ca), timeout=30,
            **options,
        )  # fmt: skip
        assert faults(method, path, answer) == []
        is_problem = answer.headers.get("content-type") == "application/problem+json"
        code = answer.json()["code"] if is_problem else ""
        self.seen.add((method, template_of(path), answer.status_code, code))
        return answer
