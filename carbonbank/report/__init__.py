"""Edge: documents out: audit packages, certificates, statements."""
