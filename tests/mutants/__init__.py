"""Mutation tests of the most important checks: `make mutants` shows whether tests notice."""
