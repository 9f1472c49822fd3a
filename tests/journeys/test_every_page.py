"""Every page and every error page at several widths, in light and dark.

Each page is accessible (axe), logs nothing in the browser's console and fits the screen. It has one
heading, a title, labelled fields and all headers. A new page needs a row in tests/support/pages.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from tests.support import german, pages
from tests.support.browser import OF_LOOKS, Chromium, Seen
from tests.support.pages import PLAIN, TABLE
from tests.support.stage import PEOPLE, Stages
from tests.support.walk import Answer, demand_headers
from watchword import i18n
from watchword.domain.roles import Role
from watchword.web.console import route_table
from watchword.web.console.administrators import confirmed_actions
from watchword.web.console.frame import paths

COPY = """html => {
  const copy = new DOMParser().parseFromString(html, 'text/html'), root = document.documentElement;
  copy.querySelectorAll('script, noscript').forEach(e => e.remove());
  const style = 'link[rel=stylesheet]', used = document.querySelector(style);
  if (copy.querySelector(style).href !== used.href) throw new Error('another stylesheet');
  copy.querySelector(style).remove();
  [...root.attributes].forEach(a => root.removeAttribute(a.name));
  [...copy.documentElement.attributes].forEach(a => root.setAttribute(a.name, a.value));
  [...document.head.children].filter(e => e !== used).forEach(e => e.remove());
  document.head.append(...copy.head.children);
  document.body.replaceWith(copy.body);
}"""


@dataclass
class Judge:
    """A browser page that shows copies of other pages, in which axe is loaded once.

    To load axe into each page would take longer than all of its rules.
    """

    seen: Seen

    def faults(self, html: str, screens: Sequence[Screen]) -> dict[str, list[str]]:
        """Return the faults of a page by width and color scheme."""
        page, found = self.seen.page, {}
        page.evaluate(COPY, html)
        for width, scheme, texts, rules in screens:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            found[f"{width} {scheme}"] = page.evaluate(FAULTS, texts)
            if rules is not None:
                found[f"{width} {scheme}"] += self.seen.axe(*rules)
        return {screen: faults for screen, faults in found.items() if faults}


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory, chromium: Chromium) -> Iterator[Stages]:
    opened = Stages(tmp_path_factory.mktemp("pages"), chromium)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def judge(stages: Stages) -> Judge:
    stage = stages["main"]
    seen = stage.visitor.open(reduced_motion="reduce", bypass_csp=True)
    seen.page.goto(stage.served.console + "/login")
    return Judge(seen)


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
PLAIN_TEXT, LARGE, TURNED = ("100%", "ltr"), ("200%", "ltr"), ("100%", "rtl")
Screen = tuple[int, Literal["light", "dark"], list[tuple[str, str]], tuple[str, ...] | None]
"""Width; color scheme; sizes and directions of the text; rules of axe, all of them for ()."""
SCREENS: list[Screen] = [
    (1180, "light", [PLAIN_TEXT, LARGE, TURNED], ()),
    (390, "dark", [PLAIN_TEXT, LARGE], OF_LOOKS),
    (320, "dark", [PLAIN_TEXT, TURNED], None),
]
"""The rules that depend on colours and layout run in both schemes and at two widths."""
ON_A_PHONE: list[Screen] = [(390, "light", [PLAIN_TEXT], None), (320, "light", [PLAIN_TEXT], None)]
FAULTS = f"""texts => {{
  const root = document.documentElement, found = [];
  for (const [size, direction] of texts) {{
    root.style.fontSize = size;
    root.dir = direction;
    const all = [({WIDE})(), ...({CRAMPED})()].filter(Boolean);
    found.push(...all.map(fault => `${{size}} ${{direction}}: ${{fault}}`));
  }}
  root.style.fontSize = '';
  root.removeAttribute('dir');
  return found;
}}"""
"""Layout faults with each of these sizes and directions of the text."""
FACTS = f"""() => [
  document.title, ({UNLABELLED})(),
  [...document.querySelectorAll('h1')].map(e => e.innerText.trim()),
  [...document.querySelectorAll('[lang]')].map(e => e.lang), document.documentElement.outerHTML,
]"""


GERMAN = [name for name, row in TABLE.items() if row[:2] == ("main", 200)]
CLIPPED = """() => [...document.querySelectorAll('.table')]
  .filter(t => t.scrollWidth > t.clientWidth).length"""
SPOIL = """() => {
  const text = document.createElement('p');
  text.textContent = 'x'.repeat(500);
  text.style.overflowWrap = 'normal';
  text.style.color = 'color-mix(in srgb, currentColor 30%, Canvas)';
  document.querySelector('main').append(text, document.createElement('input'));
}"""


BY_PRESSING = {
    "/first-run/{token}", "/login/enrolment-code", "/login/recovery-code",
    "/login/with-recovery-code", "/new-password", "/after-recovery", "/your-mfa-settings/finish",
    "/administrators/{name}", "/members/{name}",
    *(
        f"{paths.list_of(role)}/{{name}}/{name}"
        for role in Role
        for name in confirmed_actions.of_role(role)
    ),
    "/administrators/{name}/forget-browser", "/members/{name}/forget-browser",
    "/applications/{name}", "/applications/{name}/delete", "/applications/{name}/disable",
}  # fmt: skip
"""Pages that the table reaches by buttons or by name, so it does not contain their address."""


def test_table_reaches_every_page() -> None:
    """The test looks for the addresses in the table's own text."""
    table = Path(pages.__file__).read_text()
    paths = {route.path for route in route_table.PAGES}
    assert {path for path in paths if f'"{path}' not in table} == BY_PRESSING


