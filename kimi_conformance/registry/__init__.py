"""Finds, reads and checks the YAML files, and says of every mistake where it stands and what was meant."""
