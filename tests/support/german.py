"""English sentences on a German page."""

from __future__ import annotations

import re
from functools import cache

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


def english_on(page: Page) -> list[str]:
    """Return the English sentences of a page that the catalogue translates."""
    whole, pieces = _english()
    texts = [" ".join(text.split()) for text in page.evaluate(TEXTS)]
    found = {text for text in texts if text in whole}
    return sorted(found | {piece for piece in pieces if any(piece in text for text in texts)})
