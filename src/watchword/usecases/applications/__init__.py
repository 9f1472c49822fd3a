"""Applications behind the gateway: managing them, and who may enter."""
