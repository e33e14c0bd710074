"""Answers, whole or streamed, with all that a healthy upstream may say: what a router must carry back unharmed."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.upstream.acts.act import act
from kimi_conformance.upstream.acts.changing import Object, saying, streams, with_body
from kimi_conformance.upstream.kimi_wire import request_id
from kimi_conformance.upstream.reply import Reply, ToolCall, Usage

if TYPE_CHECKING:
    from kimi_conformance.upstream.acts.act import Heard
    from kimi_conformance.upstream.script import Script

COUNTED: Final = Usage(prompt=118, completion=77, reasoning=41, cached=93)
"""A hit in the cache, and reasoning: with these Kimi says every counter that it has."""

CALLS: Final = (
    ToolCall("get_weather_0", "get_weather", '{"city":"北京","days":1.0,"unit":"c","note":"a \\"quoted\\" word"}'),
    ToolCall("search:1", "search", '{"query":"naïve café 🌧️","limit":10,"filters":{"b":2,"a":[1,null,true]}}'),
)
"""Ids as Kimi makes them; arguments with what a parser that writes them anew would change."""

LETTERS: Final = (
    "\u4f60\u597d\uff0c\u4e16\u754c \U0001f30d\U0001f469\u200d\U0001f469\u200d\U0001f467 e\u0301 \u00e9 "
    "\u2028\u2029\u0085\ufeff \U0001d11e \u0627\u0644\u0639\u0631\u0628\u064a\u0629 "
    "\u05e9\u05dc\u05d5\u05dd \ufb01 \u212b \u007f"
)
"""Chinese, emoji (one of several code points), a combining accent beside its composed twin, line separators, a BOM
in the midst, a character beyond 16 bits, text from right to left, a ligature, the Angstrom sign, DEL."""

NOBODYS: Final[Object] = {"note": {"text": "a member that nobody knows", "ratio": 0.1, "list": [1, None, {}]}}


def rich(heard: Heard) -> Reply:
    """A reply with reasoning, text and every counter."""
    return Reply(text=f"You said {heard.mark}.", usage=COUNTED)


@act("rich")
def all_members(heard: Heard) -> Script:
    """Reasoning, text, every counter."""
    return heard.healthy(rich(heard))


@act("unknown-members")
def unknown_members(heard: Heard) -> Script:
    """The same, with members beside Kimi's own, at the top and further in."""

    def added(said: Object) -> Object:
        inner = {
            name: [_with(one) for one in value] if name in ("choices", "content") else value
            for name, value in said.items()
        }
        return {**inner, **NOBODYS}

    return saying(heard.healthy(rich(heard)), added)


def _with(value: Any) -> Any:
    return {**value, **NOBODYS} if isinstance(value, dict) else value


@act("calls")
def calls(heard: Heard) -> Script:
    """Two calls of tools, and no text."""
    return heard.healthy(Reply(text="", tool_calls=CALLS, usage=COUNTED))


def finishing(finish: str, heard: Heard) -> Script:
    """An answer that ends for this reason."""
    made = CALLS[:1] if finish == "tool_calls" else ()
    return heard.healthy(replace(rich(heard), finish_reason=finish, tool_calls=made))


FINISHES: Final = ("stop", "length", "tool_calls", "content_filter")
for _finish in FINISHES:
    act(f"finish-{_finish}")(partial(finishing, _finish))


@act("status-202")
def accepted(heard: Heard) -> Script:
    """A healthy answer under another status of success."""
    return replace(heard.healthy(rich(heard)), status=202)


@act("letters")
def letters(heard: Heard) -> Script:
    """A text in many scripts, in plain UTF-8."""
    return heard.healthy(Reply(text=f"{LETTERS} {heard.mark}", reasoning=LETTERS))


@act("letters-escaped")
def letters_escaped(heard: Heard) -> Script:
    """The same text, all of it in escapes."""
    script = letters(heard)
    if streams(script):
        return script
    return with_body(script, json.dumps(json.loads(script.body), separators=(",", ":")).encode())


@act("gzip")
def gzipped(heard: Heard) -> Script:
    """A whole answer, compressed where the request allows it by name."""
    script = heard.healthy(rich(heard))
    if streams(script) or "gzip" not in (heard.request.header("accept-encoding") or "").lower():
        return script
    packed = with_body(script, gzip.compress(script.body))
    return replace(packed, headers=(*packed.headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")))


@act("identified")
def identified(heard: Heard) -> Script:
    """An answer with a header that names the request; services that speak OpenAI's dialect call it x-request-id."""
    script = heard.healthy(rich(heard))
    if heard.dialect == "openai":
        return replace(script, headers=(*script.headers, ("x-request-id", f"req_{request_id()}")))
    return script
