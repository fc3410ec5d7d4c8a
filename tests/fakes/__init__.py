"""The house without its edges: one fake per port, held equal to the real thing by tests/ports."""
