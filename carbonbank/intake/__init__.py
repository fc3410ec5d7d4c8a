"""Edge: files in, recognised by content."""
