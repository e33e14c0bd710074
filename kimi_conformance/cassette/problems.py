"""What is wrong with a cassette."""

from __future__ import annotations


class BadCassette(Exception):
    """A cassette that is missing or cannot be read. Says which, and what to do."""
