"""Use cases: one file, one public function, named by its verb. Each takes the `Bank` first."""
