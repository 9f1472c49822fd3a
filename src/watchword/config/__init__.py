"""Settings: what they are (settings), where they come from (sources), how they are written
(addresses), which proxies are believed (proxies), and the page about them (reference).
"""

from watchword.config.addresses import Address, address
from watchword.config.interfaces import InterfaceSettings, interface, interfaces, titles
from watchword.config.proxies import is_plain, trusted
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
    "titles",
    "trusted",
]
