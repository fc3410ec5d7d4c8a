"""The terminal as a person or a script sees it."""
