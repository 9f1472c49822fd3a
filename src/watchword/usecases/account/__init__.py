"""Changes to the actor's own account."""
