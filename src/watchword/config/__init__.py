"""Settings: their declaration (settings), sources (sources), values (values, addresses), interfaces
(interfaces), trusted proxies (proxies), ownership of files (ownership) and reference (reference).
"""

from watchword.config.addresses import Address, address
from watchword.config.interfaces import InterfaceSettings, interface, interfaces, titles
from watchword.config.proxies import is_plain, speaks_plain, trusted
from watchword.config.settings import Settings
from watchword.config.sources import Loaded, load

__all__ = [
    "Address",
    "InterfaceSettings",
    "Loaded",
    "Settings",
    "address",
    "interface",
    "interfaces",
    "is_plain",
    "load",
    "speaks_plain",
    "titles",
    "trusted",
]
