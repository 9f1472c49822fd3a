"""An audit event as one sentence, with markup: "alice enabled MFA for bob."."""

# ruff: noqa: D102 - the properties of the protocol

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from markupsafe import Markup, escape

from watchword import formats
from watchword.domain import refused_addresses
from watchword.domain.audit import AuditEvent as E
from watchword.domain.audit import Interface
from watchword.i18n import N_, _
from watchword.web.console.frame.audit_sentences import NO_ACCOUNT, OWN, PLAIN, SENTENCES
from watchword.web.console.frame.client_names import client_name

_ACTORS: Final = {
    Interface.API.value: N_("%(name)s (API)"),
    Interface.GATEWAY.value: N_("%(name)s (gateway)"),
    Interface.CLI.value: N_("%(name)s (command line)"),
}
_KEYS: Final = ("reason", "factors", "next", "fields", "count", "role")
"""The facts whose values choose a sentence."""
_BY_OWNER: Final = frozenset(
    {
        E.LOGIN, E.LOGIN_AFTER_FAIL, E.NEW_BROWSER, E.PASSWORD_OK, E.SESSION_LIMIT,
        E.UNTRUSTED_PEER, E.MFA_ENROL_STARTED, E.MFA_ENROL_CODE_USED, E.MFA_ENROL_CONFIRMED,
        E.RECOVERY_USED, E.RECOVERY_GENERATED, E.RECOVERY_LOW,
    }
)  # fmt: skip
"""Events of a login, in which the actor is still empty, after correct credentials."""


class Event(Protocol):
    """The fields of an event that its sentence uses. `AuditRow` has them."""

    @property
    def event(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def interface(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def user_agent(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...


def isolated(name: str) -> Markup:
    """Return a name as markup that keeps its direction to itself."""
    return Markup("<bdi>%s</bdi>") % name


def sentence_of(event: Event, named: Callable[[str], Markup] = isolated) -> Markup:
    """Return the sentence. `named` returns the markup of a name, such as a link.

    An event of a newer version has no sentence here and is shown by its stable name.
    """
    try:
        written = SENTENCES[E(event.event)]
    except ValueError:
        return Markup('<code dir="ltr">%s</code>') % event.event
    sentence = written if isinstance(written, str) else written[_key(event, written)]
    return escape(_(sentence)) % _Blanks(_blanks(event, named))


def _key(event: Event, written: Mapping[str, str]) -> str:
    keys = [f"{name} {NO_ACCOUNT}" for name in event.facts if not event.subject]
    keys += [NO_ACCOUNT] if not event.subject else []
    keys += [f"{name} {OWN}" for name in event.facts if _is_own(event)]
    keys += event.facts
    keys += [OWN] if _is_own(event) else []
    keys += [str(event.facts[name]) for name in _KEYS if name in event.facts]
    keys += [event.outcome]
    return next((key for key in keys if key in written), PLAIN)


def _is_own(event: Event) -> bool:
    """Return whether the actor is the subject. Before a login the actor is empty. An operator of
    the command line may have the name of an account.
    """
    return event.interface != Interface.CLI and event.actor in ("", event.subject)


def _blanks(event: Event, named: Callable[[str], Markup]) -> dict[str, object]:
    facts = {name: isolated(_written(name, value)) for name, value in event.facts.items()}
    return {
        **facts,
        "account": named(event.subject),
        "by": actor_of(event, named),
        "address": Markup('<bdi dir="ltr">%s</bdi>') % event.address,
        "client": isolated(client_name(event.user_agent)),
    }


def _written(name: str, value: object) -> str:
    """Return a fact as text; a browser in words, the time of a backup as the language writes it, in
    UTC.
    """
    if name == "browser":
        return client_name(str(value))
    if name == "addresses":
        return ", ".join(f"{each} ({n})" for each, n in refused_addresses.read(value).items())
    try:
        at = datetime.fromisoformat(str(value)) if name == "copied_at" else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        return str(value)
    at = at.astimezone(UTC)
    return f"{formats.date(at)} {formats.clock(at)} UTC"


def actor_of(event: Event, named: Callable[[str], Markup] = isolated) -> Markup | str:
    """Return the actor, with the interface if it is not the console."""
    name = event.actor or (event.subject if event.event in _BY_OWNER else "")
    if not name:
        is_server = event.interface == Interface.SYSTEM
        return _("The server") if is_server else _("A client that was not logged in")
    phrase = _ACTORS.get(event.interface, "%(name)s")
    return escape(_(phrase)) % {"name": named(name)}


class _Blanks(dict[str, object]):
    """Blanks of a sentence; an event of an older version may lack a fact."""

    def __missing__(self, _name: str) -> str:
        return "–"
