"""An error that says more than fits into an alert."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.upstream.acts.act import act
from kimi_conformance.upstream.acts.errors import ERRORS, told

if TYPE_CHECKING:
    from kimi_conformance.upstream.acts.act import Heard
    from kimi_conformance.upstream.script import Script

WORDS: Final = "Please try again later. " * 125
"""3000 characters; a message of Discord's has 2000."""


@act("429-wordy")
def wordy(heard: Heard) -> Script:
    """A limit of tokens, explained at length."""
    usual = ERRORS["429-tokens"]
    longer = replace(
        usual,
        kimi=replace(usual.kimi, message=f"{usual.kimi.message}. {WORDS}"),
        openai=replace(usual.openai, message=f"{usual.openai.message} {WORDS}"),
        anthropic=replace(usual.anthropic, message=f"{usual.anthropic.message} {WORDS}"),
    )
    return told(heard, longer)
