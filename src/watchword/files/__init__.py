"""File operations that survive a crash: atomic writes, work folders, swaps, locks."""
