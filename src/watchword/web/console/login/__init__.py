"""Pages from the login form to the session."""
