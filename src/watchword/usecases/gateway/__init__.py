"""The gateway: who asks for an application, and the sessions there."""
