"""What keeps a live run from beginning."""

from __future__ import annotations


class BadSurroundings(Exception):  # noqa: N818 - it names what happened
    """A variable is missing, or holds what cannot be used. Says which, and what to do."""


class BadVerification(Exception):  # noqa: N818 - it names what happened
    """The file is none of ours, or was damaged."""


class BadAnswers(Exception):  # noqa: N818 - it names what happened
    """A folder has no answers that can be compared. Says which, and what to do."""
