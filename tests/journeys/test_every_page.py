"""Every page and every error page at several widths, in light and dark.

Each page is accessible (axe), logs nothing in the browser's console and fits the screen. It has one
heading, a title, labelled fields and all headers. A new page needs a row in tests/support/pages.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import german, pages
from tests.support.browser import OF_LOOKS, Chromium
from tests.support.pages import PLAIN, SCREENS, TABLE
from tests.support.stage import PEOPLE, Stages
from tests.support.walk import Answer, demand_headers
from watchword import i18n
from watchword.web.console import app
from watchword.web.console.administrators import confirmed_actions


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory, chromium: Chromium) -> Iterator[Stages]:
    opened = Stages(tmp_path_factory.mktemp("pages"), chromium)
    yield opened
    opened.close()


JUDGED: dict[tuple[int, str], tuple[str, ...]] = {
    (1180, "light"): (),
    (390, "dark"): OF_LOOKS,
}
"""Screens that axe checks, half a second for each page: with all rules, or with those that depend
on colours and layout.
"""
WIDE = """() => {
  const root = document.documentElement;
  return root.scrollWidth > root.clientWidth ? `wider than ${root.clientWidth}` : '';
}"""
UNLABELLED = """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
  .filter(f => f.getAttribute('aria-hidden') !== 'true' && !f.labels.length)
  .map(f => f.outerHTML)"""


CRAMPED = """() => {
  const all = selector => [...document.querySelectorAll(selector)];
  const leaves = button => {
    const card = button.closest('.card').getBoundingClientRect(), own = button.getBoundingClientRect();
    return own.width > 0 && (own.left < card.left + 4 || own.right > card.right - 4);
  };
  return [
    ...all('.card .button').filter(leaves).map(e => `leaves its card: ${e.textContent.trim()}`),
    ...all('.account').filter(e => e.textContent.length < 30
        && (e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight + 4))
      .map(e => `is cut off: ${e.textContent.trim()}`),
    ...all('.check input').filter(e => e.clientWidth < e.clientHeight).map(e => 'a box is squeezed'),
    ...all('pre, code').filter(e => getComputedStyle(e).direction !== 'ltr')
      .map(e => `runs from right to left: ${e.textContent}`),
  ];
}"""
"""Layout faults with large letters, on a phone, or with text from right to left."""
TURN = """([size, direction]) => {
  document.documentElement.style.fontSize = size;
  document.documentElement.dir = direction;
}"""
TURNED = [(320, "100%", "rtl"), (1180, "100%", "rtl"), (390, "200%", "ltr"), (1180, "200%", "ltr")]
"""Width, font size, direction."""


GERMAN = [name for name, row in TABLE.items() if row[:2] == ("main", 200)]
CLIPPED = """() => [...document.querySelectorAll('.table')]
  .filter(t => t.scrollWidth > t.clientWidth).length"""
SPOIL = """() => {
  const text = document.createElement('p');
  text.textContent = 'x'.repeat(500);
  text.style.overflowWrap = 'normal';
  document.querySelector('main').append(text, document.createElement('input'));
}"""


BY_PRESSING = {
    "/first-run/{token}", "/login/enrolment-code", "/login/recovery-code",
    "/login/with-recovery-code", "/new-password", "/after-recovery", "/your-mfa-settings/finish",
    "/administrators/{name}",
    *(f"/administrators/{{name}}/{name}" for name in confirmed_actions.CONFIRMED),
    "/administrators/{name}/forget-browser",
}  # fmt: skip
"""Pages that the table reaches by buttons or by name, so it does not contain their address."""


def test_table_reaches_every_page() -> None:
    """The test looks for the addresses in the table's own text."""
    table = Path(pages.__file__).read_text()
    paths = {route.path for route in app.PAGES}
    assert {path for path in paths if f'"{path}' not in table} == BY_PRESSING


