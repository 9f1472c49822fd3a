"""Console sessions and login attempts."""
