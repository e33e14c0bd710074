"""The laws of tools in requests."""

from __future__ import annotations

from suites.selftest.sights import HELLO, MESSAGES, TOOL, asking, calling, chat, error, invalid, page, seen, whole

NAMED = {"type": "function", "function": {"name": "get_weather"}}
OFF = {"type": "disabled"}
CALL = {"id": "get_weather_0", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
WITHOUT_ID = [*HELLO, {"role": "assistant", "content": "", "tool_calls": [CALL]}, {"role": "tool", "content": "18 °C"}]
WITH_ID = [*WITHOUT_ID[:-1], {"role": "tool", "tool_call_id": "get_weather_0", "content": "18 °C"}]
BRINGING = [{"role": "system", "content": "", "tools": [TOOL]}, *HELLO]
LATE = [*BRINGING, {"role": "user", "content": "And?", "tools": [{"type": "function", "function": {"name": "a"}}]}]
ODD_CALLS = [*HELLO, {"role": "assistant", "content": "", "tool_calls": [7]}, {**WITH_ID[-1], "tool_call_id": "a"}]
MISPLACED = [{"role": "user", "content": "Weather?", "tools": [TOOL]}]


def tool(kind: str = "function", **function: object) -> dict[str, object]:
    return {"type": kind, "function": {**TOOL["function"], **function}}


REQUIRED = asking("kimi-k2.6", tools=[TOOL], tool_choice="required")
K3_REQUIRED = asking(tools=[TOOL], tool_choice="required")
BOGUS = asking(tools=[TOOL], tool_choice="bogus")
K3_NAMED = asking(tools=[TOOL], tool_choice=NAMED)
SILENT_NAMED = asking("kimi-k2.6", tools=[TOOL], tool_choice=NAMED, thinking=OFF)
WISHES = asking(tools=[tool("wishes")])
ROOTLESS = asking(tools=[tool(parameters={"properties": {}})])
FLAVOUR = (
    "tools.function.parameters is not a valid moonshot flavored json schema, "
    'details: <tools.function.parameters.type is required and must be "object">'
)
BAD = (
    "Invalid request: function name is invalid, must start with a letter and can contain letters, numbers, "
    "underscores, and dashes"
)
NO_REQUIRED = "tool_choice 'required' is incompatible with thinking enabled"
NO_NAMED = "tool_choice 'specified' is incompatible with thinking enabled"

FINE = [
    ("api.tools.required-is-obeyed", chat(calling(), K3_REQUIRED)),
    ("api.tools.required-is-obeyed", chat(whole("", finish="length"), K3_REQUIRED)),
    ("api.tools.required-refused-while-thinking", invalid(NO_REQUIRED, REQUIRED)),
    ("api.tools.named-refused-while-thinking", invalid(NO_NAMED, K3_NAMED)),
    ("api.tools.named-works-without-thinking", chat(calling(), SILENT_NAMED)),
    ("api.tools.named-works-without-thinking", chat(calling(), {**SILENT_NAMED, "logit_bias": {}})),
    ("api.tools.named-works-without-thinking", chat(whole("", finish="length"), SILENT_NAMED)),
    ("api.tools.unknown-choice-refused", invalid("no such choice", BOGUS)),
    ("api.tools.required-without-tools-refused", invalid("needs tools", asking(tool_choice="required"))),
    ("api.tools.auto-without-tools-accepted", chat(whole(), asking(tool_choice="auto"))),
    (
        "api.tools.unknown-type-refused",
        invalid("Invalid request: unknown tool type: , currently only function and plugin are supported", WISHES),
    ),
    ("api.tools.function-name-checked", invalid(BAD, asking(tools=[tool(name="1bad")]))),
    ("api.tools.schema-flavour-checked", invalid(FLAVOUR, ROOTLESS)),
    ("api.tools.tool-call-id-needed", invalid("tool_call_id  is not found", asking(messages=WITHOUT_ID))),
    ("api.tools.dynamic-tools", chat(calling(), asking(messages=BRINGING))),
    ("api.tools.dynamic-tools-placed", invalid("tools must not be there", asking(messages=MISPLACED))),
]
WRONG = [
    ("api.tools.required-is-obeyed", chat(whole(), K3_REQUIRED), "response /choices/0/message/tool_calls"),
    ("api.tools.required-refused-while-thinking", chat(calling(), REQUIRED), "response"),
    ("api.tools.required-refused-while-thinking", invalid("no", REQUIRED), "response /error/message"),
    ("api.tools.named-refused-while-thinking", chat(calling(), K3_NAMED), "response"),
    ("api.tools.named-refused-while-thinking", page(500, K3_NAMED), "response"),
    ("api.tools.named-works-without-thinking", invalid(NO_NAMED, SILENT_NAMED), "response"),
    ("api.tools.named-works-without-thinking", chat(whole(), SILENT_NAMED), "response /choices/0/message/tool_calls"),
    ("api.tools.unknown-choice-refused", chat(whole(), BOGUS), "response"),
    ("api.tools.required-without-tools-refused", chat(whole(), asking(tool_choice="required", tools=[])), "response"),
    ("api.tools.auto-without-tools-accepted", invalid("needs tools", asking(tool_choice="none")), "response"),
    ("api.tools.unknown-type-refused", chat(whole(), asking(tools=[{"function": {}}])), "response"),
    ("api.tools.unknown-type-refused", invalid("no", WISHES), "response /error/message"),
    ("api.tools.function-name-checked", chat(whole(), asking(tools=[tool(name="bad@name")])), "response"),
    ("api.tools.function-name-checked", chat(whole(), asking(tools=[tool(name="a" * 257)])), "response"),
    ("api.tools.function-name-checked", chat(whole(), asking(tools=[TOOL, TOOL])), "response"),
    ("api.tools.schema-flavour-checked", chat(whole(), ROOTLESS), "response"),
    (
        "api.tools.schema-flavour-checked",
        chat(whole(), asking(tools=[tool(parameters={"type": "string"})])),
        "response",
    ),
    ("api.tools.tool-call-id-needed", chat(whole(), asking(messages=WITHOUT_ID)), "response"),
    ("api.tools.tool-call-id-needed", chat(whole(), asking(messages=ODD_CALLS)), "response"),
    ("api.tools.dynamic-tools", invalid("no tools here", asking(messages=BRINGING)), "response"),
    ("api.tools.dynamic-tools-placed", chat(whole(), asking(messages=LATE)), "response"),
    ("api.tools.dynamic-tools-placed", chat(whole(), asking(messages=MISPLACED)), "response"),
    ("api.tools.dynamic-tools-placed", chat(whole(), asking(messages=BRINGING, tools=[TOOL])), "response"),
]
SILENT = [
    ("api.tools.required-is-obeyed", chat(whole(), asking(tools=[TOOL], tool_choice="auto"))),
    ("api.tools.required-refused-while-thinking", chat(calling(), K3_REQUIRED)),
    ("api.tools.required-refused-while-thinking", chat(calling(), {**REQUIRED, "thinking": OFF})),
    ("api.tools.named-refused-while-thinking", chat(calling(), SILENT_NAMED)),
    (
        "api.tools.named-refused-while-thinking",
        chat(calling(), {**K3_NAMED, "tool_choice": {"function": {"name": []}}}),
    ),
    ("api.tools.named-works-without-thinking", invalid("invalid temperature", {**SILENT_NAMED, "temperature": 1})),
    ("api.tools.named-works-without-thinking", error(429, "engine_overloaded_error", "overloaded", SILENT_NAMED)),
    ("api.tools.named-works-without-thinking", chat(whole(), SILENT_NAMED, partial=True)),
    ("api.tools.named-works-without-thinking", seen(200, {"content": []}, asked=SILENT_NAMED, path=MESSAGES)),
    ("api.tools.unknown-choice-refused", chat(whole(), asking(tool_choice="auto", tools=[TOOL]))),
    ("api.tools.unknown-choice-refused", chat(whole(), asking(tool_choice="bogus"))),
    ("api.tools.unknown-choice-refused", chat(whole(), asking(tool_choice="", tools=[TOOL]))),
    ("api.tools.required-without-tools-refused", chat(calling(), asking(messages=BRINGING, tool_choice="required"))),
    ("api.tools.auto-without-tools-accepted", chat(whole(), asking(tools=[TOOL], tool_choice="auto"))),
    ("api.tools.unknown-type-refused", chat(whole(), asking(tools=[TOOL]))),
    ("api.tools.function-name-checked", chat(whole(), asking(tools=[tool(name="天气")]))),
    ("api.tools.schema-flavour-checked", chat(whole(), asking(tools=[tool(parameters={})]))),
    (
        "api.tools.schema-flavour-checked",
        chat(whole(), asking(tools=[tool(parameters={"anyOf": [{"type": "object"}]})])),
    ),
    ("api.tools.tool-call-id-needed", chat(whole(), asking(messages=WITH_ID))),
    ("api.tools.dynamic-tools", chat(whole())),
    ("api.tools.dynamic-tools", chat(whole(), asking("kimi-k2.6", messages=BRINGING))),
    ("api.tools.dynamic-tools-placed", error(429, "engine_overloaded_error", "overloaded", asking(messages=MISPLACED))),
]
