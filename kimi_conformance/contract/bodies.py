"""What requests carry in the cases of the request area: contracts/bodies.yaml."""

from __future__ import annotations

import json
from typing import Any, Literal

from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.contract.profile import Slug
from kimi_conformance.contract.reach import Surface
from kimi_conformance.contract.trip import ABSENT, MARK

Members = dict[str, Any]
MemberGroup = Literal["temperature", "sampling", "kimi", "nobody"]
TranslationGroup = Literal["system", "text", "thinking", "images", "tools", "choice", "calls", "results", "bounds"]


class Bodies(Frozen):
    """Members, histories, system prompts and tools by slug; what can be translated; bodies that are no JSON object."""

    members: dict[MemberGroup, dict[Slug, Members]]
    texts: dict[Slug, str]
    histories: dict[Surface, dict[Slug, list[Members]]]
    systems: dict[Surface, Members]
    tools: dict[Surface, dict[Slug, Members]]
    translations: dict[TranslationGroup, dict[Slug, Members]]
    malformed: dict[Slug, str]

    def conversations(self, surface: Surface) -> dict[str, list[Members]]:
        """The histories of a surface, and each of the texts as the one message of a user."""
        spoken = {slug: [{"role": "user", "content": f"{text} [{MARK}]"}] for slug, text in self.texts.items()}
        return self.histories[surface] | spoken

    def large(self, surface: Surface, size: int) -> Members:
        """Members that make a body of about `size` bytes: a long system prompt, and twelve tools."""
        line = "Read every file before you change it; 先读后改. "
        prompt = line * (size // len(line.encode()) + 1)
        user = [{"role": "user", "content": f"Begin. [{MARK}]"}]
        [tool] = self.tools[surface]["schema"]["tools"]
        if surface == "messages":
            tools = [{**tool, "name": f"tool_{number}"} for number in range(12)]
            return {"system": prompt, "messages": user, "tools": tools}
        tools = [{**tool, "function": {**tool["function"], "name": f"tool_{number}"}} for number in range(12)]
        return {"messages": [{"role": "system", "content": prompt}, *user], "tools": tools}

    def broken(self, slug: str, surface: Surface, model: Any) -> bytes:
        """A body that is no JSON object: `malformed` with an ordinary body for `model` put in."""
        bound = {"max_tokens": 64} if surface == "messages" else {}
        named = {} if model is ABSENT else {"model": model}
        ordinary = {**named, **bound, "messages": [{"role": "user", "content": f"Hello. [{MARK}]"}]}
        good = json.dumps(ordinary, separators=(",", ":"))
        words = {"{good}": good, "{good|cut}": good[:-2], "{good|open}": good[:-1], "{single}": good.replace('"', "'")}
        text = self.malformed[slug]
        for word, spelled in words.items():
            text = text.replace(word, spelled)
        return text.encode()


def twice_named(surface: Surface, first: str, last: str) -> bytes:
    """A body that names its model twice."""
    bound = '"max_tokens":64,' if surface == "messages" else ""
    messages = json.dumps([{"role": "user", "content": f"Hello. [{MARK}]"}])
    return f'{{"model":{json.dumps(first)},{bound}"messages":{messages},"model":{json.dumps(last)}}}'.encode()