@pytest.mark.parametrize("name", TABLE)
def test_page_is_accessible_and_fits_the_screen(stages: Stages, judge: Judge, name: str) -> None:
    kind, status, reach = TABLE[name]
    stage = stages[kind]
    stage.same_browser("en")
    reach(stage)
    seen, last = stage.seen, stage.answers[-1]
    title, unlabelled, headings, _languages, html = seen.page.evaluate(FACTS)
    assert judge.faults(html, SCREENS) == {}
    assert (last.status, len(headings)) == (status, 1)
    assert headings[0]
    assert re.fullmatch(r"(Error: )?.+ · [^ ]+", title)
    assert unlabelled == []
    headers = [(pair["name"], pair["value"]) for pair in last.headers_array()]
    demand_headers("console", "/", Answer(last.status, headers, html))
    assert seen.complaints() == []
    assert seen.hosts == {f"127.0.0.1:{stage.served.console_port}"}


@pytest.mark.parametrize("name", GERMAN)
def test_german_page_is_german_and_fits_a_phone(stages: Stages, judge: Judge, name: str) -> None:
    """Refusals have no page of their own here: tests/docs/test_catalogue.py covers their texts."""
    kind, _status, reach = TABLE[name]
    stage = stages[kind]
    stage.same_browser("de-DE")
    with i18n.using("de"):
        reach(stage)
    assert german.english_on(stage.page) == []
    *_facts, languages, html = stage.page.evaluate(FACTS)
    assert languages[0] == "de"  # <html>
    assert set(languages) <= set(i18n.LANGUAGES)
    assert judge.faults(html, ON_A_PHONE) == {}


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


def test_wide_page_missing_label_and_low_contrast_are_found(stages: Stages, judge: Judge) -> None:
    stage = stages["main"]
    stage.same_browser("en")
    stage.at("/login")
    stage.page.evaluate(SPOIL)
    _title, unlabelled, *_facts, html = stage.page.evaluate(FACTS)
    assert unlabelled == ["<input>"]
    found = judge.faults(html, SCREENS)
    assert [set(re.findall("wider than|label(?=:)|color-contrast", str(found.get(each))))
            for each in ("1180 light", "390 dark", "320 dark")] == [
        {"wider than", "label", "color-contrast"}, {"wider than", "color-contrast"}, {"wider than"},
    ]  # fmt: skip


def test_long_names_hide_no_column_of_the_table(stages: Stages) -> None:
    """Names of every script and length are complete and isolated from the surrounding text."""
    stage = stages["people"]
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
