"""Cassettes as YAML that people can read: an event of a stream on a line of its own, Chinese and emoji as they are."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml
from vcr.serializers import yamlserializer

FOREIGN_BREAKS: Final = re.compile("[\x85\u2028\u2029]")
"""Line breaks to YAML 1.1, which a block would not give back as they were."""

WIDTH: Final = 10**9
"""No line is folded."""


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as a block, and numbers in one line. Not libyaml's emitter: that escapes emoji."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - asked of every value
        """No anchors: a value that stands in two places is written twice."""
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = '"' if FOREIGN_BREAKS.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _list(dumper: _Dumper, items: list[Any]) -> yaml.SequenceNode:
    flow = bool(items) and all(isinstance(item, (int, float)) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=flow)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)


def deserialize(text: str) -> Any:
    """The cassette in `text`, by vcrpy's own safe loader."""
    return yamlserializer.deserialize(text)


def serialize(cassette: dict[str, Any]) -> str:
    """The text of a cassette, which `deserialize` and stock vcrpy read back as it was."""
    return yaml.dump(cassette, Dumper=_Dumper, allow_unicode=True, width=WIDTH, sort_keys=False)
