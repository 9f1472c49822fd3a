"""The command line: the fourth interface."""
