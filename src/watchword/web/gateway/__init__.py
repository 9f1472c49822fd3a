"""The gateway: answers reverse proxies that ask whether a request may reach an application."""
