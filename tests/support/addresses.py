"""Connections from a chosen source address, so that one client does not throttle another."""

from __future__ import annotations

from typing import Any

from requests.adapters import HTTPAdapter


class FromAddress(HTTPAdapter):
    """An adapter for a session of requests that connects from this address of the machine."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, source_address=(self.address, 0), **kwargs)
