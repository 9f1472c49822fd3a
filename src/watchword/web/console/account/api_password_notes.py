"""Notes about API passwords that are unused, expired or about to expire."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from watchword.domain.api_password import Due
from watchword.i18n import N_, _, ngettext
from watchword.storage.credentials import StoredApiPassword
from watchword.usecases.api import api_password
from watchword.usecases.context import Watchword
from watchword.web.console.frame.client_names import client_name

_BADGES: Final[Mapping[Due, str]] = MappingProxyType(
    {
        Due.EXPIRED: N_("expired"),
        Due.EXPIRES_SOON: N_("expires soon"),
        Due.UNUSED: N_("unused for 180 days"),
    }
)


def badge(app: Watchword, created_at: datetime | None, last_used_at: datetime | None) -> str:
    """Return the badge for an API password in the list of accounts, or ""."""
    due = api_password.due(app, created_at, last_used_at)
    return _(_BADGES[due]) if due else ""


def old_in_use(app: Watchword, stored: StoredApiPassword) -> StoredApiPassword | None:
    """Return the replaced API password if it was used since the new one was generated."""
    old = api_password.old_in_force(app, stored)
    if old is None or old.last_used_at is None or stored.created_at is None:
        return None
    return old if old.last_used_at > stored.created_at else None


def own(app: Watchword, stored: StoredApiPassword) -> str:
    """Return the note for the owner of the API password, or ""."""
    due = api_password.due(app, stored.created_at, stored.last_used_at)
    if due is Due.EXPIRED:
        return _("Your API password has expired. Scripts that use it are refused. Generate a new "
                 "one, or revoke it.")  # fmt: skip
    if due is Due.UNUSED:
        return _("Your API password has not been used for more than 180 days. Revoke it if no "
                 "script needs it.")  # fmt: skip
    if old := old_in_use(app, stored):
        return _("A client still uses your old API password: %(client)s, %(address)s. Give it the "
                 "new one before the old one ends.", client=client_name(old.last_used_client),
                 address=old.last_used_address)  # fmt: skip
    end = api_password.expires_at(app, stored)
    if due is None or end is None:
        return ""
    return ngettext(
        "Your API password expires within %(count)s day. Then scripts that use it are refused. "
        "Generate a new one for them.",
        "Your API password expires within %(count)s days. Then scripts that use it are refused. "
        "Generate a new one for them.",
        math.ceil((end - app.clock.now()) / timedelta(days=1)),
    )
