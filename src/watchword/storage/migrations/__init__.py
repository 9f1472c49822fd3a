"""The migrations: versions holds one file for each revision."""
