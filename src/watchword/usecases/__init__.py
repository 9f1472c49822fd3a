"""Use-cases: one verb per function, each with its transaction and its audit row."""
