"""Damaged keyrings: the refusal names the file, and the file is neither used nor replaced."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.storage.test_database import reopen, sqlite_only
from tests.support.installation import Installation
from watchword.crypto import keyring
from watchword.domain.operational_errors import PlaceUnusable


@pytest.mark.parametrize("content", ["", "{", "[]", '{"keys": []}', '{"keys": [{"id": "a"}]}'])
def test_damaged_keyring_is_reported_and_not_replaced(here: Installation, content: str) -> None:
    path = keyring.path_in(here.folder)
    path.write_text(content)
    with pytest.raises(PlaceUnusable):
        reopen(here)
    assert path.read_text() == content


def damages() -> dict[str, Callable[[dict[str, Any]], object]]:
    """Changes of a keyring, each of which makes one value invalid."""
    short, odd = base64.b64encode(bytes(31)).decode(), base64.b64encode(bytes(32)).decode()
    return {
        "a key cut short": lambda ring: ring["keys"].append({"id": "0" * 16, "key": short}),
        "an id cut short": lambda ring: ring["keys"].append({"id": "0" * 14, "key": odd}),
        "an id that is none": lambda ring: ring["keys"].append({"id": "x" * 16, "key": odd}),
        "a current key of no ring": lambda ring: ring.update(current="0" * 16),
        "a key that is no base64": lambda ring: ring["keys"].append({"id": "0" * 16, "key": "-"}),
    }


@pytest.mark.parametrize("damage", damages())
def test_keyring_with_one_invalid_value_is_refused(here: Installation, damage: str) -> None:
    """The current key is still valid, so only a check of all values finds the damage."""
    path = keyring.path_in(here.folder)
    ring = json.loads(path.read_text())
    damages()[damage](ring)
    path.write_text(json.dumps(ring))
    with pytest.raises(PlaceUnusable) as refused:
        reopen(here)
    assert refused.value.facts == {"what": str(path), "reason": "not a keyring"}


@sqlite_only
def test_keyring_that_is_not_text_or_not_a_file_is_refused(here: Installation) -> None:
    path = keyring.path_in(here.folder)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(PlaceUnusable):
        reopen(here)
    path.unlink()
    path.mkdir()
    with pytest.raises(PlaceUnusable):
        reopen(here)
