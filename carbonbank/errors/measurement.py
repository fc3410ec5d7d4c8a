"""Programmes, factors and methods that can not be used as given."""
