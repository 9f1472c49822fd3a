"""The server process: listeners, certificate, limits, signals, logs."""
