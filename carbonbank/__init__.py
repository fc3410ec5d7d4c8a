"""carbonbank: a carbon bank for vehicle fleets that anyone can check."""
