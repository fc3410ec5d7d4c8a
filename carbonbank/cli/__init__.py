"""Edge: the terminal. One module per noun; a command parses, calls one use case and prints."""
