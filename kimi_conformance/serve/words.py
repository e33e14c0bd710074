"""What an answer says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from kimi_conformance.serve.asking import member, text
from kimi_conformance.serve.examples import example
from kimi_conformance.upstream.script import compact

if TYPE_CHECKING:
    from kimi_conformance.serve.asking import Asked

EXACTLY: Final = re.compile(r"(?:Repeat exactly|请原样重复)[:：] ?(.*)", re.DOTALL)  # noqa: RUF001
HAN: Final = re.compile("[\u4e00-\u9fff]")

ANSWER: Final = "Hello! This is the offline Kimi's answer."
ANSWER_HAN: Final = "你好，这是离线 Kimi 的回答。"  # noqa: RUF001
REASONING: Final = "The user has asked for something. It is harmless and simple, so a short answer is best."
REASONING_HAN: Final = "用户提出了一个简单无害的请求，简短回答即可，不需要多想。"  # noqa: RUF001


def exact(asked: Asked) -> str | None:
    """The text that the user wants back as it is: `Repeat exactly: TEXT`, in Chinese too."""
    found = EXACTLY.search(asked.said)
    return found[1] if found else None


def reasoning(asked: Asked) -> str:
    """What the model thinks, in the user's language."""
    if not asked.thinks:
        return ""
    return REASONING_HAN if HAN.search(asked.said) else REASONING


def answer(asked: Asked) -> str:
    """The text of an answer without calls; after a partial message what follows it."""
    wanted = exact(asked)
    formatted = _formatted(asked, wanted)
    if formatted is not None:
        return formatted
    whole = _plain(asked) if wanted is None else wanted
    begun = text(asked.last.get("content")) if asked.last.get("partial") is True else ""
    return whole.removeprefix(begun) if begun else whole


def _formatted(asked: Asked, wanted: str | None) -> str | None:
    """JSON where the format asks for it: compact, as strict output is. An exact text that is JSON is JSON enough."""
    format_ = asked.body.get("response_format")
    match member(format_, "type"):
        case "json_object":
            return wanted if wanted and _is_object(wanted) else compact({"answer": _plain(asked)}).decode()
        case "json_schema":
            schema = member(member(format_, "json_schema"), "schema")
            return compact(example(schema, schema)).decode("utf-8", "replace")
    return None


def _plain(asked: Asked) -> str:
    if asked.last.get("role") == "tool":
        return f"The tool says: {text(asked.last.get('content'))}"
    return ANSWER_HAN if HAN.search(asked.said) else ANSWER


def _is_object(words: str) -> bool:
    try:
        return isinstance(json.loads(words), dict)
    except (ValueError, RecursionError):
        return False
