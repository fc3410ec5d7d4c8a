"""A second implementation of everything a package claims. It knows the format and the texts alone.

Nothing of the bank's measurement, evidence or ledger code is imported here (import-linter keeps
it so): what both compute alike, each proves of the other.
"""
