"""Response times of refusals, for usernames that exist and usernames that do not.

The bound was chosen before the first measurement: the probability that a refusal of one kind takes
longer than one of another kind (the AUC of the Mann-Whitney test) is within 0.5 +- 0.08. With 200
samples per kind, chance alone exceeds it in one of 180 comparisons.

`timing` uses the real hash cost and the clock, as an attacker would. `timing-bare` uses a thousandth
of the cost and the processor time of the server's threads, so that one additional query is visible
even on a busy machine. It has no bound.
"""

from __future__ import annotations

import base64
import http.client
import itertools
import math
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

from bench.server import PASSWORD, Server, running
from tests.support.installation import CHEAP
from watchword import bootstrap
from watchword.config import load
from watchword.crypto.passwords import DEFAULT, Parameters
from watchword.crypto.passwords import run as hashed
from watchword.domain import api_password as shape
from watchword.domain.audit import Actor, Interface
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.usecases import accounts
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.administrators.authorization import By
from watchword.usecases.api import api_password
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import unit

SAMPLES = 200
BOUND = 0.08
PER_NAME = 4
"""Guesses per username: the sixth in a row would be throttled."""
WRONG = "wrong wrong wrong wrong"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BY = By(Actor(Interface.CLI, name="bench"))
Meter = Callable[[], float]
"""A source of milliseconds: the clock, or the processor time of the server."""
Sample = Callable[[Server, Meter, str, str], float]
_addresses = itertools.count(1)


