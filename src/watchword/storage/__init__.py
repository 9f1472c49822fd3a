"""SQL, and only here: tables, migrations and small functions that return domain values."""
