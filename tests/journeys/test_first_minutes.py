"""The first minutes of a new server in a browser: from the printed link to active MFA, and what the
browser's history keeps of it.
"""

from __future__ import annotations

import pytest

from tests.support import phone
from tests.support.browser import Chromium
from tests.support.effort import Effort, Worker
from tests.support.served import PASSWORD, Served


def test_a_newcomer_reaches_active_mfa_and_no_secret_stays_in_the_history(
    tmp_path_factory: pytest.TempPathFactory, chromium: Chromium
) -> None:
    data = tmp_path_factory.mktemp("first") / "data"
    with Served.running(data) as served, chromium.trusting(served.ca) as visitor:
        seen = visitor.open()
        page, worker = seen.page, Worker(seen.page)
        page.goto(served.first_run_link)
        worker.type("Username", "olga")
        for label in ("Password", "Repeat password"):
            worker.type(label, PASSWORD)
        worker.go("Create Administrator")
        assert page.get_by_label("Username", exact=True).input_value() == "olga"
        worker.type("Password", PASSWORD)
        worker.go("OK", "Your MFA Settings", "Enable MFA", "Finish now")
        worker.type("Code", phone.code(str(page.locator("#token").get_attribute("data-copy"))))
        worker.go("OK")
        assert worker.sees("MFA is active.")
        typed = len("olga") + 3 * len(PASSWORD) + 6
        assert worker.effort == Effort(clicks=6, loads=7, typed=typed)

        codes = page.locator("#codes").inner_text()
        for move in (page.go_back, page.go_forward, page.reload):
            move()
            assert page.get_by_role("heading", level=1).inner_text() == "Your MFA Settings"
            assert codes.split()[0] not in page.content()
        worker.go("Generate New API Password")
        generated = page.locator("#new-api-credential").inner_text()
        page.reload()
        assert worker.sees(f"Your API password begins with {generated[:8]}.")

        served.create("bob")
        worker.go("System Administrators", "bob")
        for name in ("Set Password", "Lock Down Account"):
            worker.go(name)
            assert page.get_by_role("heading", level=1).inner_text() == f"Confirm: {name} for bob"
            assert "?" not in page.url
            page.go_back()
