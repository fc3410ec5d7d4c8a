"""Rules of the bank itself."""
