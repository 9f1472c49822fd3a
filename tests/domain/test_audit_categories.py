"""Categories of audit events."""

from __future__ import annotations

from watchword.domain.audit import AuditEvent as E
from watchword.domain.audit_categories import CATEGORIES, CHANGES, Category, events_of


def test_every_event_has_one_category() -> None:
    assert set(CATEGORIES) == set(E)
    assert set(CATEGORIES.values()) == set(Category)
    by_category = [events_of(category, changes_only=False) for category in Category]
    assert sum(map(len, by_category)) == len(E)
    assert CATEGORIES[E.PASSWORD_RESET] is Category.ACCOUNTS
    assert CATEGORIES[E.PASSWORD_FAIL] is CATEGORIES[E.SESSION_ENDED] is Category.LOGINS


def test_changes_only_leaves_out_logins_and_refusals() -> None:
    assert events_of(None, changes_only=True) == CHANGES
    assert events_of(Category.MFA, changes_only=True) == {
        E.MFA_ENABLE, E.MFA_DISABLE, E.MFA_RESET, E.MFA_ENROL_CONFIRMED, E.RECOVERY_GENERATED,
    }  # fmt: skip
    assert events_of(None, changes_only=False) == set(E)
