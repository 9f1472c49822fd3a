"""`watchword serve`: the listeners, one command, one clean shutdown."""

from watchword.server.serve import serve

__all__ = ["serve"]
