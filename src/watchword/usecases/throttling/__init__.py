"""Throttling of guesses: reservations, attempt limits, recognised browsers and addresses."""
