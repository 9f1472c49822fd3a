"""Declaration of the settings: name, type, bounds, default and description.

docs/reference/settings.md and `watchword config reference` are generated from it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from watchword.config.values import FOR_PROXIES, INTERFACE
from watchword.i18n import N_


def listener(title: str) -> Meta:
    """Describe a setting that is the listen address of the interface with this title."""
    return Meta(description=f"HOST:PORT of the {title}.", extra={INTERFACE: title})


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings with their defaults."""

    data_dir: Annotated[
        Path, Meta(description=N_("Folder of the database, keys and certificates."))
    ]
    workers: Annotated[
        int,
        Meta(
            ge=1,
            le=64,
            description=N_(
                "Processes that answer requests; more than one for more CPU cores. "
                "docs/how-to/workers.md describes what each process needs."
            ),
        ),
    ] = 1
    database_url: Annotated[
        str,
        Meta(description=N_("postgresql://... for PostgreSQL; empty: SQLite in the data folder.")),
    ] = ""
    console: Annotated[str, listener("Management Console")] = "127.0.0.1:8470"
    api: Annotated[str, listener("Management API")] = "127.0.0.1:8474"
    console_url: Annotated[
        str, Meta(description=N_("Public address of the console, if browsers use another one."))
    ] = ""
    gateway: Annotated[
        str,
        Meta(
            description=N_(
                "HOST:PORT of the gateway, usually 127.0.0.1:8476, which reverse proxies ask about "
                "requests to applications; empty: no gateway. It speaks HTTP on a loopback address and "
                "HTTPS elsewhere, and answers trusted_proxies only."
            ),
            extra={INTERFACE: "Gateway", FOR_PROXIES: True},
        ),
    ] = ""
    gateway_url: Annotated[
        str,
        Meta(
            description=N_("Address of the gateway for reverse proxies, if they use another one.")
        ),
    ] = ""
    api_url: Annotated[
        str, Meta(description=N_("Public address of the API, if clients use another one."))
    ] = ""
    trusted_proxies: Annotated[
        str,
        Meta(
            description=N_(
                "Addresses and networks of reverse proxies, with commas between them, "
                "whose X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host are trusted. Name only "
                "the proxies, never a network that contains clients."
            )
        ),
    ] = ""
    plain_http_behind_trusted_proxy: Annotated[
        bool,
        Meta(
            description=N_(
                "Whether the interfaces speak HTTP instead of HTTPS, to trusted proxies "
                "that report that the client used HTTPS. Needs trusted_proxies, console_url and api_url."
            )
        ),
    ] = False
    insecure_plain_http_on_loopback: Annotated[
        bool,
        Meta(
            description=N_(
                "Whether the interfaces speak HTTP instead of HTTPS to this machine, for "
                "trying things out. Passwords are sent unencrypted. Needs loopback listeners."
            )
        ),
    ] = False
    hsts: Annotated[
        bool,
        Meta(
            description=N_(
                "Whether browsers are asked to use only HTTPS for a year, on every port of "
                "the host name (Strict-Transport-Security). Only with a certificate that every browser "
                "trusts."
            )
        ),
    ] = False
    tls_certificate: Annotated[
        str,
        Meta(description=N_("PEM file of your own certificate with its chain; empty: local CA.")),
    ] = ""
    tls_key: Annotated[str, Meta(description=N_("PEM file of the key of that certificate."))] = ""
    cookie_prefix: Annotated[
        str,
        Meta(
            pattern=r"\A(__Host-[A-Za-z0-9_-]{1,40})?\Z",
            title=N_("empty, or `__Host-` and 1 to 40 letters, digits, `_` or `-`"),
            description=N_(
                "Prefix of the names of the console's cookies, __Host- and up to 40 "
                "characters. Installations under one host name need different prefixes. Empty: "
                "__Host-ww, with the installation's id at the end of each name."
            ),
        ),
    ] = ""
    session_idle_minutes: Annotated[
        int,
        Meta(ge=5, le=60, description=N_("Minutes without a request after which a session ends.")),
    ] = 15
    session_hours: Annotated[
        int, Meta(ge=1, le=24, description=N_("Hours after which every session ends."))
    ] = 8
    recent_proof_minutes: Annotated[
        int,
        Meta(
            ge=0,
            le=60,
            description=N_(
                "Minutes after a full login during which sensitive actions need no "
                "re-authentication; 0: each one needs it."
            ),
        ),
    ] = 10
    enrolment_proof: Annotated[
        Literal["off", "other_browser", "always"],
        Meta(
            description=N_(
                "Whether the login that sets up the authenticator app also asks for the "
                "enrolment code that was shown when MFA was enabled or reset: never, only in another "
                "browser than the one that enabled or reset it, or always."
            )
        ),
    ] = "off"
    totp_issuer: Annotated[
        str,
        Meta(
            pattern=r"\A[^:\x00-\x1f\x7f\ud800-\udfff]{0,32}\Z",
            title=N_("up to 32 characters without a colon"),
            description=N_(
                "Name of this server in authenticator apps, up to 32 characters without a "
                "colon. Empty: Watchword (HOST), with the host of console_url or of the browser's "
                "request. Entries that were scanned before keep their name."
            ),
        ),
    ] = ""
    drift_window: Annotated[
        int,
        Meta(ge=0, le=2, description=N_("TOTP steps accepted before and after the current one.")),
    ] = 1
    password_min_length: Annotated[
        int, Meta(ge=15, le=64, description=N_("Minimum length of a new password in characters."))
    ] = 15
    api_manages_administrators: Annotated[
        bool, Meta(description=N_("Whether the API may change other administrators."))
    ] = True
    audit_retention_days: Annotated[
        int,
        Meta(
            ge=90,
            le=36500,
            description=N_(
                "Days after which events are deleted from the audit log. 36500 is a hundred years."
            ),
        ),
    ] = 400
    api_password_max_days: Annotated[
        int,
        Meta(
            ge=0,
            le=3650,
            description=N_(
                "Days after which an API password expires; 0: never. Its owner is notified "
                "14 days before. A value that is set or reduced also applies to existing API passwords, "
                "immediately: `watchword doctor` names those that have expired."
            ),
        ),
    ] = 0
    api_requests_per_minute: Annotated[
        int,
        Meta(
            ge=0,
            le=1_000_000,
            description=N_(
                "Requests that one credential may make at the API within a minute, "
                "including bursts; 0: unlimited. Each worker of each node counts separately."
            ),
        ),
    ] = 0
    log_level: Annotated[
        Literal["debug", "info", "warning"], Meta(description=N_("How much is logged."))
    ] = "info"
    log_format: Annotated[
        Literal["plain", "json"],
        Meta(
            description=N_("One line of text for each event, or one JSON object for a collector.")
        ),
    ] = "plain"
