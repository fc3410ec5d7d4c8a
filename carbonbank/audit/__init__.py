"""Second implementation: checks an audit package without the bank."""
