"""Tables of what each served model takes: temperature, thinking and effort, the choice of tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.catalogue import live
from kimi_conformance.contract.tie import Tied
from kimi_conformance.reporting.api_page.models import UNKNOWN
from kimi_conformance.reporting.api_page.view import Told, View, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from kimi_conformance.contract.catalogue import Host
    from kimi_conformance.contract.model_rules import Choice, Sampling, Thinking, ToolChoice
    from kimi_conformance.reporting.api_page.ties import Ties

DISABLED: Final = '`thinking: {"type": "disabled"}`'
BECOMES: Final = {"honoured": "200, does not think", "refused": "400", None: UNKNOWN}


def temperatures(ties: Ties, on: date) -> View:
    """The only temperature of each model of the platform, while it thinks and while it does not."""
    head = ("Model", "`temperature`, thinking", f"`temperature`, with {DISABLED}")
    rows = []
    for model in live(ties.catalogue, "platform", on):
        if rule := model.sampling:
            mark = ties.mark(Tied(by=_temperature_by(rule), model=model.id, about=("sampling",)))
            rows.append(Told((f"`{model.id}`", *_fixed(rule, model.thinking)), mark))
    return table(head, rows)


def thinking(ties: Ties, host: Host, on: date) -> View:
    """What becomes of `thinking` disabled and of `reasoning_effort` on each model of `host`."""
    return table(("Model", DISABLED, "`reasoning_effort`", "Default effort"), list(_thinking(ties, host, on)))


def tool_choices(ties: Ties, on: date) -> View:
    """The values of `tool_choice` that each model of the platform takes; any other is answered 400."""
    head = ("Model", "`tool_choice` while it thinks", "With thinking disabled")
    rows = [
        Told(
            (f"`{model.id}`", _choices(rule.thinking), _choices(rule.otherwise)),
            ties.mark(Tied(by=_tool_choice_by(rule), model=model.id, about=("tool_choice",))),
        )
        for model in live(ties.catalogue, "platform", on)
        if (rule := model.tool_choice)
    ]
    return table(head, rows)


def _fixed(rule: Sampling, thinks: Thinking | None) -> tuple[str, str]:
    if rule.temperature is None:
        return "free", "free"
    always = thinks is not None and thinks.disable == "refused"
    return f"{rule.temperature.thinking:g}", "always thinks" if always else f"{rule.temperature.otherwise:g}"


def _temperature_by(rule: Sampling) -> tuple[str, ...]:
    fixed = rule.temperature
    by_thinking = fixed is not None and fixed.thinking != fixed.otherwise
    other = ("api.sampling.temperature-0.6-without-thinking",) if by_thinking else ()
    return ("api.sampling.temperature-fixed", *other) if fixed else ("api.sampling.free-ranges",)


def _thinking(ties: Ties, host: Host, on: date) -> Iterator[Told]:
    for model in live(ties.catalogue, host, on):
        rule = model.thinking
        if rule is None:
            continue
        efforts = [f"`{value}`" for value in rule.effort.values] if rule.effort else []
        taken = ", ".join(efforts) or ("ignored" if rule.ignores_effort else UNKNOWN)
        default = f"`{rule.effort.default}`" if rule.effort else "none"
        mark = ties.mark(Tied(by=_thinking_by(rule), model=model.id, about=("thinking",)))
        yield Told((f"`{model.id}`", BECOMES[rule.disable], taken, default), mark)


def _thinking_by(rule: Thinking) -> tuple[str, ...]:
    names = {
        "api.thinking.disabled-is-honoured": rule.disable == "honoured",
        "api.thinking.disable-refused": rule.disable == "refused",
        "api.thinking.efforts-accepted": rule.effort is not None,
        "api.thinking.effort-ignored": bool(rule.ignores_effort),
    }
    return tuple(name for name, shows in names.items() if shows)


def _tool_choice_by(rule: ToolChoice) -> tuple[str, ...]:
    required = "required-is-obeyed" if "required" in rule.thinking else "required-refused-while-thinking"
    without = ("api.tools.named-works-without-thinking",) if rule.otherwise else ()
    return (f"api.tools.{required}", "api.tools.named-refused-while-thinking", *without)


def _choices(values: Iterable[Choice] | None) -> str:
    if values is None:
        return "always thinks"
    return ", ".join("a named function" if value == "named" else f"`{value}`" for value in values)
