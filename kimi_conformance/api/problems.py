"""What keeps a live run from beginning."""

from __future__ import annotations


class BadSurroundings(Exception):
    """A variable is missing, or holds what cannot be used. Says which, and what to do."""


class BadVerification(Exception):
    """The file is none of ours, or was damaged."""


class BadAnswers(Exception):
    """A folder has no answers that can be compared. Says which, and what to do."""
