"""CONTRIBUTING.md: the files it names exist, and its walks enter them in this order."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.docs.blocks import ROOT
from tests.docs.entered import SOURCE, Client, Entered
from tests.support.acts import Acts, basic_header
from tests.support.served import PASSWORD
from watchword import asgi

TEXT = (ROOT / "CONTRIBUTING.md").read_text()
ON_SQLITE = pytest.mark.parametrize("here", ["sqlite"], indirect=True)


def walk(heading: str) -> list[str]:
    """Return the files of the numbered list under a heading."""
    section = TEXT.partition(f"### {heading}\n")[2].partition("\n#")[0]
    steps = re.findall(r"^\d+\. ([^:]*):", section, re.M)
    return [file for step in steps for file in re.findall(r"`([\w/]+\.py)`", step)]


def demand_order(heading: str, entered: Entered, answer: httpx.Response, status: int) -> None:
    listed = walk(heading)
    assert answer.status_code == status
    assert [file for file in entered.files if file in listed] == listed


def test_contributing_names_only_files_that_exist() -> None:
    named = re.findall(r"`([\w/.]+\.(?:py|md|toml|sh|txt))`", TEXT)
    found = [name for name in named if (ROOT / name).exists() or (ROOT / SOURCE / name).exists()]
    assert len(named) > 50
    assert found == named


@ON_SQLITE
def test_walk_of_a_code_enters_files_in_the_listed_order(acts: Acts) -> None:
    acts.activate()
    browser = Client(asgi.console(acts.app))
    browser.get("/login")
    browser.post("/login", username="alice", password=PASSWORD)
    browser.get("/login/second-step")
    acts.here.clock.next_step()
    code = acts.code()
    with Entered() as entered:
        answer = browser.post("/login/second-step", totp_code=code)
    demand_order("A code typed at login", entered, answer, 303)


@ON_SQLITE
def test_walk_of_an_api_request_enters_files_in_the_listed_order(acts: Acts) -> None:
    credentials = basic_header("alice", acts.generate_api_password()).decode()
    script = Client(asgi.api(acts.app))
    with Entered() as entered:
        answer = script.get("/api/v1/administrators/alice", authorization=credentials)
    demand_order("An API request with an API password", entered, answer, 200)


@ON_SQLITE
def test_walk_of_a_change_enters_files_in_the_listed_order(acts: Acts) -> None:
    acts.create("bob")
    browser = Client(asgi.console(acts.app))
    browser.get("/login")
    browser.post("/login", username="alice", password=PASSWORD)
    browser.get("/administrators/bob/disable")
    with Entered() as entered:
        answer = browser.post("/administrators/bob/disable")
    demand_order("A change to another account at the console", entered, answer, 303)
