"""Tools: calls, choices, and what is refused of tools that are offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.api.call import Case, case, each
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.api.material import Material

AUTO = "tools/kimi-k3-auto"
TWO = ("stream/kimi-k3-two-calls", "tools/kimi-k2.6-two-calls")
CALLS = (AUTO, "tools/kimi-k3-required", "stream/kimi-k3-call", *TWO)


@cases_of("api.tools.call-shape", "api.tools.arguments-are-json", "api.tools.ids-unique", "api.tools.name-is-declared")
def calls(m: Material) -> Iterator[Case]:
    """One call, one that was required, one in a stream, and two."""
    yield from each(m.named(*CALLS))


@cases_of("api.tools.index-outside-streams")
def index_outside_streams(m: Material) -> Iterator[Case]:
    """Calls in a whole answer."""
    yield from each(m.named(AUTO, "tools/kimi-k2.6-two-calls"))


@cases_of("api.tools.parallel-calls")
def parallel_calls(m: Material) -> Iterator[Case]:
    """Questions that need two calls."""
    yield from each(m.named(*TWO))


@cases_of("api.tools.required-is-obeyed")
def required_is_obeyed(m: Material) -> Iterator[Case]:
    """A call is required although nobody asks for the weather."""
    yield from each(m.named("tools/kimi-k3-required"))


@cases_of("api.tools.required-refused-while-thinking")
def required_refused_while_thinking(m: Material) -> Iterator[Case]:
    """The same of a model that cannot do both."""
    yield case(m["tools/kimi-k2.6-required"], twins=m.named("chat/kimi-k2.6-hello"), model="kimi-k2.6")


@cases_of("api.tools.named-refused-while-thinking")
def named_refused_while_thinking(m: Material) -> Iterator[Case]:
    """A named function; without the name the request is accepted."""
    yield case(m["tools/kimi-k3-named"], twins=m.named(AUTO), model="kimi-k3")


@cases_of("api.tools.named-works-without-thinking")
def named_works_without_thinking(m: Material) -> Iterator[Case]:
    """A named function of a model that does not think just now."""
    yield from each(m.named("tools/kimi-k2.6-named-without-thinking"))


@cases_of("api.tools.auto-without-tools-accepted")
def auto_without_tools_accepted(m: Material) -> Iterator[Case]:
    """A choice without anything to choose from."""
    yield from each(m.named("tools/kimi-k3-auto-without-tools"), itself=True)


@cases_of("api.tools.dynamic-tools")
def dynamic_tools(m: Material) -> Iterator[Case]:
    """Tools in a system message; in their usual place they are accepted."""
    yield from each(m.named("tools/kimi-k3-dynamic"), m[AUTO])


def _refused(m: Material, *names: str) -> Iterator[Case]:
    yield from each(m.named(*names), m[AUTO])


unknown_choice = cases_of("api.tools.unknown-choice-refused")(lambda m: _refused(m, "tools/kimi-k3-bogus-choice"))
required_alone = cases_of("api.tools.required-without-tools-refused")(
    lambda m: _refused(m, "tools/kimi-k3-required-without-tools")
)
unknown_type = cases_of("api.tools.unknown-type-refused")(lambda m: _refused(m, "tools/kimi-k3-unknown-type"))
function_name = cases_of("api.tools.function-name-checked")(
    lambda m: _refused(m, "tools/kimi-k3-bad-name", "coding/bad-name")
)
schema_flavour = cases_of("api.tools.schema-flavour-checked")(lambda m: _refused(m, "tools/kimi-k3-no-root-type"))
call_id_needed = cases_of("api.tools.tool-call-id-needed")(lambda m: _refused(m, "tools/kimi-k3-result-without-id"))
dynamic_placed = cases_of("api.tools.dynamic-tools-placed")(lambda m: _refused(m, "tools/kimi-k3-dynamic-misplaced"))
