"""Fleets of any size: the trips of some vehicles in, their part of a sealed batch out, pure.

A partition holds all trips of its vehicles, so that nothing a rule looks at lies elsewhere. Parts
are combined in the order of the vehicles' indices; how the vehicles were cut changes no bit.
"""
