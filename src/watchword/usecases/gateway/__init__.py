"""The gateway: the visitors of applications, and the sessions there."""
