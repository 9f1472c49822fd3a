"""The Management API: JSON for scripts."""
