"""Administrators, and the rules for their names and passwords.

Names follow RFC 8265's UsernameCaseMapped in spirit (NFKC, case folded), with more refused:
what cannot be seen, what changes direction, and letters of look-alike scripts mixed in one
name. Passwords follow NIST SP 800-63B-4, 3.1.1.2: length and a list of known ones, no rules of
composition, no expiry. How guessable a password is, crypto/strength.py measures.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from watchword.domain.basic_auth import MOST_NAME_CHARACTERS, ends_like_api_password
from watchword.domain.errors import Problem
from watchword.domain.input_text import is_invisible, visible
from watchword.domain.mfa import Mfa

MOST_FULL_NAME_CHARACTERS: Final = 200
MOST_EMAIL_CHARACTERS: Final = 254
MOST_PASSWORD_BYTES: Final = 1024
FEWEST_DISTINCT_CHARACTERS: Final = 3

_MOST_WRITTEN: Final = 4
"""Code points that a composed character may be written with (UAX #15: U+1F82 has four)."""

_SCRIPTS: Final = ("LATIN", "CYRILLIC", "GREEK")
_DIRECTIONS: Final = frozenset(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
"""Embeddings, overrides and isolates: what stands behind them on a page would change places."""


@dataclass(frozen=True)
class Administrator:
    """A person with a console account. The id is for ever; the name is a label.

    `cred_ver` grows with each change of password, MFA state or secret; what was made under an
    older one (sessions, half-finished logins, known browsers) is dead.
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
    mfa: Mfa = field(default_factory=Mfa)

    @property
    def has_colon(self) -> bool:
        """Whether the page shows the notice about the colon."""
        return ":" in self.username


def _beginning(text: str, most: int) -> str:
    """Return a text that may be one of so many characters as it is; of a longer one so much that
    it stays too long. To normalise the ten thousand accents that fit in a form takes a third of
    a second, in which nothing else runs.
    """
    return text[: _MOST_WRITTEN * most + 1]


def folded(text: str) -> str:
    """Return what two texts are compared by: NFKC, case folded."""
    text = _beginning(text, MOST_NAME_CHARACTERS)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def username_key(name: str) -> str:
    """Return what two names are compared by. Invisible characters and spaces at the ends do not
    count: phone keyboards add them, and no name has them.
    """
    return folded(visible(_beginning(name, MOST_NAME_CHARACTERS)))


def _has_unseen(text: str) -> bool:
    return any(map(is_invisible, text))


def _scripts_of(text: str) -> set[str]:
    names = (unicodedata.name(c, "") for c in text if c.isalpha())
    return {script for name in names for script in _SCRIPTS if name.startswith(script)}


def _username_rule(name: str) -> str | None:
    """Return the name of the first rule that the username breaks.

    Rules about what a name looks like are asked of its compatibility form too: full-width
    letters are Latin ones, and compare as such.
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
        # Clients drop path segments of dots, so such a name could not be addressed.
        "dots": folded in {".", ".."},
        "mixed-scripts": len(_scripts_of(folded)) > 1,
        # The notice about the colon must not depend on which colon was typed.
        "unseen-colon": folded.count(":") != name.count(":"),
        "unstable": username_key(username_key(name)) != username_key(name),
    }
    return next((rule for rule, is_broken in rules.items() if is_broken), None)


def username_problems(name: str) -> list[Problem]:
    """Return what is wrong with a new username: nothing or one problem."""
    rule = _username_rule(name)
    return [Problem("username", rule, {"most": MOST_NAME_CHARACTERS})] if rule else []


def full_name_problems(full_name: str) -> list[Problem]:
    """Return what is wrong with a full name; it may be empty."""
    if len(full_name) > MOST_FULL_NAME_CHARACTERS:
        return [Problem("full_name", "too-long", {"most": MOST_FULL_NAME_CHARACTERS})]
    # Joiners and direction marks belong to some people's names; what turns others around does not.
    bad = {"Cc", "Cs", "Zl", "Zp", "Cn"}
    if any(c in _DIRECTIONS or unicodedata.category(c) in bad for c in full_name):
        return [Problem("full_name", "unseen")]
    return []


def email_problems(email: str) -> list[Problem]:
    """Return what is wrong with an e-mail address; it may be empty."""
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
    """Return a password in NFC; of one that is too long only a beginning that is too long as well.

    Composing a character saves two thirds of its bytes at most (U+0DDD).
    """
    raw = _beginning(password, MOST_PASSWORD_BYTES).encode("utf-8", "surrogatepass")
    end = 3 * MOST_PASSWORD_BYTES + 4
    if len(raw) > end:
        while raw[end] & 0xC0 == 0x80:  # inside a character
            end -= 1
        raw = raw[:end]
    return unicodedata.normalize("NFC", raw.decode("utf-8", "surrogatepass"))


def prepared(password: str) -> bytes:
    """Return the bytes that are hashed: NFC, UTF-8. Nothing else is changed (ASVS 6.2.8), but for
    the end of what is longer than any password.
    """
    return _normalised(password).encode("utf-8", "surrogatepass")


def password_problems(
    password: str, *, shortest: int, context: Iterable[str], field_name: str = "password"
) -> list[Problem]:
    """Return what is wrong with a new password: nothing or one problem.

    `context` are the words an attacker tries first: username, product, host, each also
    reversed. A password that reads as an API password is refused: on the API it could not be
    told from one.
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
