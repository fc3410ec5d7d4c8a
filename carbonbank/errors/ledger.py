"""Python twins of the contracts' custom errors: same names, fields in snake_case."""
