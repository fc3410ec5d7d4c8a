"""The nouns of the bank: pure data and pure rules, no I/O, no pandas."""
