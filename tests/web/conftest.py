"""A server for each module, and browsers at its console. A module that needs other settings defines
its own fixture `served`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.support.acts import basic_header
from tests.support.person import Person
from tests.support.served import PASSWORD, Served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for this module, with the administrator alice."""
    with Served.running(tmp_path_factory.mktemp("served") / "data") as server:
        server.create("alice")
        yield server


@pytest.fixture
def alice(served: Served) -> Iterator[Person]:
    """Alice, logged in."""
    opened = Person(served).login("alice")
    assert opened.heading != "Login", "a module with its own server creates alice itself"
    yield opened
    opened.close()


@pytest.fixture
def person(served: Served) -> Iterator[Person]:
    """A browser without a session."""
    opened = Person(served)
    yield opened
    opened.close()


def whoami(served: Served, name: str, password: str = PASSWORD) -> int:
    """Return the status of a Management API call with these credentials."""
    answer = requests.get(
        served.api + "/api/v1/whoami", headers={"Authorization": basic_header(name, password)},
        verify=str(served.ca), timeout=30,
    )  # fmt: skip
    return answer.status_code
