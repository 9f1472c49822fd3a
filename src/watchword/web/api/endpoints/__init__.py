"""Endpoints of the Management API, each with the declaration of its operation."""
