"""Applications behind the gateway: their management and grants."""
