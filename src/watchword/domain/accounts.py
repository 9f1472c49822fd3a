"""Administrators, and the rules for their names and passwords.

Names follow RFC 8265's UsernameCaseMapped in spirit (NFKC, case folded) and are stricter: no
invisible characters, no characters that change direction, no mix of look-alike scripts. Passwords
follow NIST SP 800-63B-4, 3.1.1.2: length and a list of known passwords, no rules of composition, no
expiry. crypto/strength.py measures how guessable a password is.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from msgspec import Struct, field

from watchword.domain.basic_auth import MOST_NAME_CHARACTERS, ends_like_api_password
from watchword.domain.errors import Problem
from watchword.domain.input_text import is_invisible, visible
from watchword.domain.mfa import Mfa
from watchword.domain.roles import Role, may_manage

MOST_FULL_NAME_CHARACTERS: Final = 200
MOST_EMAIL_CHARACTERS: Final = 254
MOST_PASSWORD_BYTES: Final = 1024
FEWEST_DISTINCT_CHARACTERS: Final = 3

_MOST_WRITTEN: Final = 4
"""The most code points in which one composed character can be written (UAX #15: U+1F82)."""

_SCRIPTS: Final = ("LATIN", "CYRILLIC", "GREEK")
_DIRECTIONS: Final = frozenset(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
"""Embeddings, overrides and isolates: they reorder the text after them on a page."""


class Administrator(Struct, frozen=True):
    """An account: an administrator or, by its `role`, a member. The id never changes; the username
    may.

    `cred_ver` grows with each change of password, MFA status or secret. Sessions, login attempts
    and recognised browsers of an older `cred_ver` are invalid. `time_zone` is the chosen zone, and
    `browser_time_zone` that of the browser at the last login; both may be empty. `language` is the
    code of the chosen language, "" to follow the browser. An account without a password
    (`has_password`) is a script account: a member that cannot log in.
    """

    id: int
    username: str
    full_name: str
    email: str
    is_disabled: bool
    must_change_password: bool
    cred_ver: int
    created_at: datetime
    password_set_at: datetime
    last_login_at: datetime | None
    last_login_address: str
    language: str = ""
    mfa: Mfa = field(default_factory=Mfa)
    time_zone: str = ""
    browser_time_zone: str = ""
    role: Role = Role.ADMINISTRATOR
    has_password: bool = True

    @property
    def is_administrator(self) -> bool:
        """Whether the account may do what its role does not allow a member."""
        return may_manage(self.role)

    @property
    def has_colon(self) -> bool:
        """Whether the username contains a colon, which many HTTP Basic clients cannot send."""
        return ":" in self.username


def _beginning(text: str, most: int) -> str:
    """Truncate to just over `most` characters. Normalising a form-sized input blocks the
    interpreter for 0.3 s, and the result is rejected as too long anyway.
    """
    return text[: _MOST_WRITTEN * most + 1]


def folded(text: str) -> str:
    """Return the form in which texts are compared: NFKC, case folded."""
    text = _beginning(text, MOST_NAME_CHARACTERS)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def username_key(name: str) -> str:
    """Return the form in which names are compared. Invisible characters and spaces at the ends are
    dropped: phone keyboards add them, and no name contains them.
    """
    return folded(visible(_beginning(name, MOST_NAME_CHARACTERS)))


def _has_unseen(text: str) -> bool:
    return any(map(is_invisible, text))


def _scripts_of(text: str) -> set[str]:
    names = (unicodedata.name(c, "") for c in text if c.isalpha())
    return {script for name in names for script in _SCRIPTS if name.startswith(script)}


def _username_rule(name: str) -> str | None:
    """Return the name of the first rule that the username breaks.

    Rules about the look of a name also apply to its compatibility form, since full-width letters
    compare as Latin letters.
    """
    name = _beginning(name, MOST_NAME_CHARACTERS)  # each rule reads the whole name
    folded = unicodedata.normalize("NFKC", name)
    rules = {
        "required": not name.strip(),
        "too-long": max(len(name), len(username_key(name))) > MOST_NAME_CHARACTERS,
        "unseen": _has_unseen(name),
        "unassigned": any(unicodedata.category(c) == "Cn" for c in name),
        "space-at-end": name != name.strip(),
        "leading-hyphen": folded.startswith("-"),
        # Clients drop path segments of dots, so the name could not be part of a URL.
        "dots": folded in {".", ".."},
        "mixed-scripts": len(_scripts_of(folded)) > 1,
        # The notice about the colon must not depend on which colon was typed.
        "unseen-colon": folded.count(":") != name.count(":"),
        "unstable": username_key(username_key(name)) != username_key(name),
    }
    return next((rule for rule, is_broken in rules.items() if is_broken), None)


def username_problems(name: str) -> list[Problem]:
    """Return no problem or one problem of a new username."""
    rule = _username_rule(name)
    return [Problem("username", rule, {"most": MOST_NAME_CHARACTERS})] if rule else []


def full_name_problems(full_name: str) -> list[Problem]:
    """Return the problems of a full name, which may be empty."""
    if len(full_name) > MOST_FULL_NAME_CHARACTERS:
        return [Problem("full_name", "too-long", {"most": MOST_FULL_NAME_CHARACTERS})]
    # Joiners and direction marks are part of real names; controls that reorder text are not.
    bad = {"Cc", "Cs", "Zl", "Zp", "Cn"}
    if any(c in _DIRECTIONS or unicodedata.category(c) in bad for c in full_name):
        return [Problem("full_name", "unseen")]
    return []


def email_problems(email: str) -> list[Problem]:
    """Return the problems of an e-mail address, which may be empty."""
    if not email:
        return []
    if len(email) > MOST_EMAIL_CHARACTERS:
        return [Problem("email", "too-long", {"most": MOST_EMAIL_CHARACTERS})]
    local, at, domain = email.partition("@")
    is_address = bool(local and at and domain) and "@" not in domain
    if not is_address or _has_unseen(email) or any(c.isspace() for c in email):
        return [Problem("email", "not-an-address")]
    return []


def _normalised(password: str) -> str:
    """Return a password in NFC; a password that is too long is truncated, but stays too long.

    Composition saves at most two thirds of the bytes of a character (U+0DDD).
    """
    raw = _beginning(password, MOST_PASSWORD_BYTES).encode("utf-8", "surrogatepass")
    end = 3 * MOST_PASSWORD_BYTES + 4
    if len(raw) > end:
        while raw[end] & 0xC0 == 0x80:  # inside a character
            end -= 1
        raw = raw[:end]
    return unicodedata.normalize("NFC", raw.decode("utf-8", "surrogatepass"))


def prepared(password: str) -> bytes:
    """Return the bytes to hash: NFC, UTF-8, otherwise unchanged (ASVS 6.2.8). A text longer than
    any password is truncated.
    """
    return _normalised(password).encode("utf-8", "surrogatepass")


def password_problems(
    password: str, *, shortest: int, context: Iterable[str], field_name: str = "password"
) -> list[Problem]:
    """Return no problem or one problem of a new password.

    `context` are the words an attacker tries first: username, product, host, each also reversed. A
    password in the form of an API password is refused, because the API would take it for one.
    """
    password = _normalised(password)
    words = [unicodedata.normalize("NFC", w).casefold() for w in context if w]
    folded = password.casefold()
    rules = {
        "required": not password,
        "too-short": len(password) < shortest,
        "too-long": len(password.encode("utf-8", "surrogatepass")) > MOST_PASSWORD_BYTES,
        "unseen": any(unicodedata.category(c) in {"Cc", "Cs"} for c in password),
        "few-characters": len(set(password)) < FEWEST_DISTINCT_CHARACTERS,
        "context-word": folded in {t for w in words for t in (w, w[::-1])},
        "like-an-api-password": ends_like_api_password(password),
    }
    rule = next((name for name, is_broken in rules.items() if is_broken), None)
    facts = {"shortest": shortest, "most": MOST_PASSWORD_BYTES}
    return [Problem(field_name, rule, facts)] if rule else []
