"""The page Audit Log: filter, events, export."""
