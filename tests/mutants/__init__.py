"""Checks that matter, taken out one at a time: `make mutants` says which tests notice."""
