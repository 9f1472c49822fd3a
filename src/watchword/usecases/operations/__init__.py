"""Keys, backup, restore, health checks, maintenance and metrics."""
