"""Audit events: their names, the actor, and the recorded row.

The names are stable: exports, filters and alerts rely on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from watchword.domain.accounts import Administrator
from watchword.domain.roles import Role, may_manage


class Interface(StrEnum):
    """The interfaces, and the server itself."""

    CONSOLE = "console"
    API = "api"
    GATEWAY = "gateway"
    CLI = "cli"
    SYSTEM = "system"


class AuditEvent(StrEnum):
    """The names of all events."""

    LOGIN = "auth.login"
    LOGIN_AFTER_FAIL = "auth.login_after_fail"
    NEW_BROWSER = "auth.new_browser"
    BROWSER_FORGOTTEN = "auth.browser_forgotten"
    PASSWORD_OK = "auth.password_ok"
    PASSWORD_FAIL = "auth.password_fail"
    REFUSED_LOGINS = "auth.refused_logins"
    SPRAYING = "auth.spraying"
    DEVICE_CLOSED = "auth.device_closed"
    LOGOUT = "auth.logout"
    PASSWORD_CHANGED = "auth.password_changed"
    PASSWORD_RESET = "auth.password_reset"
    REAUTH_OK = "auth.reauth_ok"
    REAUTH_FAIL = "auth.reauth_fail"
    ATTEMPT_CANCELLED = "auth.cancelled"
    MFA_ENABLE = "mfa.enable"
    MFA_DISABLE = "mfa.disable"
    MFA_RESET = "mfa.reset"
    MFA_ENROL_STARTED = "mfa.enrol.started"
    MFA_ENROL_CODE_REQUIRED = "mfa.enrol.ticket_required"
    MFA_ENROL_CODE_AWAITED = "mfa.enrol.ticket_awaited"
    MFA_ENROL_CODE_USED = "mfa.enrol.ticket_used"
    MFA_ENROL_CODE_FAILED = "mfa.enrol.ticket_failed"
    MFA_ENROL_CODE_VOID = "mfa.enrol.ticket_void"
    MFA_PENDING_EXPIRED = "mfa.pending_expired"
    MFA_ENROL_SHOWN = "mfa.enrol.shown"
    MFA_ENROL_SHOWN_AGAIN = "mfa.enrol.shown_again"
    MFA_ENROL_FAILED = "mfa.enrol.failed"
    MFA_ENROL_CONFIRMED = "mfa.enrol.confirmed"
    MFA_FAIL = "mfa.fail"
    MFA_FAILED_OUT = "mfa.failed_out"
    MFA_REPLAY = "mfa.replay"
    MFA_LOCKED = "mfa.locked"
    MFA_MANY_FAILURES = "mfa.many_failures"
    RECOVERY_GENERATED = "recovery.generated"
    RECOVERY_USED = "recovery.used"
    RECOVERY_FAILED = "recovery.failed"
    RECOVERY_LOW = "recovery.low"
    API_PASSWORD_GENERATED = "api_password.generated"
    API_PASSWORD_REVOKED = "api_password.revoked"
    API_PASSWORD_OLD_ENDED = "api_password.old_ended"
    API_PASSWORD_FIRST_USE = "api_password.first_use"
    API_PASSWORD_NEW_NETWORK = "api_password.new_network"
    API_AUTH_FAIL = "api.auth.fail"
    GATEWAY_ENTERED = "gateway.entered"
    GATEWAY_REFUSED = "gateway.refused"
    GATEWAY_FOREIGN_PEER = "gateway.foreign_peer"
    SESSION_ENDED = "session.ended"
    ADMINISTRATOR_CREATED = "administrator.created"
    ADMINISTRATOR_CHANGED = "administrator.changed"
    ADMINISTRATOR_DISABLED = "administrator.disabled"
    ADMINISTRATOR_ENABLED = "administrator.enabled"
    ADMINISTRATOR_DELETED = "administrator.deleted"
    ADMINISTRATOR_UNLOCKED = "administrator.unlocked"
    APPLICATION_CREATED = "application.created"
    APPLICATION_CHANGED = "application.changed"
    APPLICATION_ENABLED = "application.enabled"
    APPLICATION_DISABLED = "application.disabled"
    APPLICATION_DELETED = "application.deleted"
    ROLE_CHANGED = "administrator.role"
    MEMBER_CREATED = "member.created"
    MEMBER_DELETED = "member.deleted"
    GROUPS_CHANGED = "member.groups"
    AUDIT_EXPORTED = "audit.exported"
    AUDIT_PRUNED = "audit.pruned"
    AUDIT_CHAIN_BROKEN = "audit.chain_broken"
    AUDIT_CHAIN_RESTARTED = "audit.chain_restarted"
    AUDIT_CHAIN_ACCEPTED = "audit.chain_accepted"
    SESSION_LIMIT = "session.limit"
    SESSION_NEW_NETWORK = "session.new_network"
    UNTRUSTED_PEER = "fwd.untrusted_peer"
    FIRST_RUN_LINK = "first_run.link_issued"
    KEY_ROTATED = "crypto.rotated"
    KEY_RETIRED = "crypto.retired"
    DECRYPT_FAILED = "crypto.decrypt_failed"
    SYSTEM_UPGRADED = "system.upgraded"
    SYSTEM_BACKUP = "system.backup"
    SYSTEM_RESTORED = "system.restored"


class Actor(Struct, frozen=True):
    """The acting account and client. Before a login the id and the role are None, the name is empty.

    `address` is the client's: the connection's peer, or the one that the trusted proxy `via`
    reports. `session_ref` are the first 8 hex digits of the MAC of the session's first token; it
    names a session without giving access.
    """

    interface: Interface
    id: int | None = None
    name: str = ""
    address: str = ""
    user_agent: str = ""
    request_id: str = ""
    session_ref: str = ""
    via: str = ""
    is_shared: bool = False
    """Whether the address is a trusted proxy's own, which all its clients share."""
    is_from_untrusted_peer: bool = False
    """Whether forwarding headers came from a peer that is no trusted proxy."""
    role: Role | None = None

    @property
    def may_manage(self) -> bool:
        """Whether the actor may read and change what the server stores: an administrator who has
        logged in, an operator on the command line, and the server itself.
        """
        return may_manage(self.role) or self.interface in {Interface.CLI, Interface.SYSTEM}

    def known_as(self, account: Administrator) -> Actor:
        """Return the actor with the identity of an account."""
        return replace(self, id=account.id, name=account.username, role=account.role)


class Recorded(Struct, frozen=True):
    """One recorded event: actor, subject, time and outcome."""

    event: AuditEvent
    at: datetime
    outcome: str
    actor: Actor
    subject_id: int | None
    subject_name: str
    facts: Mapping[str, str | int]

    def fields(self) -> dict[str, str | int]:
        """Return the fields that are not empty, for a log line."""
        all_fields: dict[str, str | int | None] = {
            "event": self.event.value,
            "outcome": self.outcome,
            "at": self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "interface": self.actor.interface.value,
            "actor_id": self.actor.id,
            "actor": self.actor.name,
            "subject_id": self.subject_id,
            "subject": self.subject_name,
            "address": self.actor.address,
            "user_agent": self.actor.user_agent,
            "session": self.actor.session_ref,
            **self.facts,
        }
        return {name: value for name, value in all_fields.items() if value not in ("", None)}
