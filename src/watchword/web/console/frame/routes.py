"""What the console knows of each of its paths."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response

from watchword.web.console.frame.request_context import Act

Show = Callable[..., Awaitable[Response]]


@dataclass(frozen=True)
class ConsoleRoute:
    """One path. `show` answers GET and draws a refused POST again; `act` answers POST.

    `is_page` is false for what is only posted to. With a password that another administrator set,
    only public routes and the one for a new password are open; after a login by recovery code
    only those that decide about the secret. `stands_in_session` is true for a public one whose
    button stands on the pages of a session: after its end the page says that it has ended.
    """

    path: str
    show: Show
    act: Act | None = None
    is_public: bool = False
    is_page: bool = True
    is_open_to_given_password: bool = False
    is_open_to_undecided: bool = False
    stands_in_session: bool = False
