"""The Management Console: pages for people."""
