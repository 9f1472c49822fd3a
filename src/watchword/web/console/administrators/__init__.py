"""Pages about other administrators."""
