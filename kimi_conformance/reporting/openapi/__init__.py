"""reports/openapi.yaml: the contracts as an OpenAPI 3.1 document, which tools can read."""
