"""Watchword: a management server whose heart is multi-factor authentication done right."""

__version__ = "0.1.0"
