"""An answer that is no JSON: routers that cannot read it like to tell what they have sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.upstream.acts.act import act
from kimi_conformance.upstream.script import Script, json_answer

if TYPE_CHECKING:
    from kimi_conformance.upstream.acts.act import Heard


@act("garbled")
def garbled(_: Heard) -> Script:
    """200 with what is called JSON and is none."""
    return json_answer(200, b'{"id": "chatcmpl-1", "choices": [{"message": <html>')
