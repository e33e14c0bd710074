"""The pace of an answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kimi_conformance.upstream.script import Pause, Send

if TYPE_CHECKING:
    from kimi_conformance.upstream.script import Script, Step


def paced(script: Script, model: str, delay_s: float) -> Script:
    """The script with `delay_s` before each event, or a whole answer; half of it where the model is a fast one."""
    if not delay_s:
        return script
    pause = Pause(delay_s / 2 if model.endswith("-highspeed") else delay_s)
    steps: list[Step] = []
    for step in script.steps:
        steps += [pause, step] if isinstance(step, Send) else [step]
    return replace(script, steps=tuple(steps))
