"""Fixtures of the browser tests, in addition to each module's own server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.browser import Chromium, Visitor
from tests.support.served import Served


@pytest.fixture(scope="module")
def visitor(served: Served, chromium: Chromium) -> Iterator[Visitor]:
    """A browser that trusts the module's server."""
    with chromium.trusting(served.ca) as opened:
        yield opened
