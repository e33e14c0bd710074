"""Whether a chat request keeps every rule that we know. Nobody may be blamed for refusing one that may break another.

So this is a list of what is known to be taken; whatever is not on it makes a request doubtful, and says nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.judge.api import flavour
from kimi_conformance.judge.api.refusal import broken, model_of

if TYPE_CHECKING:
    from kimi_conformance.contract.catalogue import Model
    from kimi_conformance.contract.model_rules import Thinking
    from kimi_conformance.judge.api.law import Contract
    from kimi_conformance.judge.api.sight import Sight

SAMPLING: Final = ("temperature", "top_p", "n", "presence_penalty", "frequency_penalty")
DOCUMENTED: Final = frozenset(
    {
        "max_completion_tokens",
        "max_tokens",
        "messages",
        "model",
        "prompt_cache_key",
        "reasoning_effort",
        "response_format",
        "safety_identifier",
        "stop",
        "stream",
        "stream_options",
        "thinking",
        "tool_choice",
        "tools",
    }
).union(SAMPLING)
DOUBTFUL: Final = frozenset(
    {
        "audio",
        "function_call",
        "functions",
        "logit_bias",
        "logprobs",
        "modalities",
        "prediction",
        "prompt_cache_options",
        "top_logprobs",
        "web_search_options",
    }
)
"""Members with a meaning here or elsewhere, of which it is not known that each value is taken."""
TYPED: Final[dict[str, type]] = {
    "metadata": dict,
    "n": int,
    "parallel_tool_calls": bool,
    "prompt_cache_key": str,
    "reasoning_effort": str,
    "safety_identifier": str,
    "seed": int,
    "service_tier": str,
    "store": bool,
    "stream": bool,
    "user": str,
    "verbosity": str,
}
"""What these have to be here, or with others: whether they are looked at here is not known of every value."""
KEYS: Final = frozenset({"prompt_cache_key", "safety_identifier"})
LONGEST_KEY: Final = 64
MOST_TOOLS: Final = 128
LONGEST_NAME: Final = 63
ROLES: Final = ("system", "user")
INLINE: Final = "data:image/"
MOST_STOPS: Final = 5
LONGEST_STOP: Final = 32


def keeps(s: Sight, c: Contract, *, bringing: bool = False) -> bool:
    """Whether `s` is a chat request, of a served model, that keeps all rules; False where there is any doubt.

    `bringing`: system messages may bring tools.
    """
    asked, model = s.asked, model_of(s, c)
    if s.face != "chat" or model is None or not asked.keys().isdisjoint(DOUBTFUL) or broken(s, c):
        return False
    said = _others(asked) if bringing else asked.get("messages")
    return plain_messages(said, images=model.capabilities.image_in is True) and sound(s, model)


def sound(s: Sight, model: Model, *, but: str | None = None) -> bool:
    """Whether every member of a chat request, its messages and the member `but` left alone, keeps all rules."""
    asked = {name: value for name, value in s.asked.items() if name != but}
    if not all(isinstance(value, TYPED.get(name, object)) and value is not None for name, value in asked.items()):
        return False
    return all(
        (
            _bounded(s, model),
            _sampled(asked, model),
            _thinking(asked, model),
            _stops(asked.get("stop")),
            _tools(asked, model),
            _format(asked),
            asked.get("stream_options", {}) in ({}, {"include_usage": True}, {"include_usage": False}),
            all(0 < len(asked[name]) <= LONGEST_KEY for name in KEYS & asked.keys()),
        )
    )


def _others(asked: dict[str, Any]) -> Any:
    """The messages but for those that bring tools, as they may."""
    said = asked.get("messages")
    return [each for each in said if not _brings(each)] if isinstance(said, list) else said


def _brings(message: Any) -> bool:
    if not isinstance(message, dict) or message.keys() != {"role", "content", "tools"}:
        return False
    tools = message["tools"]
    empty = message["role"] == "system" and message["content"] == ""
    return empty and isinstance(tools, list) and bool(tools) and all(_tool(tool) for tool in tools)


def plain_messages(said: Any, *, images: bool = False) -> bool:
    """Whether system and user have something to say here, the user last. `images`: inline ones may be there."""
    if not isinstance(said, list) or not said:
        return False
    if not all(isinstance(each, dict) and each.keys() == {"role", "content"} for each in said):
        return False
    return said[-1]["role"] == "user" and all(
        each["role"] in ROLES and _content(each["content"], images=images) for each in said
    )


def _content(content: Any, *, images: bool) -> bool:
    if isinstance(content, str):
        return bool(content.strip())
    return isinstance(content, list) and bool(content) and all(_part(part, images=images) for part in content)


def _part(part: Any, *, images: bool) -> bool:
    if not isinstance(part, dict):
        return False
    if part.get("type") == "text":
        return isinstance(part.get("text"), str) and bool(part["text"].strip())
    return images and is_inline_image(part)


def is_inline_image(part: Any) -> bool:
    """Whether a part of a content is an image that stands in the request."""
    given = part.get("image_url") if isinstance(part, dict) and part.get("type") == "image_url" else None
    url = given.get("url") if isinstance(given, dict) else given
    return isinstance(url, str) and url.startswith(INLINE) and ";base64," in url


def _bounded(s: Sight, model: Model) -> bool:
    """The bounds are numbers, and prompt and answer fit the context: no text has more tokens than bytes."""
    bounds = [s.asked[name] for name in ("max_tokens", "max_completion_tokens") if name in s.asked]
    if not all(isinstance(bound, int) and not isinstance(bound, bool) and bound > 0 for bound in bounds):
        return False
    return model.context is not None and len(s.exchange.request.body) + max(bounds, default=0) < model.context


def _sampled(asked: dict[str, Any], model: Model) -> bool:
    """No member of sampling has another value than the fixed one; what is free, or unknown, is left alone."""
    rules = model.sampling
    for name in SAMPLING:
        if name not in asked:
            continue
        fixed = getattr(rules, name) if rules else None
        if name == "temperature" and fixed is not None:
            fixed = fixed.otherwise if asked.get("thinking") == {"type": "disabled"} else fixed.thinking
        if fixed is None or isinstance(asked[name], bool) or asked[name] != fixed:
            return False
    return True


def _thinking(asked: dict[str, Any], model: Model) -> bool:
    said, rules, effort = asked.get("thinking"), model.thinking, asked.get("reasoning_effort")
    fine = said is None or (said == {"type": "enabled"} and rules is not None and rules.effort is None)
    if said == {"type": "disabled"}:
        fine = rules is not None and rules.disable == "honoured"
    return fine and (effort is None or (bool(effort) and rules is not None and _taken(effort, rules)))


def _taken(effort: str, rules: Thinking) -> bool:
    levels = rules.effort
    return rules.ignores_effort is True or (
        levels is not None and (effort in levels.values or levels.unknown == "accepted")
    )


def _stops(stop: Any) -> bool:
    if stop is None:
        return True
    stops = [stop] if isinstance(stop, str) else stop
    if not isinstance(stops, list) or not 0 < len(stops) <= MOST_STOPS:
        return False
    return all(isinstance(each, str) and 0 < len(each.encode("utf-8", "replace")) <= LONGEST_STOP for each in stops)


def _tools(asked: dict[str, Any], model: Model) -> bool:
    tools, choice = asked.get("tools"), asked.get("tool_choice")
    if tools is not None and not (isinstance(tools, list) and tools and all(_tool(tool) for tool in tools)):
        return False
    if len(tools or ()) > MOST_TOOLS:
        return False
    if choice in (None, "auto", "none"):
        return True
    rules, silent = model.tool_choice, asked.get("thinking") == {"type": "disabled"}
    allowed = (rules.otherwise if silent else rules.thinking) if rules else None
    word = "named" if _names_one(choice, tools) else choice
    return word in ("required", "named") and word in (allowed or ()) and bool(tools)


def _names_one(choice: Any, tools: Any) -> bool:
    """Whether a choice names one of the tools, as it has to be named."""
    names = [tool["function"]["name"] for tool in tools or ()]
    return any(choice == {"type": "function", "function": {"name": name}} for name in names)


def _tool(tool: Any) -> bool:
    function = tool.get("function") if isinstance(tool, dict) and tool.get("type") == "function" else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        return False
    named = function["name"].isidentifier() and function["name"].isascii() and len(function["name"]) <= LONGEST_NAME
    told = isinstance(function.get("description", ""), str) and isinstance(function.get("strict", True), bool)
    known = function.keys() <= {"name", "description", "parameters", "strict"}
    return named and told and known and plain_parameters(function.get("parameters"))


def plain_parameters(schema: Any) -> bool:
    """Whether the parameters of a tool are an object in Moonshot's flavour."""
    return isinstance(schema, dict) and flavour.plain(schema) and schema["type"] == "object"


def _format(asked: dict[str, Any]) -> bool:
    """Plain text, or JSON for which the prompt asks; a schema of JSON in Moonshot's flavour."""
    wanted = asked.get("response_format")
    if wanted in (None, {"type": "text"}):
        return True
    if wanted == {"type": "json_object"}:
        return "json" in str(asked.get("messages")).lower()
    found = wanted.get("json_schema") if isinstance(wanted, dict) else None
    named = found if isinstance(found, dict) else {}
    name = named.get("name")
    return isinstance(name, str) and name.isidentifier() and name.isascii() and plain_parameters(named.get("schema"))
