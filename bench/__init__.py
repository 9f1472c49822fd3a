"""Benchmarks: `make bench`. They run real servers as separate processes, with real hash costs."""
