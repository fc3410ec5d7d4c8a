"""What happens to a bank when the world does its worst."""
