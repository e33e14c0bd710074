"""What keeps the kill matrix from being made. Says what to do about it."""


class NoCheckout(Exception):  # noqa: N818 - it names what is missing
    """The suite was installed from a wheel, without its own tests."""


class SourcesChanged(Exception):  # noqa: N818 - it names what happened
    """Files were edited while faults were played: what was being played belongs to no state."""
