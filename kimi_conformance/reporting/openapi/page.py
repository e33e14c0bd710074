"""Plain data as YAML that people can read, and that YAML 1.1 and 1.2 read alike."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

WIDTH: Final = 120
FLOW: Final = 90
"""Lists and mappings of plain values stand in one line, where they are no longer than this."""
FOREIGN_BREAKS: Final = re.compile("[\x85\u2028\u2029]")
NUMBER: Final = re.compile(r"[-+]?(0x[0-9a-fA-F]+|0o[0-7]+|(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)")
"""A number to YAML 1.2, which 1.1 takes for text: such a text is quoted."""


class _Dumper(yaml.SafeDumper):
    """Not libyaml's emitter, which escapes emoji."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - asked of every value
        """No anchors: a value that stands in two places is written twice."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        """Lists are indented below their key."""
        super().increase_indent(flow=flow, indentless=False)


def as_yaml(data: Any) -> str:
    """`data` as YAML, keys in their order, without aliases."""
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, width=WIDTH, sort_keys=False)


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    quoted = FOREIGN_BREAKS.search(text) or NUMBER.fullmatch(text)
    style = '"' if quoted else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _list(dumper: _Dumper, items: list[Any]) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=_short(items, items))


def _mapping(dumper: _Dumper, items: dict[str, Any]) -> yaml.MappingNode:
    flow = _short(items, items.values()) and "$ref" not in items
    return dumper.represent_mapping("tag:yaml.org,2002:map", items, flow_style=flow)


def _short(whole: Any, values: Any) -> bool:
    """Whether a value is one of plain values that has room in a line."""
    plain = all(isinstance(each, (str, int, float)) and "\n" not in str(each) for each in values)
    return plain and len(str(whole)) <= FLOW


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)
_Dumper.add_representer(dict, _mapping)
