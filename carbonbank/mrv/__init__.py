"""Measurement: from accepted trips to grams, pure functions over Arrow tables."""
