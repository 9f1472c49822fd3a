"""The interfaces that speak HTTP; the only room that knows a web framework."""

from starlette.types import ASGIApp

__all__ = ["ASGIApp"]
