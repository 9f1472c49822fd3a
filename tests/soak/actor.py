"""An administrator under load: makes changes and records those that the server acknowledged.

`state` is the state after the last response, `pending` the state that the pending request would
lead to. After the server is killed, the stored state must be one of them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import requests

from tests.support import phone
from tests.support.addresses import FromAddress
from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from watchword.domain.totp import time_step

WORDS = ("gravel", "monsoon", "pencil", "otter", "lantern", "quartz", "meadow", "cobalt")
COUNT_OF_CODES = 8


@dataclass(frozen=True)
class State:
    """The stored state of an account, as far as its owner can know it."""

    password: str = PASSWORD
    status: str = "disabled"
    cred_ver: int = 1
    generation: int = 0
    has_api_password: bool = False
    recovery_codes: int = 0
    last_step: int = 0


class Actor(Person):
    """One account and one browser. `work` makes changes until the server is gone."""

    def __init__(self, served: Served, username: str, address: str, seed: str) -> None:
        super().__init__(served)
        self.http.mount("https://", FromAddress(address))
        self.address = address
        self.username = username
        self.random = random.Random(seed)
        self.state = State()
        self.pending: State | None = None
        self.is_in = False
        self.acknowledged = 0
        self.secret = ""
        self.api_passwords: list[str] = []
        self.codes: list[str] = []
        self.failed: str | None = None

    # --- one request -------------------------------------------------------------------------
    def send(self, path: str, pending: State, **values: str) -> requests.Response:
        """Post the page's form with that path. A response makes the pending state the current one."""
        form = next(f for f in self.page.forms.values() if f.action.partition("#")[0] == path)
        self.pending = pending
        answer = self.http.post(
            self.served.console + path, data={**form.fields, **values}, timeout=30,
            allow_redirects=False,
        )  # fmt: skip
        if answer.status_code not in {200, 303}:
            found = " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())
            raise AssertionError(f"{self.username} {path}: {answer.status_code} {found[:400]}")
        self.state, self.pending = pending, None
        self.acknowledged += 1
        self._took(answer)
        return answer

    # --- changes -----------------------------------------------------------------------------
    def work(self) -> None:
        """Make changes until the connection breaks."""
        try:
            while True:
                self.step()
        except requests.RequestException:
            pass
        except BaseException as error:
            self.failed = repr(error)
            raise

    def step(self) -> None:
        """Make one change that the state allows."""
        if not self.is_in:
            self.log_in()
            return
        acts: dict[str, list[Callable[[], None]]] = {
            "disabled": [self.enable, self.change_password, self.log_out],
            "pending": [self.finish, self.finish, self.disable, self.log_out],
            "active": [self.reset, self.disable, self.new_codes, self.log_out, self.log_out],
        }
        both = [self.generate, self.revoke, self.change_password]
        act = self.random.choice([*acts[self.state.status], *both])
        self.open("/your-mfa-settings")
        act()

    def log_in(self) -> None:
        now = self.state
        self.open("/login")
        answer = self.send("/login", now, username=self.username, password=now.password)
        if now.status != "disabled":
            self.open(answer.headers["location"])
            self.finish_login()
        self.is_in = True

    def finish_login(self) -> None:
        now = self.state
        if now.status == "pending":
            self.confirm("/login/second-step")
        elif (step := self.next_step()) is not None:
            self.send("/login/second-step", replace(now, last_step=step), totp_code=self.at(step))
        else:
            self.open("/login/recovery-code")
            burnt = max(now.last_step, time_step(datetime.now(UTC)) + 1)
            pending = replace(now, last_step=burnt)  # the used code is replaced
            self.send("/login/recovery-code", pending, recovery_code=self.codes.pop())
            self.codes += self.recovery_codes()
            self.open("/after-recovery")
            self.send("/after-recovery", pending)

    def log_out(self) -> None:
        if self.state.status == "active" and self.next_step() is None and len(self.codes) < 2:
            return
        self.is_in = False
        self.send("/logout", self.state)

    def enable(self) -> None:
        self.change("enable", status="pending")

    def reset(self) -> None:
        self.change("reset-secret", status="pending")

    def disable(self) -> None:
        self.change("disable", status="disabled", recovery_codes=0)

    def change(self, button: str, **to: Any) -> None:
        pending = replace(self.state, cred_ver=self.state.cred_ver + 1, **to)
        self.send(f"/your-mfa-settings/{button}", pending)

    def finish(self) -> None:
        answer = self.send("/your-mfa-settings/finish-now", self.state)
        self.open(answer.headers["location"])
        self.confirm("/your-mfa-settings/finish")

    def confirm(self, path: str) -> None:
        secret, step = self.token, time_step(datetime.now(UTC))
        pending = replace(
            self.state, status="active", cred_ver=self.state.cred_ver + 1,
            recovery_codes=COUNT_OF_CODES, last_step=step,
        )  # fmt: skip
        self.secret, before = secret, self.secret
        try:
            self.send(path, pending, totp_code=self.at(step))
        except requests.RequestException:
            self.secret = before
            raise
        self.codes = self.recovery_codes()

    def new_codes(self) -> None:
        pending = replace(self.state, recovery_codes=COUNT_OF_CODES)
        self.send("/your-mfa-settings/generate-recovery-codes", pending)
        self.codes = self.recovery_codes()

    def generate(self) -> None:
        generation = self.state.generation + 1
        pending = replace(self.state, generation=generation, has_api_password=True)
        self.send("/your-mfa-settings/generate-api-password", pending)
        self.api_passwords.append(self.api_password)

    def revoke(self) -> None:
        if not self.state.has_api_password:
            return
        generation = self.state.generation + 1
        pending = replace(self.state, generation=generation, has_api_password=False)
        self.send("/your-mfa-settings/revoke-api-password", pending)

    def change_password(self) -> None:
        new = " ".join(self.random.sample(WORDS, 5))
        pending = replace(self.state, password=new, cred_ver=self.state.cred_ver + 1)
        self.open("/change-password")
        self.send(
            "/change-password", pending, current_password=self.state.password, new_password=new,
            repeat_new_password=new,
        )  # fmt: skip

    # --- the phone ---------------------------------------------------------------------------
    def next_step(self) -> int | None:
        """Return the step of an unused code that is accepted now, or None."""
        now = time_step(datetime.now(UTC))
        return next((s for s in (now, now + 1) if s > self.state.last_step), None)

    def at(self, step: int) -> str:
        return phone.code(self.secret, datetime.fromtimestamp(step * 30, UTC))
