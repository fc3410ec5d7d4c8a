"""What the second implementation refuses to read."""
