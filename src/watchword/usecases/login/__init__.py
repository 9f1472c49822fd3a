"""Login at the console and re-authentication."""
