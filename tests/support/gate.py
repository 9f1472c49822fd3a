"""The gateway in this process, asked as a reverse proxy asks."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from tests.support import loops
from tests.support.acts import CLI, Acts, basic_header
from watchword import asgi
from watchword.domain.applications import Admission, Application, Level
from watchword.storage import applications
from watchword.usecases.api import api_password
from watchword.usecases.gateway import visitors
from watchword.usecases.unit_of_work import bookkeeping
from watchword.web import ASGIApp

WIKI = Application(
    "wiki",
    ("wiki.example",),
    level=Level.PASSWORD,
    accept_api_passwords=True,
    accept_administrators_api_passwords=True,
    public_paths=("/favicon.ico", "/public/*"),
    who=Admission(everyone=True),
)
BROWSER = {
    "user-agent": "Mozilla/5.0",
    "accept": "text/html,*/*;q=0.8",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
}


@dataclass(frozen=True)
class Answer:
    """An answer of the gateway."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def get(self, name: str) -> str | None:
        """Return a field, None without one. It must not be repeated."""
        found = [value for each, value in self.headers if each == name]
        assert len(found) <= 1
        return found[0] if found else None


@dataclass
class Gate:
    """The gateway of an installation with the application wiki, and alice."""

    acts: Acts
    app: ASGIApp = field(init=False)

    def __post_init__(self) -> None:
        self.acts.here.with_settings(trusted_proxies="127.0.0.1")
        self.wiki = self.put(WIKI)
        self.app = self.another()

    def another(self) -> ASGIApp:
        """Return the gateway of another process on the same data."""
        return asgi.gateway(self.acts.app, "https://console.example:8470")

    def put(self, new: Application) -> Application:
        """Store an application."""
        with bookkeeping(self.acts.app) as u:
            return applications.create(u.connection, new)

    def change(self, **values: Any) -> None:
        """Change the wiki."""
        self.wiki = replace(self.wiki, **values)
        with bookkeeping(self.acts.app) as u:
            applications.change(u.connection, self.wiki)

    def api_password(self, username: str = "alice") -> str:
        """Generate an API password."""
        return api_password.generate_by_operator(self.acts.app, CLI, username).reveal()

    def session(self, host: str = "wiki.example") -> tuple[str, int]:
        """Log alice in and open a session at the wiki. Returns its cookie, and the console session."""
        logged_in = self.acts.password()
        principal = self.acts.principal(logged_in)  # type: ignore[arg-type]
        with bookkeeping(self.acts.app) as u:
            token = visitors.open_session(
                u, principal.account, self.wiki, host, principal.session.id
            )
        return f"__Host-ww_v={token.reveal()}", principal.session.id

    def ask(self, *headers: Any, **more: Any) -> Answer:
        """Ask about a request, and return the answer."""
        return loops.run(self.asking(*headers, **more))

    def asking(
        self,
        headers: Mapping[str, str] | list[tuple[str, str]] = {},  # noqa: B006
        *,
        kind: str = "forward",
        name: str = "wiki",
        method: str = "GET",
        target: str = "/page",
        host: str = "wiki.example",
        address: str = "192.0.2.50",
        peer: str = "127.0.0.1",
        through: ASGIApp | None = None,
        but: tuple[str, ...] = (),
    ) -> Coroutine[Any, Any, Answer]:
        """Ask about a request, as a proxy of this kind describes it."""
        own = {"x-forwarded-for": address, "host": "gateway"}
        path = f"/auth/{kind}/{name}"
        if kind == "forward":
            own |= {"x-forwarded-method": method, "x-forwarded-proto": "https",
                    "x-forwarded-host": host, "x-forwarded-uri": target}  # fmt: skip
        elif kind == "envoy":
            own["host"], path = host, path + target
        else:
            own |= {"x-original-method": method, "x-original-url": f"https://{host}{target}"}
        pairs = list(headers.items()) if isinstance(headers, Mapping) else headers
        fields = [(k, v) for k, v in own.items() if k not in but] + pairs
        sent = method if kind == "envoy" else "GET"
        return _answered(through or self.app, sent, path, fields, peer)

    def script(self, password: str, username: str = "alice", **more: Any) -> Answer:
        """Ask with an API password as HTTP Basic."""
        return self.ask({"authorization": basic_header(username, password).decode()}, **more)


async def _answered(
    app: ASGIApp, method: str, path: str, fields: list[tuple[str, str]], peer: str
) -> Answer:
    raw, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": raw, "raw_path": raw.encode(), "query_string": query.encode(),
        "root_path": "", "client": (peer, 50_000), "server": ("127.0.0.1", 8476),
        "headers": [(k.encode(), v.encode()) for k, v in fields],
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    headers = [(k.decode(), v.decode("latin-1")) for k, v in sent[0]["headers"]]
    return Answer(sent[0]["status"], headers, b"".join(m["body"] for m in sent[1:]))
