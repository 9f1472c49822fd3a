"""Every refusal, by the audience that can receive it."""

from __future__ import annotations

from watchword.domain import operational_errors as _operational_errors  # noqa: F401 - declares some
from watchword.domain.errors import Audience, Refusal


def every(kind: type[Refusal] = Refusal) -> list[type[Refusal]]:
    """Return all classes of refusals."""
    return [c for child in kind.__subclasses__() for c in (child, *every(child))]


def received_by(audience: Audience) -> set[type[Refusal]]:
    """Return the refusals that one of the audiences can receive."""
    return {kind for kind in every() if kind.audiences & audience}
