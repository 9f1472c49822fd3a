"""Pages about the administrator's own account."""
