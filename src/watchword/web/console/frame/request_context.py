"""The context of one request at the console: session, cookies, form, and ways to respond."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, ParamSpec, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct, field
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from watchword import i18n, time_zones
from watchword.config import address
from watchword.crypto import tokens
from watchword.crypto.passwords import Hashing
from watchword.domain.audit import Actor, Interface
from watchword.domain.errors import Refusal, SessionEnded
from watchword.domain.return_target import return_target
from watchword.domain.secret import Secret
from watchword.domain.sessions import DEVICE_LIFE, Left, left
from watchword.i18n import _
from watchword.usecases.context import Watchword
from watchword.usecases.login.password_login import Browser
from watchword.usecases.sessions import sessions
from watchword.usecases.sessions.sessions import Principal
from watchword.web.console.frame import flash, form_errors, paths
from watchword.web.console.frame.page import Page, menu_of
from watchword.web.console.frame.rendering import Pages
from watchword.web.console.frame.times import Times
from watchword.web.http import cookies, cross_origin, forms, refusal_messages, themes
from watchword.web.http.request_scope import arrival_of
from watchword.web.http.worker_threads import Pool, console

P = ParamSpec("P")
T = TypeVar("T")

TIME_ZONE: Final = "browser_time_zone"
"""The field of the login forms that the script fills."""
_NOTICE_LIFE = timedelta(minutes=1)
_LOWEST_REFUSAL: Final = 400


class RequestContext(Struct):
    """One request. Handlers receive it and return the response of one of its methods."""

    app: Watchword
    pages: Pages
    request: Request
    actor: Actor
    cookies: Mapping[str, str]
    body: bytes | None = b""
    """None if it is too large."""
    form: Mapping[str, str] = field(default_factory=dict)
    principal: Principal | None = None
    ended: SessionEnded = field(default_factory=SessionEnded)
    """The refusal to raise without a session: why the session of the cookie has ended."""
    set_cookies: list[tuple[bytes, bytes]] = field(default_factory=list)
    page: str = "/"
    pool: Pool = console
    not_after: Callable[[], datetime] | None = None
    """Returns the expiry of the server's certificate; None without one."""

    @property
    def me(self) -> Principal:
        """The session and its account. Raises SessionEnded without a session."""
        if self.principal is None:
            raise self.ended
        return self.principal

    @property
    def here(self) -> str:
        """The requested address with its query, as a safe return target."""
        path = str(self.request.scope["path"])
        query = self.request.scope["query_string"].decode("utf-8", "replace")
        return return_target(f"{path}?{query}" if self.request.method == "GET" else path)

    @property
    def host(self) -> str:
        """The host name of this server, from `console_url` or the request; "" if neither has one."""
        public = urlsplit(self.app.settings.console_url).hostname
        return public or arrival_of(self.request.scope).hostname

    @property
    def api_url(self) -> str:
        """The address of the Management API: `api_url`, or its port on this host."""
        settings = self.app.settings
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = address(settings.api).port
        scheme = arrival_of(self.request.scope).scheme
        return settings.api_url.rstrip("/") or f"{scheme}://{host or 'localhost'}:{port}"

    @property
    def address(self) -> str:
        """The host name of this server, with its port if the address contains one."""
        public = urlsplit(self.app.settings.console_url).netloc
        return public or arrival_of(self.request.scope).host

    @property
    def times(self) -> Times:
        """The present time and the time zone of this page."""
        account = self.principal.account if self.principal else None
        chosen = (account.time_zone or account.browser_time_zone) if account else ""
        return Times(self.app.clock.now(), time_zones.zone(chosen))

    @property
    def browser(self) -> Browser:
        """The tokens in the browser's cookies, and its time zone from a login form."""
        return Browser(
            session=self.cookies.get(cookies.SESSION),
            attempt=self.cookies.get(cookies.ATTEMPT),
            known=self.cookies.get(cookies.BROWSER),
            enrolment=self.cookies.get(cookies.ENROLMENT),
            time_zone=self.field(TIME_ZONE),
        )

    @property
    def is_cross_site_navigation(self) -> bool:
        """Whether the navigation started on another site, so that strict cookies are missing."""
        return cross_origin.is_navigation_from_elsewhere(self.request.headers)

    def set_session_cookie(self, new_token: Secret | None) -> None:
        """Set the session cookie if there is a new token."""
        if new_token is not None:
            self.set_cookies.append(cookies.header(cookies.SESSION, new_token.reveal()))

    def set_browser_cookie(self, token: Secret) -> None:
        """Set the cookie of a recognised browser, which is throttled separately."""
        self.set_cookies.append(cookies.header(cookies.BROWSER, token.reveal(), life=DEVICE_LIFE))

    @property
    def form_binding(self) -> str:
        """The value that form tokens are bound to: the session, or a cookie before the login.

        The session's identifier is used because its token may change. A missing cookie is created,
        except for a cross-site navigation: the browser may have the cookie without sending it, and
        replacing it would invalidate forms in other tabs.
        """
        if self.principal is not None:
            return forms.bound_to_session(self.principal.session.id)
        before_login = self.cookies.get(cookies.BEFORE_LOGIN)
        if not before_login and not self.is_cross_site_navigation:
            before_login = tokens.token().reveal()
            self.cookies = {**self.cookies, cookies.BEFORE_LOGIN: before_login}
            self.set_cookies.append(cookies.header(cookies.BEFORE_LOGIN, before_login))
        return forms.bound_to_cookie(before_login or "")

    def field(self, name: str) -> str:
        """Return a field of the form, or ""."""
        return self.form.get(name, "")

    async def in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a use-case in a worker thread."""
        return await self.pool(function, *args, **kwargs)

    async def run(self, hashing: Hashing[T]) -> T:
        """Run a use-case that hashes passwords."""
        return await self.app.queue.run(hashing, Interface.CONSOLE, self.pool)

    def draw(
        self,
        template: str,
        title: str,
        *,
        status: int = 200,
        refusal: Refusal | None = None,
        notice: flash.Message | None = None,
        errors_about: flash.Message | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """Return a page. A refusal sets its status, and its errors appear at the top and fields."""
        if refusal is not None:
            status = refusal_messages.answer_for(refusal).status
        page = Page(
            title=title,
            host=self.host,
            menu=menu_of(self.principal, self.request.scope["path"]),
            account=self.principal.account.username if self.principal else None,
            nonce=self.request.scope["state"]["nonce"],
            form_token=forms.token_for(self.app.keyring, self.form_binding),
            notice=notice or self._notice(),
            left=self._left(),
            idle=self.app.limits.idle,
            at=self.page,
            is_refused_form=self.request.method == "POST" and status >= _LOWEST_REFUSAL,
            errors=form_errors.of(refusal) if refusal else (),
            errors_about=errors_about,
            theme=themes.chosen(self.cookies),
            times=self.times,
            language=i18n.current(),
            languages=i18n.LANGUAGES,
            own_language=self.principal.account.language if self.principal else "",
            asset=self.pages.asset_url,
        )
        response = self.pages.draw(template, status, {"page": page, **context})
        if refusal is not None and (seconds := refusal_messages.retry_after(refusal)) is not None:
            response.headers["retry-after"] = str(seconds)
        return response

    def message(
        self,
        title: str,
        *sentences: str,
        status: int,
        link: tuple[str, str] | None = None,
        retry_after: int | None = None,
        is_session_over: bool = False,
    ) -> Response:
        """Return a page of sentences with one link."""
        href, label = link or (self.home if self.principal else ("/login", _("Login")))
        response = self.draw(
            "message.html",
            title,
            status=status,
            heading=title,
            sentences=list(sentences),
            link_href=href,
            link_label=label,
            retry_after=retry_after,
            is_session_over=is_session_over,
        )
        if retry_after is not None:
            response.headers["retry-after"] = str(retry_after)
        return response

    @property
    def home(self) -> tuple[str, str]:
        """The first page, with its label."""
        if self.principal is not None and not self.principal.account.is_administrator:
            return paths.HOME_OF_MEMBER, _("Your Applications")
        return "/", _("Overview")

    def redirect(self, path: str) -> Response:
        """Redirect to a page of the console."""
        return RedirectResponse(path, status_code=303)

    def no_content(self) -> Response:
        """Return a response without content: the browser stays on its page."""
        return Response(status_code=204)

    async def redirect_with_notice(
        self,
        path: str,
        notice: flash.Notice,
        username: str = "",
        also: flash.Also | None = None,
    ) -> Response:
        """Redirect, and show a notice on the next page of this session.

        `username` is the account that was changed, if it is another one.
        """
        await self.in_thread(sessions.say, self.app, self.me, flash.stored(notice, username, also))
        return self.redirect(path)

    def redirect_to_login_with_notice(self, notice: flash.Notice, page: str = "/login") -> Response:
        """Redirect to the login page, and show a notice there."""
        self.set_cookies.append(cookies.header(cookies.SAID, notice.value, life=_NOTICE_LIFE))
        return self.redirect(page)

    def login_notice(self) -> flash.Message | None:
        """Return the notice for the login page, or None, and delete its cookie."""
        name = self.cookies.get(cookies.SAID, "")
        if not name:
            return None
        self.set_cookies.append(cookies.removal(cookies.SAID))
        return flash.message_of(name) if name in flash.AT_LOGIN else None

    def _left(self) -> Left | None:
        me = self.principal
        return left(me.session, self.app.limits, self.app.clock.now()) if me else None

    def _notice(self) -> flash.Message | None:
        return flash.message_of(self.principal.notice) if self.principal else None


Act = Callable[[RequestContext], Awaitable[Response]]
"""The handler of a POST."""
