"""Use-cases: one verb per function, with its transaction and its audit row."""
