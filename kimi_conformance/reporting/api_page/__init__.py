"""reports/API.md: the reference page of the API, every line with its provenance."""
