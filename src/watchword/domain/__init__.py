"""The pure centre: rules as values and small functions, standard library only."""
