"""Labelled attacks on honest fleets, and how many of them the bank catches.

    drives ─▶ fleets ─▶ told_again | made_up ─▶ score ─▶ page
    a car     honest    rows with labels, as    through    the table
    drives    months    the files offered       the bank

The attacks know nothing of the rules: nothing here reads a threshold, or more of the bank than its
public use cases. `make bench-attacks` prints the table and writes it to docs.
"""
