"""A new operation of the API touches two files: an endpoint module and the structs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
STRUCTS = """

class GreetingOut(msgspec.Struct, frozen=True):
    \"\"\"A greeting.\"\"\"

    text: str
"""
ENDPOINT = """

from watchword.web.api.schemas import GreetingOut


@group.operation(
    "GET", "/api/v1/greeting",
    summary="Greet the caller",
    answers=(Success(200, "The greeting.", GreetingOut, GreetingOut("Good morning.")),),
)
async def get_greeting(_api: Api, request: Request) -> Response:
    account = request.scope["state"]["caller"].account
    return json_response(GreetingOut(f"Good morning, {account.username}."))
"""
ADDED = {"web/api/schemas.py": STRUCTS, "web/api/endpoints/server.py": ENDPOINT}
ASK = """
import json, sys
from pathlib import Path
import watchword
from tests.support.acts import PASSWORD, Acts, basic_header
from tests.support.asgi_client import Held
from tests.support.installation import Installation, make_template, open_copy
from watchword import asgi

folder = Path(sys.argv[1])
template = make_template(folder / "template", None, Acts)
here = open_copy(template, folder / "data", None)
api = asgi.api(here.app)
credentials = {"authorization": basic_header("alice", PASSWORD).decode()}
found = {"source": watchword.__file__}
for path in sys.argv[2:]:
    for name, headers in (("with", credentials), ("without", {})):
        answer = Held("GET", path, headers, b"", bool).sent_to(api)
        found[f"{path} {name}"] = [answer.status, answer.body]
here.close()
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The answers of a copy of the package in which two files were extended."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "src" / "watchword", copy / "watchword")
    for file, text in ADDED.items():
        with (copy / "watchword" / file).open("a") as opened:
            opened.write(text)
    paths = ["/api/v1/greeting", "/api/v1/greeting?x=1", "/openapi.json", "/docs"]
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(tmp_path_factory.mktemp("data")), *paths],
        cwd=ROOT, env={"PYTHONPATH": str(copy)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert Path(found["source"]).is_relative_to(copy)
    return found


def test_added_operation_is_routed_with_authentication_and_query_check(asked: Any) -> None:
    status, body = asked["/api/v1/greeting with"]
    assert (status, json.loads(body)) == (200, {"text": "Good morning, alice."})
    assert asked["/api/v1/greeting without"][0] == 401
    assert asked["/api/v1/greeting?x=1 with"][0] == 422


def test_added_operation_is_in_the_openapi_document(asked: Any) -> None:
    document = json.loads(asked["/openapi.json with"][1])
    operation = document["paths"]["/api/v1/greeting"]["get"]
    assert operation["operationId"] == "get_greeting"
    assert operation["summary"] == "Greet the caller"
    content = operation["responses"]["200"]["content"]["application/json"]
    assert content["example"] == {"text": "Good morning."}
    assert content["schema"] == {"$ref": "#/components/schemas/GreetingOut"}
    assert document["components"]["schemas"]["GreetingOut"]["properties"] == {
        "text": {"type": "string"}
    }
    assert {"401", "422", "429", "503"} <= set(operation["responses"])


def test_added_operation_is_on_the_page_of_the_api(asked: Any) -> None:
    page = asked["/docs with"][1]
    assert '<section class="card" id="get_greeting"' in page
    assert "Greet the caller" in page
    assert 'id="schema-GreetingOut"' in page
