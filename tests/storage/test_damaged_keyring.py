"""A keyring that was damaged is told with its name, and neither used nor replaced."""

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
def test_a_damaged_keyring_is_told_and_not_replaced(here: Installation, content: str) -> None:
    path = keyring.path_in(here.folder)
    path.write_text(content)
    with pytest.raises(PlaceUnusable):
        reopen(here)
    assert path.read_text() == content


def damages() -> dict[str, Callable[[dict[str, Any]], object]]:
    """What may have become of a keyring beside being cut short."""
    short, odd = base64.b64encode(bytes(31)).decode(), base64.b64encode(bytes(32)).decode()
    return {
        "a key cut short": lambda ring: ring["keys"].append({"id": "0" * 16, "key": short}),
        "an id cut short": lambda ring: ring["keys"].append({"id": "0" * 14, "key": odd}),
        "an id that is none": lambda ring: ring["keys"].append({"id": "x" * 16, "key": odd}),
        "a current key of no ring": lambda ring: ring.update(current="0" * 16),
        "a key that is no base64": lambda ring: ring["keys"].append({"id": "0" * 16, "key": "-"}),
    }


@pytest.mark.parametrize("damage", damages())
def test_a_keyring_that_is_wrong_in_one_place_is_told(here: Installation, damage: str) -> None:
    """Its own key is still in it: without a look at the others nobody would notice."""
    path = keyring.path_in(here.folder)
    ring = json.loads(path.read_text())
    damages()[damage](ring)
    path.write_text(json.dumps(ring))
    with pytest.raises(PlaceUnusable) as refused:
        reopen(here)
    assert refused.value.facts == {"what": str(path), "reason": "not a keyring"}


@sqlite_only
def test_a_keyring_that_is_no_text_or_no_file_is_told(here: Installation) -> None:
    path = keyring.path_in(here.folder)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(PlaceUnusable):
        reopen(here)
    path.unlink()
    path.mkdir()
    with pytest.raises(PlaceUnusable):
        reopen(here)
