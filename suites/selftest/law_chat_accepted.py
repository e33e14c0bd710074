"""The laws of chat requests that are answered, and when nobody may be blamed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kimi_conformance.judge.api.hosts_known import KNOWN_FROM
from suites.selftest.sights import HELLO, TOOL, asking, chat, error, invalid, page, seen, whole

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

PIXEL = "data:image/png;base64,iVBORw0KGgo="
PICTURE = [
    {"role": "user", "content": [{"type": "text", "text": "Which colour?"}, {"type": "image_url", "image_url": PIXEL}]}
]
REFUSED = "Invalid request: no"
ANSWERED = "api.chat.answered"
BOUNDS = "api.chat.both-bounds-completion-wins"
TWO_BOUNDS = asking(max_completion_tokens=16, max_tokens=64)
EVERYTHING = asking(
    **TWO_BOUNDS,
    temperature=1,
    top_p=0.95,
    n=1,
    presence_penalty=0,
    frequency_penalty=0,
    stop="moon",
    stream=False,
    stream_options={},
    thinking={"type": "disabled"},
    reasoning_effort="low",
    response_format={"type": "text"},
    tools=[TOOL],
    tool_choice="auto",
    prompt_cache_key="a",
    safety_identifier="b",
)
"""Every member that is documented."""


def spent(tokens: int, finish: str = "stop") -> dict[str, object]:
    used = {"prompt_tokens": 93, "completion_tokens": tokens, "total_tokens": 93 + tokens}
    return {**whole(finish=finish), "usage": used}


def both(answer: object, most: int, old: int) -> Sight:
    return chat(answer, asking(max_completion_tokens=most, max_tokens=old))


FINE = [
    (ANSWERED, chat(whole())),
    (ANSWERED, chat(whole(), key="unknown")),
    (ANSWERED, chat(whole(), asking(tools=[TOOL], tool_choice="required", temperature=1, stop=["a"], stream=False))),
    (ANSWERED, chat(whole(), asking("kimi-k2.6", temperature=0.6, thinking={"type": "disabled"}))),
    ("api.chat.inline-image-accepted", chat(whole(), asking(messages=PICTURE))),
    ("api.chat.max-tokens-accepted", chat(whole(), asking(max_tokens=64))),
    ("api.chat.unknown-members-accepted", chat(whole(), asking(seed=7, verbosity="low", nobody={"knows": None}))),
    ("api.chat.kimi-members-accepted", chat(whole(), asking(prompt_cache_key="a", safety_identifier="b", seed=7))),
    (BOUNDS, both(spent(54), 128, 1)),
    (BOUNDS, both(spent(16, "length"), 16, 64)),
    (ANSWERED, chat(whole(), EVERYTHING)),
    (BOUNDS, both(spent(1), 128, 1)),
    (BOUNDS, both({**whole(), "usage": {"completion_tokens": None}}, 128, 1)),
    (BOUNDS, both(spent(64, "length"), 128, 16)),
]
WRONG = [
    (ANSWERED, invalid(REFUSED), "response"),
    (ANSWERED, page(500, key="unknown"), "response"),
    ("api.chat.inline-image-accepted", invalid("unsupported image url", asking(messages=PICTURE)), "response"),
    ("api.chat.max-tokens-accepted", invalid(REFUSED, asking(max_tokens=64)), "response"),
    ("api.chat.unknown-members-accepted", invalid(REFUSED, asking(seed=7)), "response"),
    ("api.chat.kimi-members-accepted", invalid(REFUSED, asking(prompt_cache_key="a")), "response"),
    (BOUNDS, both(spent(1, "length"), 128, 1), "response /usage/completion_tokens"),
    (BOUNDS, both(spent(64, "length"), 16, 64), "response /usage/completion_tokens"),
    (ANSWERED, invalid(REFUSED, EVERYTHING), "response"),
    (ANSWERED, invalid(REFUSED, on=KNOWN_FROM), "response"),
    ("api.chat.max-tokens-accepted", error(400, "server_error", "no", asking(max_tokens=64)), "response"),
    ("api.chat.kimi-members-accepted", invalid(REFUSED, asking(safety_identifier="b")), "response"),
    (ANSWERED, error(500, "server_error", "no"), "response"),
    ("api.chat.max-tokens-accepted", error(500, "odd", "no", asking(max_tokens=64)), "response"),
]
DOUBTFUL = [
    asking(temperature=0.6),
    asking(top_p=0.5),
    asking(logprobs=True),
    asking("kimi-k9"),
    asking("kimi-k2.7-code", thinking={"type": "disabled"}),
    asking("kimi-k3.1-pro", thinking={"type": "disabled"}),
    asking("kimi-k2.6", tools=[TOOL], tool_choice="required"),
    asking(tools=[TOOL, TOOL]),
    asking(tools=[{**TOOL, "function": {**TOOL["function"], "parameters": {"type": "object", "oneOf": []}}}]),
    asking(stop=["a" * 33]),
    asking(max_tokens=0),
    asking(max_tokens=2_000_000),
    asking(response_format={"type": "json_object"}),
    asking(messages=[{"role": "developer", "content": "Be brief."}, *HELLO]),
    asking(messages=[*HELLO, {"role": "assistant", "content": "Hel", "partial": True}]),
    asking(messages=[{"role": "user", "content": " "}]),
    asking(stream_options=True),
    asking(reasoning_effort=1),
]
SILENT = [
    *((ANSWERED, invalid(REFUSED, asked)) for asked in DOUBTFUL),
    (ANSWERED, invalid(REFUSED, key="unknown")),
    (ANSWERED, error(400, "content_filter", "The request was rejected because it was considered high risk")),
    (ANSWERED, error(404, "resource_not_found_error", "Not found the model kimi-k3 or Permission denied")),
    (ANSWERED, error(429, "engine_overloaded_error", "The engine is currently overloaded, please try again later")),
    (ANSWERED, page(503)),
    (ANSWERED, invalid(REFUSED, host="coding")),
    (ANSWERED, seen(500, "")),
    ("api.chat.inline-image-accepted", chat(whole(), asking("k3", messages=PICTURE), host="coding")),
    ("api.chat.max-tokens-accepted", chat(whole(), asking(max_completion_tokens=64))),
    ("api.chat.unknown-members-accepted", chat(whole(), asking(seed=7, logit_bias={}))),
    ("api.chat.kimi-members-accepted", chat(whole(), asking(seed=7))),
    (BOUNDS, chat(whole(), asking(max_tokens=64))),
    (ANSWERED, invalid(REFUSED, key="other-host")),
    (ANSWERED, invalid(REFUSED, on=KNOWN_FROM - timedelta(days=1))),
    (ANSWERED, invalid(REFUSED, asking(seed=7))),
    (ANSWERED, invalid(REFUSED, asking(messages=PICTURE))),
    (ANSWERED, invalid(REFUSED, asking("k3"), host="coding")),
    *(
        ("api.chat.inline-image-accepted", invalid(REFUSED, asked))
        for asked in (asking(), asking(messages=PICTURE, seed=7))
    ),
    ("api.chat.inline-image-accepted", invalid(REFUSED, asking(messages=PICTURE), key="unknown")),
    *(("api.chat.max-tokens-accepted", invalid(REFUSED, asked)) for asked in (asking(), TWO_BOUNDS)),
    ("api.chat.max-tokens-accepted", error(500, "server_error", "no", asking(max_tokens=64))),
    ("api.chat.unknown-members-accepted", invalid(REFUSED)),
    ("api.chat.kimi-members-accepted", invalid(REFUSED, asking(prompt_cache_key="a", temperature=0.6))),
    *(
        (BOUNDS, chat({**spent(64), **others}, TWO_BOUNDS))
        for others in ({"choices": whole()["choices"] * 2}, {"usage": None})
    ),
    (BOUNDS, chat(spent(64), TWO_BOUNDS, partial=True)),
    ("api.chat.max-tokens-accepted", invalid(REFUSED, asking(max_tokens=64, temperature=0.6))),
]