@pytest.mark.parametrize("name", TABLE)
def test_page_is_accessible_and_fits_the_screen(stages: Stages, name: str) -> None:
    kind, status, reach = TABLE[name]
    stage = stages[kind]
    stage.new_browser(reduced_motion="reduce")
    reach(stage)
    seen, last = stage.seen, stage.answers[-1]
    found: dict[str, list[str]] = {}
    for width, scheme in SCREENS:
        seen.page.set_viewport_size({"width": width, "height": 900})
        seen.page.emulate_media(color_scheme=scheme)
        problems = list(filter(None, [seen.page.evaluate(WIDE)]))
        if (width, scheme) in JUDGED:
            problems += seen.axe(*JUDGED[width, scheme])
        if problems:
            found[f"{width} {scheme}"] = problems
    for width, size, direction in TURNED:
        seen.page.set_viewport_size({"width": width, "height": 900})
        seen.page.evaluate(TURN, [size, direction])
        problems = [*filter(None, [seen.page.evaluate(WIDE)]), *seen.page.evaluate(CRAMPED)]
        if problems:
            found[f"{width} {size} {direction}"] = problems
    assert found == {}
    assert (last.status, seen.page.locator("h1").count()) == (status, 1)
    assert seen.page.locator("h1").inner_text().strip()
    assert re.fullmatch(r"(Error: )?.+ · [^ ]+", seen.page.title())
    assert seen.page.evaluate(UNLABELLED) == []
    headers = [(pair["name"], pair["value"]) for pair in last.headers_array()]
    demand_headers("console", "/", Answer(last.status, headers, seen.page.content()))
    assert seen.complaints() == []
    assert seen.hosts == {f"127.0.0.1:{stage.served.console_port}"}
    seen.context.close()


@pytest.mark.parametrize("name", GERMAN)
def test_german_page_is_german_and_fits_a_phone(stages: Stages, name: str) -> None:
    """Refusals have no page of their own here: tests/docs/test_catalogue.py covers their texts."""
    kind, _status, reach = TABLE[name]
    stage = stages[kind]
    narrow: dict[str, Any] = {"viewport": {"width": 390, "height": 900}}
    stage.new_browser(reduced_motion="reduce", locale="de-DE", **narrow)
    with i18n.using("de"):
        reach(stage)
    page = stage.page
    assert page.locator("html").get_attribute("lang") == "de"
    assert german.english_on(page) == []
    found = [page.evaluate(WIDE), *page.evaluate(CRAMPED)]
    page.set_viewport_size({"width": 320, "height": 900})
    assert list(filter(None, [*found, page.evaluate(WIDE)])) == []
    assert stage.seen.axe("html-has-lang", "html-lang-valid", "valid-lang") == []
    stage.seen.context.close()


def test_english_words_on_a_german_page_are_found(stages: Stages) -> None:
    stage = stages["main"]
    stage.new_browser(locale="de")
    stage.at("/login")
    stage.page.evaluate(
        "() => { document.querySelector('h1').textContent = 'Logout';"
        " document.querySelector('button').title = 'Setting up MFA for x on y.'; }"
    )
    assert german.english_on(stage.page) == ["Logout", "Setting up MFA for"]
    stage.seen.context.close()


def test_wide_page_and_missing_label_are_found(
    stages: Stages,
) -> None:
    stage = stages["main"]
    stage.new_browser()
    stage.at("/login")
    stage.page.evaluate(SPOIL)
    assert stage.page.evaluate(WIDE)
    assert stage.page.evaluate(UNLABELLED) == ["<input>"]
    assert any(problem.startswith("label") for problem in stage.seen.axe())
    stage.seen.context.close()


def test_long_names_hide_no_column_of_the_table(stages: Stages) -> None:
    """Names of every script and length are complete and isolated from the surrounding text."""
    stage = stages["main"]
    stage.new_browser()
    stage.as_(PLAIN, "/administrators")
    shown = stage.page.locator("main bdi").all_inner_texts()
    assert set(PEOPLE) <= set(shown)
    for path in ("/administrators", "/audit-log"):
        stage.at(path)
        for width, size in ((1180, "100%"), (820, "100%"), (768, "100%"), (390, "100%"),
                            (1180, "200%")):  # fmt: skip
            stage.page.set_viewport_size({"width": width, "height": 900})
            stage.page.evaluate("size => { document.documentElement.style.fontSize = size; }", size)
            assert stage.page.evaluate(CLIPPED) == 0, f"{path} hides columns at {width}, {size}"
    stage.seen.context.close()


def test_event_is_at_most_110_pixels_high_on_a_phone(stages: Stages) -> None:
    stage = stages["main"]
    stage.new_browser()
    stage.login("must", "wrong")
    stage.as_(PLAIN, "/audit-log?account=must&category=logins")
    stage.page.set_viewport_size({"width": 390, "height": 900})
    heights = stage.page.locator(".log > li").evaluate_all("all => all.map(e => e.offsetHeight)")
    assert stage.page.locator(".log > li .badge").count() >= 1
    assert max(heights) <= 110
    assert not stage.page.get_by_label("Account", exact=True).is_visible()  # folded
    stage.page.set_viewport_size({"width": 1180, "height": 900})
    fields = stage.page.locator(".filter .field, .filter .buttons")
    bottoms = fields.evaluate_all("all => all.map(e => e.getBoundingClientRect().bottom)")
    assert len({round(bottom) for bottom in bottoms}) == 1  # one line
    stage.seen.context.close()
