"""Managing other accounts, and the first administrator."""
