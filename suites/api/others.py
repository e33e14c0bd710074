"""The Responses wire, Kimi Code, lifecycles and latency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.api.call import Case, case, each
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.api.material import Material

HELLO = "chat/kimi-k3-hello"
MISSING = ("retired", "retired-0711", "never", "kimi-nonexistent", "coding-only")
NO_MODEL = ("responses/unknown-model", "responses/kimi-nonexistent")
REFUSED = (*NO_MODEL, *(f"responses/{name}" for name in ("no-effort", "tool-choice", "temperature-0.5", "json-object")))


@cases_of("api.responses.error-shape")
def error_shape(m: Material) -> Iterator[Case]:
    """Errors of this wire."""
    yield from each(m.named(*REFUSED), m["responses/hello"])


def _responses(m: Material, name: str) -> Iterator[Case]:
    yield case(m[f"responses/{name}"], twins=m.named("responses/hello"))


@cases_of("api.responses.unknown-model-400")
def unknown_model(m: Material) -> Iterator[Case]:
    """Models that never were."""
    yield from each(m.named(*NO_MODEL), m["responses/hello"])


no_effort = cases_of("api.responses.effort-checked")(lambda m: _responses(m, "no-effort"))
tool_choice = cases_of("api.responses.tool-choice-only-auto")(lambda m: _responses(m, "tool-choice"))
temperature = cases_of("api.responses.temperature-fixed")(lambda m: _responses(m, "temperature-0.5"))
json_object = cases_of("api.responses.json-object-refused")(lambda m: _responses(m, "json-object"))
retention = cases_of("api.responses.cache-retention-refused")(lambda m: _responses(m, "prompt-cache-retention"))
thinking = cases_of("api.responses.thinking-accepted")(lambda m: _responses(m, "thinking"))


@cases_of("api.responses.401-as-chat")
def unauthorized(m: Material) -> Iterator[Case]:
    """Without a key, and with nobody's."""
    yield from each(m.named("responses/no-key", "responses/wrong-key"), m["responses/hello"])


@cases_of("api.coding.models-shape")
def coding_models(m: Material) -> Iterator[Case]:
    """The list of Kimi Code, whose host answers another question too."""
    yield from each(m.named("coding/models"), m["coding/usages"])


@cases_of("api.coding.usages-shape")
def coding_usages(m: Material) -> Iterator[Case]:
    """What a member has used."""
    yield from each(m.named("coding/usages"))


@cases_of("api.coding.401-wording")
def coding_401(m: Material) -> Iterator[Case]:
    """A key that this host does not know."""
    yield case(m["hosts/chat-coding-platform-key"], twins=m.named("hosts/models-ai"))


@cases_of("api.coding.chat-answered")
def coding_chat(m: Material) -> Iterator[Case]:
    """A plain request."""
    yield from each(m.named("coding/chat"))


@cases_of("api.coding.agents-only-403")
def coding_agents_only(m: Material) -> Iterator[Case]:
    """A client that is no coding agent."""
    yield case(m["coding/agents-only"], twins=m.named("coding/models"))


@cases_of("api.coding.429-type")
def coding_429(m: Material) -> Iterator[Case]:
    """A limit of the plan."""
    yield case(m["coding/rate"], twins=m.named("coding/models"))


@cases_of("api.coding.ids-only-here")
def coding_ids_only_here(m: Material) -> Iterator[Case]:
    """An id of Kimi Code on the platform."""
    yield case(m["lifecycle/coding-only"], twins=m.named(HELLO), model="kimi-for-coding")


@cases_of("api.lifecycle.retired-404")
def retired_404(m: Material) -> Iterator[Case]:
    """Models that have been retired."""
    yield case(m["lifecycle/retired"], twins=m.named(HELLO), model="kimi-k2-0905-preview")
    yield case(m["lifecycle/retired-0711"], twins=m.named(HELLO), model="kimi-k2-0711-preview")


@cases_of("api.lifecycle.never-404")
def never_404(m: Material) -> Iterator[Case]:
    """Names that never were ids."""
    for name, model in (("never", "kimi-k2-turbo"), ("kimi-nonexistent", "kimi-nonexistent")):
        yield case(m[f"lifecycle/{name}"], twins=m.named(HELLO), model=model)


@cases_of("api.lifecycle.404-names-model")
def names_model(m: Material) -> Iterator[Case]:
    """Every 404 for a model."""
    yield from each(m.named(*(f"lifecycle/{name}" for name in MISSING)), m[HELLO])


@cases_of("api.lifecycle.live-served")
def live_served(m: Material) -> Iterator[Case]:
    """Every model that the catalogue says is served."""
    for model in m.each("live"):
        call = m[f"chat/{model.id}-hello"]
        yield case(call, twins=(call,), model=model.id)


@cases_of("api.lifecycle.ends-soon")
def ends_soon(m: Material) -> Iterator[Case]:
    """The same, sixty days ahead."""
    for model in m.each("live"):
        call = m[f"chat/{model.id}-hello"]
        yield case(call, twins=(call,), model=model.id)


@cases_of("api.latency.highspeed-faster")
def highspeed_faster(m: Material) -> Iterator[Case]:
    """Each model that has a highspeed variant, and that."""
    for model in m.each("live"):
        if m.has(f"chat/{model.id}-highspeed-hello"):
            yield case(*m.named(f"chat/{model.id}-hello", f"chat/{model.id}-highspeed-hello"), model=model.id)
