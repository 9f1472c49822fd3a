"""English sentences on a German page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from html import unescape

from playwright.sync_api import Page

from tools import catalogue

TEXTS = """() => {
  const skipped = 'script, style, pre, code, bdi, .mono, [lang=en]', found = [];
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest(skipped)) found.push(walker.currentNode.data);
  }
  for (const e of document.querySelectorAll('*')) {
    for (const a of e.attributes) {
      if (/^(aria-label|title|alt|placeholder|data-(?!page|href).*)$/.test(a.name)) found.push(a.value);
    }
  }
  return found;
}"""
"""The texts of a page, with those of its attributes, without code and names."""
_LONG = 15
_BLANK = re.compile(r"%\(\w+\)s")


@cache
def _english() -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the sentences of the catalogue, and long pieces of them, that are not German."""
    pairs = [
        (str(english), str(german))
        for message in catalogue.read("de") if message.id
        for english, german in zip(*map(_forms, (message.id, message.string)), strict=True)
    ]  # fmt: skip
    whole = frozenset(english for english, german in pairs if english != german)
    german_text = "\n".join(german for _english, german in pairs)
    pieces = {p.strip() for english in whole for p in _BLANK.split(english) if len(p) >= _LONG}
    return whole, tuple(p for p in pieces if len(p) >= _LONG and p not in german_text)


def _forms(texts: object) -> tuple[object, ...]:
    return tuple(texts) if isinstance(texts, (tuple, list)) else (texts,)


def texts_of(html: str) -> list[str]:
    """Return the texts of a page without code and names, as TEXTS does in a browser."""
    html = re.sub(r"(?s)<(script|style|pre|code|bdi)\b.*?</\1>|<!--.*?-->", "\n", html)
    said = re.findall(r'(?:aria-label|title|alt|placeholder|data-says)="([^"]*)"', html)
    return [unescape(text) for text in [*said, *re.split(r"<[^>]*>|\n", html)]]


def english_on(page: Page) -> list[str]:
    """Return the English sentences of a page that the catalogue translates."""
    return english_in(page.evaluate(TEXTS))


def english_in(found: Iterable[str]) -> list[str]:
    """Return the English sentences of texts that the catalogue translates."""
    whole, pieces = _english()
    texts = [" ".join(text.split()) for text in found]
    english = {text for text in texts if text in whole}
    return sorted(english | {piece for piece in pieces if any(piece in text for text in texts)})
