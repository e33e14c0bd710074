"""Cassettes: vcrpy's format, read and written through a transport of our own that keeps the times of a stream."""
