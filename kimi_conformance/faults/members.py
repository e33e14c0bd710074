"""Faults of a router that knows a schema: the model's name, and the members that the schema lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.faults.bodies import body, chat_body, value_of, without
from kimi_conformance.faults.fault import fault

if TYPE_CHECKING:
    from kimi_conformance.faults.bodies import Object

OPENAI: Final = frozenset(
    {
        "model",
        "messages",
        "system",
        "stream",
        "stream_options",
        "temperature",
        "top_p",
        "n",
        "presence_penalty",
        "frequency_penalty",
        "stop",
        "seed",
        "max_tokens",
        "max_completion_tokens",
        "tools",
        "tool_choice",
        "response_format",
    }
)

model = value_of("model")


@fault("request.model-lowered", model, "router.request.model-name-untouched")
def model_lowered(name: Any) -> Any:
    """The name of the model goes out in lower case."""
    return name.lower() if isinstance(name, str) else name


@fault("request.model-trimmed", model, "router.request.model-name-untouched")
def model_trimmed(name: Any) -> Any:
    """The name of the model goes out without the blanks around it."""
    return name.strip() if isinstance(name, str) else name


@fault("request.suffix-stripped", model, "router.request.model-name-untouched")
def suffix_stripped(name: Any) -> Any:
    """-highspeed is taken for a wish, not for a part of the name."""
    return name.removesuffix("-highspeed") if isinstance(name, str) else name


@fault("request.vendor-added", model, "router.request.model-name-untouched")
def vendor_added(name: Any) -> Any:
    """Kimi's models go out under the name that another service has for them."""
    return f"moonshotai/{name}" if isinstance(name, str) and name.startswith("kimi-") else name


@fault("request.unknown-dropped", body, "router.request.unknown-fields-kept")
def unknown_dropped(members: Object) -> Object:
    """Only the members of OpenAI's schema go out."""
    return {name: value for name, value in members.items() if name in OPENAI}


@fault("request.thinking-dropped", body, "router.request.unknown-fields-kept")
def thinking_dropped(members: Object) -> Object:
    """`thinking` does not go out."""
    return without(members, "thinking")


@fault("request.effort-raised", value_of("reasoning_effort"), "router.request.unknown-fields-kept")
def effort_raised(_: Any) -> str:
    """Every reasoning_effort goes out as `max`."""
    return "max"


@fault("request.stream-options-dropped", body, "router.request.unknown-fields-kept")
def stream_options_dropped(members: Object) -> Object:
    """`stream_options` does not go out."""
    return without(members, "stream_options")


@fault("request.empty-dropped", body, "router.request.unknown-fields-kept")
def empty_dropped(members: Object) -> Object:
    """Members that are null or empty do not go out, however deep they lie."""
    kept: Object = _without_empty(members)
    return kept


def _without_empty(value: Any) -> Any:
    match value:
        case dict():
            pruned = {name: _without_empty(inner) for name, inner in value.items()}
            return {name: inner for name, inner in pruned.items() if inner not in (None, [], {})}
        case list():
            return [_without_empty(inner) for inner in value]
        case _:
            return value


@fault("request.thinking-injected", chat_body, "router.request.unknown-fields-kept")
def thinking_injected(members: Object) -> Object:
    """Thinking is switched off where the client said nothing about it."""
    return {"thinking": {"type": "disabled"}, **members}


@fault("request.temperature-scaled-in-streams", chat_body, "router.request.temperature-untouched")
def temperature_scaled_in_streams(members: Object) -> Object:
    """A streamed request has its temperature scaled by 0.6, any other not."""
    if members.get("stream") and "temperature" in members:
        return {**members, "temperature": members["temperature"] * 0.6}
    return members
