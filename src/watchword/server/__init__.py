"""`watchword serve`: the listeners, one command, one clean shutdown."""
