"""What keeps the kill matrix from being made. Says what to do about it."""


class NoCheckout(Exception):
    """The suite was installed from a wheel, without its own tests."""


class SourcesChanged(Exception):
    """Files were edited while faults were played: what was being played belongs to no state."""
