"""QR codes on the screen, read by three decoders, for the longest names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest

from tests.support.browser import Visitor
from tests.support.readers import qr_codes
from tests.support.screen import login, picture, press
from tests.support.served import Served

LONGEST_ISSUER = "\U00020000" * 32
NAMES = {
    ("ascii", "light"): "W" * 64,
    ("ascii", "dark"): "V" * 64,
    ("non-ascii", "light"): "\U00020000" * 64,
    ("non-ascii", "dark"): "\U00020001" * 64,
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environ = {"WATCHWORD_TOTP_ISSUER": LONGEST_ISSUER}
    with Served.running(tmp_path_factory.mktemp("qr") / "data", environ=environ) as server:
        for name in NAMES.values():
            server.create(name)
        yield server


@pytest.mark.parametrize(("kind", "scheme"), NAMES)
def test_screenshot_of_the_longest_name_is_read_by_three_decoders(
    served: Served, visitor: Visitor, kind: str, scheme: Literal["light", "dark"]
) -> None:
    page = visitor.open(viewport={"width": 1180, "height": 900}, color_scheme=scheme).page
    login(page, served, NAMES[kind, scheme])
    page.goto(served.console + "/your-mfa-settings")
    press(page, "Enable MFA")
    press(page, "Finish now")
    image = page.locator("img.qr")
    drawn = image.evaluate("image => [image.clientWidth, image.naturalWidth]")
    assert drawn[0] == drawn[1]
    uri = page.get_by_role("link", name="Open in an app on this device").get_attribute("href")
    assert qr_codes(picture(page)) == dict.fromkeys(["zbarimg", "OpenCV", "jsQR"], uri)
