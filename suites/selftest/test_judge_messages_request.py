"""Messages on their way to the upstream: what is right in whatever form, and what is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge import verdict
from kimi_conformance.registry.contracts import bodies
from suites.selftest.plays import CHAT, arrived, ask, findings, onward, trip

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.contract.bodies import TranslationGroup

AREA: Final = "router.messages."
MODEL: Final = "kimi-k3.1-pro"
PASS, WARN, FAIL = Verdict.PASS, Verdict.WARN, Verdict.FAIL

USER: Final = {"role": "user", "content": "Hello. [%MARK%]"}
ASKS: Final = {"role": "user", "content": "Weather? [%MARK%]"}


def call(id_: str, name: str, arguments: Any) -> dict[str, Any]:
    """A call on the chat wire."""
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}


def result(id_: str, content: Any) -> dict[str, Any]:
    """A result there."""
    return {"role": "tool", "tool_call_id": id_, "content": content}


def judged(requirement: str, group: TranslationGroup, slug: str, seen: Mapping[str, Any]) -> Verdict:
    """The verdict where a body of contracts/bodies.yaml arrives as this one of the chat wire."""
    asked = ask(MODEL, surface="messages", members=bodies().translations[group][slug])
    told = json.loads(json.dumps(seen).replace("%MARK%", "kc1"))
    arrival = arrived("moonshot", {"model": MODEL, **told}, path=CHAT)
    return verdict(findings(AREA + requirement, trip(asked, arrival)))


SYSTEM_TEXTS: Final = ("You are terse.\n", "  你很简洁。 \u2028 & <so>")


@pytest.mark.parametrize(
    ("messages", "due"),
    [
        pytest.param([{"role": "system", "content": "\n\n".join(SYSTEM_TEXTS)}, USER], PASS, id="joined"),
        pytest.param([{"role": "system", "content": "".join(SYSTEM_TEXTS)}, USER], PASS, id="joined-by-nothing"),
        pytest.param([*({"role": "system", "content": text} for text in SYSTEM_TEXTS), USER], PASS, id="two-messages"),
        pytest.param(
            [{"role": "system", "content": [{"type": "text", "text": text} for text in SYSTEM_TEXTS]}, USER],
            PASS,
            id="parts",
        ),
        pytest.param([{"role": "developer", "content": "".join(SYSTEM_TEXTS)}, USER], PASS, id="developer"),
        pytest.param([{"role": "system", "content": SYSTEM_TEXTS[0]}, USER], FAIL, id="half"),
        pytest.param([{"role": "system", "content": "".join(SYSTEM_TEXTS[::-1])}, USER], FAIL, id="other-order"),
        pytest.param(
            [{"role": "system", "content": "".join(text.strip() for text in SYSTEM_TEXTS)}, USER], WARN, id="trimmed"
        ),
        pytest.param([{"role": "system", "content": "".join(SYSTEM_TEXTS) + " Be kind."}, USER], FAIL, id="more"),
        pytest.param([USER, {"role": "system", "content": "".join(SYSTEM_TEXTS)}], FAIL, id="last"),
        pytest.param([USER], FAIL, id="dropped"),
        pytest.param([{"role": "system", "content": str(SYSTEM_TEXTS)}, USER], FAIL, id="as-a-list-is-written"),
        pytest.param([{"role": "system", "content": 7}, USER], FAIL, id="no-text"),
        pytest.param("none", FAIL, id="no-list"),
    ],
)
def test_a_system_prompt_may_be_told_in_several_ways_but_whole_and_first(messages: Any, due: Verdict) -> None:
    assert judged("system-translated", "system", "blocks", {"messages": messages}) is due


def test_no_system_prompt_stays_none() -> None:
    empty, own = ({"role": "system", "content": text} for text in ("", "Be kind."))
    assert judged("system-translated", "system", "absent", {"messages": [USER]}) is PASS
    assert judged("system-translated", "system", "absent", {"messages": [empty, USER]}) is WARN
    assert judged("system-translated", "system", "absent", {"messages": [own, USER]}) is FAIL


ONE, TWO = {"role": "user", "content": "One. [%MARK%]"}, {"role": "user", "content": "Two."}
BOTH: Final = {"role": "user", "content": "One. [%MARK%]\n\nTwo."}
REST: Final = [{"role": "assistant", "content": "1, 2"}, {"role": "user", "content": "Three."}]


@pytest.mark.parametrize(
    ("messages", "due"),
    [
        pytest.param([ONE, TWO, *REST], PASS, id="as-they-were"),
        pytest.param([BOTH, *REST], PASS, id="neighbours-joined"),
        pytest.param([ONE, *REST], FAIL, id="one-lost"),
        pytest.param([TWO, ONE, *REST], FAIL, id="turned-round"),
        pytest.param([ONE, TWO, REST[1]], FAIL, id="answer-lost"),
        pytest.param([ONE, TWO, {"role": "assistant", "content": "1"}, REST[1]], FAIL, id="answer-cut"),
    ],
)
def test_what_was_said_is_told_whole_and_in_order(messages: Any, due: Verdict) -> None:
    assert judged("text-translated", "text", "same-role-twice", {"messages": messages}) is due


THOUGHT: Final = "First this, then 那个.\nI call get_weather."
MADE: Final = {
    "role": "assistant",
    "content": "Let me look.",
    "tool_calls": [call("get_weather_0", "get_weather", "{}")],
}


@pytest.mark.parametrize(
    ("more", "due"),
    [
        pytest.param({"reasoning_content": THOUGHT}, PASS, id="kept"),
        pytest.param({"reasoning": THOUGHT}, FAIL, id="under-a-name-that-kimi-does-not-read"),
        pytest.param({"reasoning_content": ""}, FAIL, id="emptied"),
        pytest.param({"reasoning_content": THOUGHT[:9]}, FAIL, id="cut"),
        pytest.param({}, FAIL, id="dropped"),
        pytest.param({"tool_calls": []}, FAIL, id="without-its-call"),
    ],
)
def test_the_reasoning_before_a_call_goes_back_with_it(more: dict[str, Any], due: Verdict) -> None:
    messages = [ASKS, {**MADE, **more}, result("get_weather_0", "clear")]
    assert judged("thinking-becomes-reasoning", "thinking", "before-a-call", {"messages": messages}) is due


URL: Final = "data:image/png;base64,iVBORw0KGgo="


@pytest.mark.parametrize(
    ("picture", "due"),
    [
        pytest.param([{"type": "image_url", "image_url": {"url": URL}}], PASS, id="object"),
        pytest.param([{"type": "image_url", "image_url": URL}], PASS, id="text"),
        pytest.param([{"type": "image_url", "image_url": {"url": URL, "detail": "auto"}}], PASS, id="with-detail"),
        pytest.param([{"type": "image_url", "image_url": {"url": "iVBORw0KGgo="}}], WARN, id="no-data-url"),
        pytest.param([], WARN, id="dropped"),
    ],
)
def test_a_picture_is_a_data_url(picture: list[Any], due: Verdict) -> None:
    content = [*picture, {"type": "text", "text": "What is it? [%MARK%]"}]
    assert judged("images-translated", "images", "base64", {"messages": [{"role": "user", "content": content}]}) is due


def functions(**changes: Any) -> list[dict[str, Any]]:
    """The tools of `several` on the chat wire; the first function with changes."""
    own = [
        {
            "name": tool["name"],
            "parameters": tool["input_schema"],
            **({"description": tool["description"]} if "description" in tool else {}),
        }
        for tool in bodies().translations["tools"]["several"]["tools"]
    ]
    first = {name: value for name, value in {**own[0], **changes}.items() if value is not None}
    return [{"type": "function", "function": each} for each in (first, *own[1:])]


@pytest.mark.parametrize(
    ("tools", "due"),
    [
        pytest.param(functions(), PASS, id="as-they-were"),
        pytest.param(functions()[::-1], PASS, id="another-order"),
        pytest.param(functions(strict=False), PASS, id="strict-said"),
        pytest.param(functions(description=None), FAIL, id="undescribed"),
        pytest.param(functions(parameters={"type": "object"}), FAIL, id="another-schema"),
        pytest.param(functions(name="get-weather"), FAIL, id="renamed"),
        pytest.param(functions()[1:], FAIL, id="one-lost"),
        pytest.param([*functions(), functions()[0]], FAIL, id="one-twice"),
        pytest.param(bodies().translations["tools"]["several"]["tools"], FAIL, id="in-the-form-they-had"),
        pytest.param(None, FAIL, id="none"),
    ],
)
def test_tools_are_functions_with_their_schemas(tools: Any, due: Verdict) -> None:
    assert judged("tools-translated", "tools", "several", {"messages": [ASKS], "tools": tools}) is due


@pytest.mark.parametrize(
    ("slug", "choice", "due"),
    [
        ("auto", "auto", PASS),
        ("auto", None, PASS),
        ("auto", "none", FAIL),
        ("any", "required", PASS),
        ("any", "any", FAIL),
        ("any", "auto", FAIL),
        ("any", None, FAIL),
        ("named", {"type": "function", "function": {"name": "get_weather"}}, PASS),
        ("named", "required", WARN),
        ("named", {"type": "function", "function": {"name": "other"}}, FAIL),
        ("named", {"type": "tool", "name": "get_weather"}, FAIL),
        ("none", "none", PASS),
        ("none", "auto", FAIL),
    ],
)
def test_each_choice_of_tools_has_its_word(slug: str, choice: Any, due: Verdict) -> None:
    chosen = {} if choice is None else {"tool_choice": choice}
    seen = {"messages": [ASKS], "tools": functions()[:1], **chosen}
    assert judged("tool-choice-translated", "choice", slug, seen) is due


def test_no_tools_are_the_choice_of_none() -> None:
    assert judged("tool-choice-translated", "choice", "none", {"messages": [ASKS]}) is PASS
    assert judged("tools-translated", "choice", "none", {"messages": [ASKS]}) is PASS
    assert judged("tools-translated", "choice", "any", {"messages": [ASKS]}) is FAIL


FIRST, SECOND = "get_weather_0", "get_weather_1"
INPUT: Final = {"city": '北京 "B" \\', "n": 1.5, "deep": [{"a": None, "b": True}]}
TOLD: Final = json.dumps(INPUT)


@pytest.mark.parametrize(
    ("calls", "due"),
    [
        pytest.param([call(FIRST, "get_weather", TOLD), call(SECOND, "get_weather", "{}")], PASS, id="kept"),
        pytest.param(
            [call(FIRST, "get_weather", json.dumps(INPUT, indent=1)), call(SECOND, "get_weather", " {} ")],
            PASS,
            id="spelled-otherwise",
        ),
        pytest.param([call(FIRST, "get_weather", INPUT), call(SECOND, "get_weather", {})], FAIL, id="objects"),
        pytest.param(
            [call(FIRST, "get_weather", json.dumps(TOLD)), call(SECOND, "get_weather", "{}")], FAIL, id="encoded-twice"
        ),
        pytest.param([call(FIRST, "get_weather", TOLD), call(SECOND, "get_weather", "")], FAIL, id="nothing"),
        pytest.param([call("call_1", "get_weather", TOLD), call("call_2", "get_weather", "{}")], FAIL, id="other-ids"),
        pytest.param([call(FIRST, "weather", TOLD), call(SECOND, "get_weather", "{}")], FAIL, id="other-name"),
        pytest.param([call(FIRST, "get_weather", TOLD)], FAIL, id="one-only"),
        pytest.param([call(SECOND, "get_weather", "{}"), call(FIRST, "get_weather", TOLD)], FAIL, id="turned-round"),
        pytest.param([{"id": FIRST}, {"id": SECOND}], FAIL, id="no-functions"),
        pytest.param([7], FAIL, id="no-calls"),
    ],
)
def test_a_call_keeps_its_id_and_its_input(calls: list[Any], due: Verdict) -> None:
    messages = [ASKS, {"role": "assistant", "content": "Let me look.", "tool_calls": calls}]
    assert judged("tool-use-ids-kept", "calls", "kimi-ids", {"messages": messages}) is due


CALLS: Final = [
    ASKS,
    {
        "role": "assistant",
        "content": "Let me look.",
        "tool_calls": [call(FIRST, "get_weather", TOLD), call(SECOND, "get_weather", "{}")],
    },
]


@pytest.mark.parametrize(
    ("results", "due"),
    [
        pytest.param([result(FIRST, "clear"), result(SECOND, "rain")], PASS, id="kept"),
        pytest.param(
            [result(FIRST, [{"type": "text", "text": "clear"}]), result(SECOND, "rain")], PASS, id="parts-of-one"
        ),
        pytest.param([result(SECOND, "rain"), result(FIRST, "clear")], WARN, id="another-order"),
        pytest.param([result(FIRST, "rain"), result(SECOND, "clear")], FAIL, id="swapped"),
        pytest.param([result(FIRST, "clear")], FAIL, id="one-lost"),
        pytest.param([result(FIRST, "clear"), result(FIRST, "rain")], FAIL, id="one-id-for-both"),
        pytest.param([result(FIRST, "clear"), result(None, "rain")], FAIL, id="no-id"),
        pytest.param([result(FIRST, '"clear"'), result(SECOND, "rain")], FAIL, id="quoted"),
        pytest.param([result(FIRST, "clear"), USER, result(SECOND, "rain")], FAIL, id="something-between"),
        pytest.param([{"role": "user", "content": "clear rain"}], FAIL, id="as-the-user"),
    ],
)
def test_results_follow_their_calls_under_their_ids(results: list[Any], due: Verdict) -> None:
    assert judged("tool-results-translated", "results", "several", {"messages": [*CALLS, *results]}) is due


ONE_CALL: Final = [
    ASKS,
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [call("get_weather_0", "get_weather", '{"city": "Nice", "n": 1.5}')],
    },
]
TOMORROW: Final = {"role": "user", "content": "And tomorrow?"}


@pytest.mark.parametrize(
    ("rest", "due"),
    [
        pytest.param([result("get_weather_0", "clear and 18 °C"), TOMORROW], PASS, id="after"),
        pytest.param([result("get_weather_0", "clear \nand 18 °C"), TOMORROW], PASS, id="blocks-in-lines"),
        pytest.param([TOMORROW, result("get_weather_0", "clear and 18 °C")], FAIL, id="before"),
        pytest.param([result("get_weather_0", "clear and 18 °C")], FAIL, id="lost"),
        pytest.param([result("get_weather_0", "clear "), TOMORROW], FAIL, id="first-block-only"),
    ],
)
def test_text_beside_results_stands_behind_them(rest: list[Any], due: Verdict) -> None:
    assert judged("tool-results-translated", "results", "text-beside", {"messages": [*ONE_CALL, *rest]}) is due


@pytest.mark.parametrize(
    ("slug", "content", "due"),
    [
        ("error", "No such city: 尼斯", PASS),
        ("error", "Error: No such city: 尼斯", PASS),
        ("error", '{"error": "No such city: 尼斯"}', PASS),
        ("error", "Error", FAIL),
        ("empty", "", PASS),
        ("empty", "(no output)", PASS),
        ("json", '{"sky": "clear",  "wind": null, "n": 1.0}', PASS),
        ("json", '{"sky": "clear", "wind": null, "n": 1.0}', FAIL),
    ],
)
def test_a_result_is_told_to_the_character_and_an_error_may_be_named(slug: str, content: str, due: Verdict) -> None:
    messages = [*ONE_CALL, result("get_weather_0", content)]
    assert judged("tool-results-translated", "results", slug, {"messages": messages}) is due


@pytest.mark.parametrize(
    ("requirement", "slug", "seen", "due"),
    [
        ("max-tokens-kept", "max_tokens", {"max_tokens": 333}, PASS),
        ("max-tokens-kept", "max_tokens", {"max_tokens": 333.0}, PASS),
        ("max-tokens-kept", "max_tokens", {"max_completion_tokens": 333}, PASS),
        ("max-tokens-kept", "max_tokens", {"max_tokens": 333, "max_completion_tokens": 333}, PASS),
        ("max-tokens-kept", "max_tokens", {"max_tokens": 4096}, FAIL),
        ("max-tokens-kept", "max_tokens", {}, FAIL),
        ("stop-sequences-translated", "stop_sequences", {"stop": ["\n\n", "完"]}, PASS),
        ("stop-sequences-translated", "stop_sequences", {"stop": ["\n\n"]}, FAIL),
        ("stop-sequences-translated", "stop_sequences", {"stop_sequences": ["\n\n", "完"]}, FAIL),
        ("sampling-kept", "temperature", {"temperature": 1.0}, PASS),
        ("sampling-kept", "temperature", {}, PASS),
        ("sampling-kept", "temperature-half", {"temperature": 0.5}, PASS),
        ("sampling-kept", "temperature-half", {"temperature": 0.3}, FAIL),
        ("sampling-kept", "none", {}, PASS),
        ("sampling-kept", "none", {"temperature": 1}, FAIL),
    ],
)
def test_bounds_stops_and_sampling_keep_their_values(
    requirement: str, slug: str, seen: dict[str, Any], due: Verdict
) -> None:
    assert judged(requirement, "bounds", slug, {"messages": [USER], **seen}) is due


def test_on_an_anthropic_face_it_must_arrive_as_it_was() -> None:
    asked = ask("kimi-k3", surface="messages", members=bodies().translations["system"]["blocks"])
    assert findings(f"{AREA}system-translated", trip(asked, onward("kimi", asked))) == ()
    harmed = onward("kimi", asked, system="You are terse.")
    assert verdict(findings(f"{AREA}system-translated", trip(asked, harmed))) is FAIL


def test_another_wire_is_not_observed_and_nothing_is_a_fail() -> None:
    asked = ask(MODEL, surface="messages")
    elsewhere = arrived("moonshot", {"input": "Hello."}, path="/v1/responses")
    assert verdict(findings(f"{AREA}text-translated", trip(asked, elsewhere))) is Verdict.NOT_OBSERVED
    assert verdict(findings(f"{AREA}text-translated", trip(asked, arrived("moonshot", b"[]", path=CHAT)))) is FAIL
    assert verdict(findings(f"{AREA}text-translated", trip(asked))) is FAIL


ODD: Final = (None, 7, "x", [], {}, [[]], {"role": []}, [{"type": []}], [{"function": 7}])


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_no_request_is_too_odd_to_be_judged(odd: Any) -> None:
    strange = [
        {"role": odd, "content": odd},
        {"role": "assistant", "content": odd, "tool_calls": odd, "reasoning_content": odd},
        {"role": "tool", "tool_call_id": odd, "content": [{"type": "text", "text": odd}]},
        {"role": "user", "content": [{"type": "image_url", "image_url": odd}]},
        odd,
    ]
    seen = {"messages": strange, "tools": odd, "tool_choice": odd, "max_tokens": odd, "stop": odd, "temperature": odd}
    for requirement, group, slug in WHERE:
        assert judged(requirement, group, slug, seen) in {FAIL, WARN}
        judged(requirement, group, slug, {**seen, "messages": odd, "tools": [{"function": {"name": odd}}, odd]})


WHERE: Final[tuple[tuple[str, TranslationGroup, str], ...]] = (
    ("system-translated", "system", "text"),
    ("text-translated", "text", "blocks"),
    ("thinking-becomes-reasoning", "thinking", "signed"),
    ("images-translated", "images", "base64"),
    ("tools-translated", "tools", "several"),
    ("tool-choice-translated", "choice", "any"),
    ("tool-use-ids-kept", "calls", "kimi-ids"),
    ("tool-results-translated", "results", "several"),
    ("max-tokens-kept", "bounds", "max_tokens"),
    ("stop-sequences-translated", "bounds", "stop_sequences"),
    ("sampling-kept", "bounds", "temperature-half"),
)
