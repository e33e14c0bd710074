"""POST /v1/responses, as far as its errors are known."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.catalogue import State, fixed_temperature
from kimi_conformance.judge.api.fitting import misfits
from kimi_conformance.judge.api.hosts_known import elsewhere, on_platform, standing
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.lifecycle import unheard_of
from kimi_conformance.judge.api.places import answered, shown
from kimi_conformance.judge.api.refusal import broken, model_of, refusal, settled
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

EFFORTS: Final = frozenset({"low", "medium", "high", "max"})
"""`medium` is not documented, and was answered 200 in September 2026."""
GONE: Final = frozenset({State.NEVER, State.RETIRED, State.OTHER_HOST})
NO_MODEL: Final = {"code": "model_not_found", "param": "model"}


def _refused(s: Sight, _c: Contract) -> bool:
    refused = s.face == "responses" and s.status == HTTPStatus.BAD_REQUEST
    return s.given == "error.responses" or (refused and not elsewhere(s))


@law("api.responses.error-shape", when=_refused)
def error_shape(s: Sight, c: Contract) -> Iterator[Flaw]:
    """A refusal has message, type, param and code."""
    yield from misfits(s, c, "error.responses")


def _no_model(s: Sight, c: Contract) -> bool:
    gone = standing(s, c) in GONE or unheard_of(s, c)
    return s.face == "responses" and on_platform(s) and gone and settled(s) and not broken(s, c)


@law("api.responses.unknown-model-400", when=_no_model)
def unknown_model_400(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A model that is not there is a mistake in the request here, not a 404."""
    if s.status != HTTPStatus.BAD_REQUEST:
        yield Flaw("400", answered(s), "response", f"a model that is not there is answered: {answered(s)}")
        return
    for member, value in NO_MODEL.items():
        if s.error.get(member) != value:
            where = f"response /error/{member}"
            yield Flaw(value, shown(s.error.get(member)), where, f"the refusal of a model has another {member}")
    if str(s.asked["model"]) not in str(s.error.get("message")):
        where = "response /error/message"
        yield Flaw(s.asked["model"], shown(s.error.get("message")), where, "the message does not name the model")


def _odd_effort(s: Sight, _c: Contract) -> bool:
    reasoning: Any = s.asked.get("reasoning")
    effort = reasoning.get("effort") if isinstance(reasoning, dict) else None
    return isinstance(effort, str) and effort not in EFFORTS


def _other_choice(s: Sight, _c: Contract) -> bool:
    return s.asked.get("tool_choice") not in (None, "auto")


def _other_temperature(s: Sight, c: Contract) -> bool:
    model, asked = model_of(s, c), s.asked.get("temperature")
    fixed = fixed_temperature(model, thinking=True) if model else None
    return fixed is not None and isinstance(asked, int | float) and not isinstance(asked, bool) and asked != fixed


refusal("api.responses.effort-checked", _odd_effort, names="effort", face="responses")
refusal("api.responses.tool-choice-only-auto", _other_choice, names=".", face="responses")
refusal("api.responses.temperature-fixed", _other_temperature, names=r"temperature.*\b1\b", face="responses")


@law(
    "api.responses.401-as-chat",
    when=lambda s, _c: s.face == "responses" and s.status == HTTPStatus.UNAUTHORIZED and not elsewhere(s),
)
def unauthorized_as_chat(s: Sight, c: Contract) -> Iterator[Flaw]:
    """A 401 is that of the chat wire, without a code."""
    yield from misfits(s, c, "error")
    if "code" in s.error:
        yield Flaw("no such member", shown(s.error["code"]), "response /error/code", "a 401 with a code")
