"""What stands at the top of a form and at its fields when something is not right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from watchword.domain.errors import (
    CodeDrifted,
    CodeMalformed,
    CodeWrong,
    Invalid,
    Problem,
    RecoveryCodeMalformed,
    RecoveryCodeWrong,
    Refusal,
    UsernameTaken,
)
from watchword.web.http.errors import answer_for
from watchword.web.http.i18n import _


@dataclass(frozen=True)
class FieldError:
    """One sentence, and the field it is about (None: the whole form)."""

    field: str | None
    message: str


_FIELDS: Mapping[type[Refusal], str] = {
    CodeMalformed: "totp_code",
    CodeWrong: "totp_code",
    CodeDrifted: "totp_code",
    RecoveryCodeMalformed: "recovery_code",
    RecoveryCodeWrong: "recovery_code",
    UsernameTaken: "username",
}


def of(refusal: Refusal) -> tuple[FieldError, ...]:
    """Return the sentences of a refusal."""
    if isinstance(refusal, Invalid):
        return tuple(FieldError(p.field, _sentence(p)) for p in refusal.problems)
    return (FieldError(_FIELDS.get(type(refusal)), answer_for(refusal).sentence),)


def _label(field: str) -> str:
    return {
        "username": _("Username"),
        "full_name": _("Full name"),
        "email": _("Email"),
        "password": _("Password"),
        "repeat_password": _("Repeat password"),
        "current_password": _("Current password"),
        "new_password": _("New password"),
        "repeat_new_password": _("Repeat new password"),
    }.get(field, field)


_SENTENCES: Mapping[str, Callable[..., str]] = {
    "required": lambda **f: _("%(label)s: please fill this in.", **f),
    "too-short": lambda **f: _("%(label)s: at least %(shortest)s characters are needed. A few "
                               "words that do not belong together are easy to remember.", **f),
    "too-long": lambda **f: _("%(label)s: this is too long (at most %(most)s).", **f),
    "unseen": lambda **f: _("%(label)s: it holds characters that cannot be seen or typed.", **f),
    "unassigned": lambda **f: _("%(label)s: it holds a character that has no meaning yet.", **f),
    "space-at-end": lambda **f: _("%(label)s: no space at the beginning or end, please.", **f),
    "leading-hyphen": lambda **f: _("%(label)s: it must not begin with a hyphen.", **f),
    "dots": lambda **f: _("%(label)s: a name of dots alone cannot be addressed.", **f),
    "mixed-scripts": lambda **f: _("%(label)s: Latin, Cyrillic and Greek letters look alike; "
                                   "please use those of one script.", **f),
    "unstable": lambda **f: _("%(label)s: this name changes when it is compared; please choose "
                              "another one.", **f),
    "not-an-address": lambda **f: _("%(label)s: this is not an e-mail address, such as "
                                    "name@example.org.", **f),
    "few-characters": lambda **f: _("%(label)s: use more different characters.", **f),
    "context-word": lambda **f: _("%(label)s: the username, this server's or the product's "
                                  "name is the first thing anybody tries.", **f),
    "guessable": lambda **f: _("%(label)s: this is easily guessed; it is made of common words, "
                               "names, dates or patterns. Make it longer or less usual.", **f),
    "like-an-api-password": lambda **f: _("%(label)s: it looks like an API password; please "
                                          "choose another one.", **f),
    "same-as-before": lambda **f: _("%(label)s: this is the one you were given; please choose "
                                    "one of your own.", **f),
    "not-the-same": lambda **f: _("%(label)s: the two passwords are not the same.", **f),
    "wrong": lambda **f: _("%(label)s: this is not your password.", **f),
}  # fmt: skip


def _sentence(problem: Problem) -> str:
    return _SENTENCES[problem.rule](label=_label(problem.field), **problem.facts)
