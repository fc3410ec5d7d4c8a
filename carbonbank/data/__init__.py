"""What the package ships: factors, programmes and real trips, each with its licence."""
