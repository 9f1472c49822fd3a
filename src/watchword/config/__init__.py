"""Settings: what they are (settings), where they come from (sources), how they are written
(addresses), and the page about them (reference).
"""

from watchword.config.addresses import Address, address
from watchword.config.settings import Settings
from watchword.config.sources import Loaded, load

__all__ = ["Address", "Loaded", "Settings", "address", "load"]
