"""Files that are not what they claim."""
