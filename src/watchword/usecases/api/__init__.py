"""Authentication of Management API callers, and the API password."""
