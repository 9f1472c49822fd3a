"""Routes of the console."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import Struct
from starlette.responses import Response

from watchword.web.console.frame.request_context import Act

Show = Callable[..., Awaitable[Response]]


class ConsoleRoute(Struct, frozen=True):
    """One path. `show` answers GET and shows a refused POST; `act` answers POST.

    `is_page` is false for a path that only accepts POST. Before an administrator has replaced a
    password that another one set, only public routes and routes with `is_open_to_given_password`
    are open. After a login with a recovery code, the same holds for `is_open_to_undecided`, until
    the administrator keeps or resets the secret. `stands_in_session` marks a public route whose
    button is on pages of a session: without its session it reports that the session has ended.
    Members may only use public routes and those with `is_open_to_members`.
    """

    path: str
    show: Show
    act: Act | None = None
    is_public: bool = False
    is_page: bool = True
    is_open_to_given_password: bool = False
    is_open_to_undecided: bool = False
    stands_in_session: bool = False
    is_open_to_members: bool = False
