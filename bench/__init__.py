"""Benchmarks: `make bench`. Real servers in processes of their own, real hash parameters."""
