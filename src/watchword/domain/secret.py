"""A value that must never be written down by accident.

`repr`, `str`, `format` and JSON of a `Secret` say "[redacted]", not even its length; the one
way to the value is `reveal()`, which a reader can search for.
"""

from __future__ import annotations

import hmac
from typing import Final, NoReturn

REDACTED: Final = "[redacted]"


class Secret:
    """A secret text. Compared in constant time; refuses to be pickled."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself."""
        return self._value

    def __repr__(self) -> str:
        return REDACTED

    def __str__(self) -> str:
        return REDACTED

    def __format__(self, spec: str) -> str:
        return REDACTED

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(
            self._value.encode("utf-8", "surrogatepass"),
            other._value.encode("utf-8", "surrogatepass"),
        )

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")
