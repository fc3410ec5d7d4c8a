"""The demonstration: real trips in; issued, claimed, traded and retired credits out.

Every step calls the same use cases as the API and the command line, and is idempotent, so the
whole is a resumable job: killed anywhere and run again it ends in the same state, and run again
when done it changes nothing. What people, vehicles and prices it needs stands in
carbonbank/data/demo/scenario.json; every number it prints was computed.
"""
