"""Requests to an ASGI app in this process whose body arrives late."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support import loops, walk

Act = Callable[[], object]


@dataclass(frozen=True)
class Held:
    """A request whose body stops after one byte; `meanwhile` runs before the rest is sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    meanwhile: Act

    def sent_to(self, app: Any) -> walk.Answer:
        return loops.run(self._answered(app))

    async def _answered(self, app: Any) -> walk.Answer:
        sent: list[Any] = []
        pieces = [self.body[:1], self.body[1:]]

        async def receive() -> dict[str, Any]:
            piece = pieces.pop(0)
            if not pieces:
                self.meanwhile()
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: Any) -> None:
            sent.append(message)

        await app(self._scope(), receive, send)
        headers = [(k.decode(), v.decode()) for k, v in sent[0]["headers"]]
        body = b"".join(message["body"] for message in sent[1:])
        return walk.Answer(sent[0]["status"], headers, body.decode())

    def _scope(self) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        headers = {"host": "localhost", **self.headers}
        return {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1",
            "method": self.method, "scheme": "https", "path": path, "raw_path": path.encode(),
            "query_string": query.encode(), "root_path": "", "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8474),
            "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
        }  # fmt: skip
