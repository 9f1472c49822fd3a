"""A page parsed as a browser without JavaScript reads it: texts, links, forms and controls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"input", "meta", "link", "img", "br", "path"}


@dataclass(eq=False)
class Control:
    """A field of a form. `is_sent` is false for an unticked box and a disabled field."""

    name: str
    value: str
    id: str = ""
    is_sent: bool = True


@dataclass
class Button:
    """A submit button; `form` is the key of its form in `ParsedPage.forms`."""

    text: str
    form: str
    name: str = ""
    value: str = ""
    disabled: bool = False


Typed = str | bool
"""A text, or whether a box is ticked."""


@dataclass
class Form:
    """A form, with its fields and submit buttons in document order."""

    action: str
    method: str = "get"
    controls: list[Control | Button] = field(default_factory=list)

    def pairs(
        self, pressed: Button | None = None, typed: Mapping[Control, Typed] | None = None
    ) -> list[tuple[str, str]]:
        """Return what a browser sends: the fields and the pressed button, duplicates kept."""
        sent = []
        for control in self.controls:
            if isinstance(control, Button):
                if control == pressed and control.name:
                    sent.append((control.name, control.value))
                continue
            value = (typed or {}).get(control, control.is_sent)
            if value is not False:
                sent.append((control.name, control.value if value is True else value))
        return sent

    @property
    def fields(self) -> dict[str, str]:
        """Return the fields by name, without a button, for a test that sends its own form.

        Fails when a name occurs twice, which a dictionary would hide.
        """
        pairs = self.pairs()
        assert len(dict(pairs)) == len(pairs), f"a field twice: {pairs}"
        return dict(pairs)


class ParsedPage(HTMLParser):
    """A parsed page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: dict[str, Form] = {}
        self.buttons: list[Button] = []
        self.labels: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.attributes: dict[str, dict[str, str]] = {}
        self.words: list[str] = []
        self.images: list[str] = []
        self._form = ""
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self._controls: list[tuple[str, Control | Button]] = []
        self._in_label: dict[str, Control] = {}
        self._last: Control | None = None
        self._select: Control | None = None
        self.feed(html)
        for form, control in self._controls:
            if form in self.forms:
                self.forms[form].controls.append(control)
        self.text = re.sub(r"\s+", " ", " ".join(self.words)).strip()

    def control(self, label: str) -> Control:
        """Return the field that the label names by `for` or contains."""
        if label in self._in_label:
            return self._in_label[label]
        assert label in self.labels, f"no field {label!r}: {self.text[:300]}"
        fields = [each for _form, each in self._controls if isinstance(each, Control)]
        return next(each for each in fields if each.id == self.labels[label])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {k: v or "" for k, v in attrs}
        if "id" in at:
            self.attributes[at["id"]] = at
        if tag == "form":
            self._form = at.get("id") or f"form{len(self.forms)}"
            self.forms[self._form] = Form(at.get("action", ""), at.get("method", "get").lower())
        if tag in {"input", "select", "textarea"} and at.get("name"):
            self._field(tag, at)
        if tag == "button" and at.get("type", "submit") == "submit":
            self._button(at)
        if tag == "img":
            self.images.append(at.get("src", ""))
        if tag not in _VOID:
            self._open.append((tag, at, []))

    def _field(self, tag: str, at: dict[str, str]) -> None:
        is_box = at.get("type") in {"checkbox", "radio"}
        is_sent = "disabled" not in at and ("checked" in at or not is_box)
        value = at.get("value", "on" if is_box else "")
        self._last = Control(at["name"], value, at.get("id", ""), is_sent)
        self._select = self._last if tag == "select" else None
        self._controls.append((at.get("form", self._form), self._last))

    def _button(self, at: dict[str, str]) -> None:
        form = at.get("form", self._form)
        button = Button("", form, at.get("name", ""), at.get("value", ""), "disabled" in at)
        self.buttons.append(button)
        self._controls.append((form, button))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = ""
        while self._open:
            name, at, words = self._open.pop()
            if name == "textarea" and self._last is not None:
                # HTML drops a newline directly after the start tag.
                self._last.value = "".join(words).removeprefix("\n")
            self._ended(name, at, " ".join("".join(words).split()))
            if self._open:
                self._open[-1][2].append("".join(words))
            if name == tag:
                return

    def _ended(self, tag: str, at: dict[str, str], text: str) -> None:
        if tag == "label":
            self._label(at, text)
        if tag == "a":
            self.links[text] = at.get("href", "")
        if tag == "button" and at.get("type", "submit") == "submit":
            self.buttons[-1].text = text
        if tag == "option" and self._select is not None and "selected" in at:
            self._select.value = at.get("value", text)
        if tag == "select":
            self._select = None

    def _label(self, at: dict[str, str], text: str) -> None:
        if "for" in at:
            self.labels[text] = at["for"]
        elif self._last is not None:
            self._in_label[text] = self._last

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._open:
            self._open[-1][2].append(data)
