"""Sentences of audit events: every event, reason and outcome has one, and names cannot be markup."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup

import watchword
from watchword.domain.audit import AuditEvent as E
from watchword.domain.login import Step
from watchword.storage.audit_query import AuditFilter, AuditRow
from watchword.web.console.audit_log.log_query import FIELDS, Query
from watchword.web.console.audit_log.log_view import addresses
from watchword.web.console.frame.audit_sentences import NO_ACCOUNT, OWN, PLAIN, SENTENCES
from watchword.web.console.frame.event_sentence import sentence_of

USECASES = Path(watchword.__file__).parent / "usecases"


def row(event: str, **fields: Any) -> AuditRow:
    defaults: dict[str, Any] = dict.fromkeys(AuditRow.__struct_fields__, "")
    defaults |= {"id": 1, "at": datetime(2026, 12, 1, tzinfo=UTC), "outcome": "done", "facts": {},
                 "interface": "console", "actor_id": None, "subject_id": None}  # fmt: skip
    return AuditRow(**(defaults | {"event": event} | fields))


def text(event: str, **fields: Any) -> str:
    return str(re.sub(r"</?bdi[^>]*>", "", sentence_of(row(event, **fields))))


def variants(event: E) -> Mapping[str, str]:
    written = SENTENCES[event]
    return {PLAIN: written} if isinstance(written, str) else written


@pytest.mark.parametrize("event", E)
def test_event_has_whole_sentences(event: E) -> None:
    found = variants(event)
    assert PLAIN in found
    for sentence in found.values():
        assert sentence.endswith(".")
        assert sentence[0].isupper() or sentence[0].isdigit() or sentence.startswith("%(")
    shown = text(event, subject="alice", actor="alice")
    assert "%(" not in shown
    assert "alice" in shown or "%(account)s" not in found[PLAIN]


def constants(name: str) -> set[str]:
    """Return the string constants that the use-cases pass as `name` of an event, or assign to it."""
    found: set[ast.expr] = set()
    for file in USECASES.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(func=ast.Attribute(attr="record")):
                    found |= {word.value for word in node.keywords if word.arg == name}
                case ast.Assign(targets=[ast.Name(id=target)]) if target == name:
                    found.add(node.value)
    parts = [part for value in found for part in ast.walk(value)]
    return {c.value for c in parts if isinstance(c, ast.Constant) and isinstance(c.value, str)}


def test_every_reason_and_outcome_of_the_use_cases_is_in_a_sentence() -> None:
    keys = {key for event in E for key in variants(event)}
    reasons = constants("reason")
    assert {"wrong-password", "mfa-password", "by-owner", "key-retired"} <= reasons
    assert reasons - keys == set()
    # Refused events are those whose sentence says so; the sentence "noticed" is the only one.
    assert constants("outcome") - keys == {"refused", "noticed", "done"}
    steps = {Step.ASK_CODE, Step.SHOW_SECRET, Step.ASK_ENROLMENT_CODE}
    assert steps <= set(variants(E.PASSWORD_OK))


SHOWN: list[tuple[str, dict[str, Any], str]] = [
    ("mfa.fail", {"subject": "alice", "facts": {"failures": 2}}, "Login of alice refused: wrong code."),
    ("auth.login", {"subject": "alice", "facts": {"factors": "pwd rc"}},
     "alice logged in with password and recovery code."),
    ("auth.password_fail", {"facts": {"reason": "unknown-name"}},
     "Login refused: the username does not exist."),
    ("auth.new_browser", {"subject": "bob", "user_agent": "Mozilla/5.0 (Windows) Firefox/140.0"},
     "bob logged in with a new browser: Firefox on Windows."),
    ("mfa.enable", {"subject": "bob", "actor": "bob"}, "bob enabled MFA for their own account."),
    ("mfa.enable", {"subject": "bob", "actor": "alice"}, "alice enabled MFA for bob."),
    ("mfa.enable", {"subject": "bob", "actor": "alice", "interface": "api"},
     "alice (API) enabled MFA for bob."),
    # An operating-system user with the name of the account is not its owner.
    ("mfa.enable", {"subject": "bob", "actor": "bob", "interface": "cli"},
     "bob (command line) enabled MFA for bob."),
    ("recovery.generated", {"subject": "bob", "facts": {"count": 1}},
     "The used recovery code of bob was replaced by a new one."),
    ("administrator.created", {"subject": "alice"}, "The first administrator was created: alice."),
    ("administrator.enabled", {"subject": "bob", "actor": "alice", "facts": {"unused_days": 100}},
     "alice enabled the account bob again, 100 days after its last use."),
    ("api_password.generated", {"subject": "bob", "actor": "bob", "facts": {"old_valid_hours": 24}},
     "bob generated an API password. The one before it stays valid for 24 h."),
    ("api_password.generated", {"subject": "bob", "actor": "root", "interface": "cli",
                                "facts": {"old_valid_hours": 1}},
     "root (command line) generated an API password for bob. The one before it stays valid for 1 h."),
    ("auth.refused_logins", {"facts": {"failures": 30, "addresses": "192.0.2.7 20, 2001:db8::/64 3, x"}},
     ("Further refused logins with usernames that do not exist: 30. Most of them came from: "
      "192.0.2.7 (20), 2001:db8::/64 (3).")),
    ("auth.refused_logins", {"subject": "bob", "facts": {"failures": 30}},
     "Further refused logins of bob: 30."),
    ("system.restored", {"actor": "root", "interface": "cli", "facts": {
        "copied_at": "2026-12-01T10:05:06.789+01:00", "sessions": 1, "recovery_codes": 8}},
     ("root (command line) restored the backup of 2026-12-01 09:05 UTC. Ended sessions: 1. "
      "Deleted recovery codes: 8.")),
    ("api_password.revoked", {"subject": "bob", "actor": "root", "interface": "cli",
                              "facts": {"reason": "restored"}},
     "The API password of bob was revoked, because a backup was restored."),
    ("crypto.rotated", {"actor": "root", "interface": "cli", "outcome": "begun",
                        "facts": {"old": "k1", "new": "k2"}},
     "root (command line) started to replace the encryption key k1 by k2."),
    # Events of older versions lack facts; events of newer versions have no sentence.
    ("session.ended", {"subject": "bob", "facts": {"reason": "others-by-owner"}},
     "bob ended their other sessions (–)."),
    ("crypto.retired", {"interface": "system", "facts": {"keys": "k1"}},
     "The server removed old encryption keys: k1."),
]  # fmt: skip


@pytest.mark.parametrize(("event", "fields", "sentence"), SHOWN)
def test_sentence_names_account_actor_and_cause(
    event: str, fields: dict[str, Any], sentence: str
) -> None:
    assert text(event, **fields) == sentence


def test_event_of_a_newer_version_is_shown_by_its_name() -> None:
    assert sentence_of(row("later.<event>")) == '<code dir="ltr">later.&lt;event&gt;</code>'


def test_values_of_a_sentence_are_not_markup() -> None:
    evil = "<b>%(by)s"
    fields = {"subject": evil, "actor": evil, "address": evil, "user_agent": evil}
    for event in E:
        for key in variants(event):
            facts = {"reason": key, "failures": evil, "keys": evil, "new": evil, "old": evil}
            outcome = key if key not in (OWN, NO_ACCOUNT) else "done"
            shown = sentence_of(row(event, facts=facts, outcome=outcome, **fields))
            assert "<b>" not in shown
            assert "%(account)s" not in shown
    linked = sentence_of(
        row("mfa.enable", subject="bob", actor="alice"),
        lambda name: Markup('<a href="?account=%s">%s</a>') % (name, name),
    )
    assert (
        linked
        == '<a href="?account=alice">alice</a> enabled MFA for <a href="?account=bob">bob</a>.'
    )


def test_addresses_of_counted_logins_are_among_the_most_frequent() -> None:
    facts = {"failures": 50, "addresses": "192.0.2.7 20, 2001:db8::/64 3"}
    rows = [row("auth.password_fail", address="192.0.2.9"), row("auth.refused_logins", facts=facts)]
    found = addresses(rows, Query(dict.fromkeys(FIELDS, ""), AuditFilter(), ()))
    assert [(each["label"], each["count"], bool(each["href"])) for each in found] == [
        ("192.0.2.7", 20, True), ("2001:db8::/64", 3, False), ("192.0.2.9", 1, True),
    ]  # fmt: skip