def mann_whitney(one: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """Return the AUC (0.5: no difference) and the two-sided p of U.

    Normal approximation with the correction for ties (Mann and Whitney 1947; Lehmann 1975).
    """
    n, m = len(one), len(other)
    whole = sorted([(x, True) for x in one] + [(x, False) for x in other])
    rank_sum, ties, before = 0.0, 0, 0
    for _value, group in itertools.groupby(whole, key=lambda pair: pair[0]):
        members = [is_one for _, is_one in group]
        size = len(members)
        rank_sum += sum(members) * (before + (size + 1) / 2)
        ties += size**3 - size
        before += size
    u = rank_sum - n * (n + 1) / 2
    total = n + m
    variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
    z = (u - n * m / 2) / math.sqrt(variance) if variance else 0.0
    return u / (n * m), math.erfc(abs(z) / math.sqrt(2))


# --- requests --------------------------------------------------------------------------------
def _address() -> str:
    number = next(_addresses)
    return f"127.{20 + number // 60000}.{number // 250 % 250}.{number % 250 + 1}"


def _clock() -> float:
    return time.perf_counter() * 1000


def _work_of(pid: int) -> Meter:
    """Return a meter of processor time: the first number of Linux' schedstat, in ns per thread."""
    tasks = Path(f"/proc/{pid}/task")
    return lambda: sum(int(t.read_text().split()[0]) for t in tasks.glob("*/schedstat")) / 1e6


def _timed(
    meter: Meter, connection: http.client.HTTPSConnection, expected: int, *request: object
) -> float:
    start = meter()
    connection.request(*request)  # type: ignore[arg-type]
    response = connection.getresponse()
    response.read()
    passed = meter() - start
    connection.close()
    if response.status != expected:
        raise RuntimeError(f"{response.status} where {expected} was expected")
    return passed


def _login(server: Server, meter: Meter, name: str, password: str) -> float:
    connection = server.connect(server.console, _address())
    connection.request("GET", "/login")
    page = connection.getresponse()
    cookie = (page.getheader("set-cookie") or "").partition(";")[0]
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', page.read().decode())
    fields = {"form_token": token[1] if token else "", "username": name, "password": password}
    headers = {**FORM, "Cookie": cookie}
    return _timed(meter, connection, 422, "POST", "/login", urlencode(fields), headers)


def _api(server: Server, meter: Meter, name: str, password: str) -> float:
    connection = server.connect(server.api, _address())
    connection.request("GET", "/health/live")
    connection.getresponse().read()
    sent = base64.b64encode(f"{name}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {sent}"}
    return _timed(meter, connection, 401, "GET", "/api/v1/whoami", None, headers)


# --- accounts --------------------------------------------------------------------------------
def _make(app: Watchword, hash_: str, name: str, kind: str) -> None:
    if kind == "unknown":
        return
    with unit(app, BY.actor) as u:
        accounts.insert(u, NewAdministrator(name, "", "", Secret(PASSWORD)), hash_)
    if kind == "disabled":
        other_accounts.disable(app, BY, name)
    if kind == "MFA":
        other_credentials.change_mfa(app, BY, name, Event.ENABLE)
    if kind == "with one":
        api_password.generate_by_operator(app, BY.actor, name)


KINDS: dict[str, tuple[Sample, str, str]] = {
    "login: unknown name": (_login, "unknown", WRONG),
    "login: wrong password": (_login, "known", WRONG),
    "login: disabled, wrong password": (_login, "disabled", WRONG),
    "login: disabled, correct password": (_login, "disabled", PASSWORD),
    "API: unknown name": (_api, "unknown", WRONG),
    "API: wrong password": (_api, "known", WRONG),
    "API: disabled account": (_api, "disabled", WRONG),
    "API: MFA, wrong password": (_api, "MFA", WRONG),
    "API: MFA, correct password": (_api, "MFA", PASSWORD),
    "API password: unknown name": (_api, "unknown", shape.assemble("A" * 32)),
    "API password: known name": (_api, "known", shape.assemble("A" * 32)),
    "API password: account with one": (_api, "with one", shape.assemble("A" * 32)),
}
"""The first kind of each interface is the reference for its other kinds."""


def _names(app: Watchword, hash_: str, number: int, kind: str) -> Iterator[str]:
    for n in itertools.count():
        name = f"name{number:02}{n:06}"
        _make(app, hash_, name, kind)
        yield from [name] * PER_NAME


def _measure(
    server: Server, hashing: Parameters, samples: int, meter: Meter
) -> dict[str, list[float]]:
    app = bootstrap.open(
        load(data_dir=str(server.data), environ={}).settings, hashing=hashing, is_server=False
    )
    hash_ = hashed(app.pepper.hash(Secret(PASSWORD)))
    names = {k: _names(app, hash_, n, kind) for n, (k, (_, kind, _)) in enumerate(KINDS.items())}
    times: dict[str, list[float]] = {label: [] for label in KINDS}
    order, shuffle = list(KINDS), random.Random(1)
    for _ in range(samples + 5):
        shuffle.shuffle(order)  # so that other load affects all kinds equally
        for label in order:
            sample, _kind, password = KINDS[label]
            times[label].append(sample(server, meter, next(names[label]), password))
    app.close()
    return {label: found[5:] for label, found in times.items()}


def _figures(times: dict[str, list[float]]) -> dict[str, float]:
    figures: dict[str, float] = {}
    first: dict[str, str] = {}
    for label, found in times.items():
        figures[f"{label} (ms, median)"] = statistics.median(found)
        reference = first.setdefault(label.partition(":")[0], label)
        if reference != label:
            auc, p = mann_whitney(found, times[reference])
            figures[f"{label}: AUC"] = auc
            figures[f"{label}: p"] = p
    return figures


def run(samples: int = SAMPLES) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "data") as server:
        figures = _figures(_measure(server, DEFAULT, samples, _clock))
    outside = [k for k, v in figures.items() if k.endswith("AUC") and abs(v - 0.5) > BOUND]
    return {**figures, f"AUCs outside 0.5 +- {BOUND}": len(outside)}


def run_bare(samples: int = SAMPLES) -> dict[str, float]:
    data = tempfile.TemporaryDirectory()
    with data as folder, running(Path(folder) / "data", "tests.support.cheap") as server:
        return _figures(_measure(server, CHEAP, samples, _work_of(server.process.pid)))
