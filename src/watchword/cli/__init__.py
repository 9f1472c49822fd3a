"""The command line: the fourth door."""
