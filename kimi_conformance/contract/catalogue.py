"""The model catalogue, contracts/models.yaml: which model ids exist, where, since and until when, and their rules.

Pure: the day on which a question is asked is passed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.contract.model_rules import Sampling, Thinking, ToolChoice
from kimi_conformance.contract.requirement import Evidence

if TYPE_CHECKING:
    from pydantic import ValidationInfo

ModelId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$")]
Host = Literal["platform", "coding"]
"""`platform`: api.moonshot.ai and api.moonshot.cn, one contract. `coding`: api.kimi.com/coding."""

ENDING: Final = timedelta(days=60)
"""How long before its announced end a model counts as ending (DESIGN.md, section 3)."""


class Lifecycle(Frozen):
    """When an id answers: from `since`, up to the day before `retired`, or through the announced last day `ends`.

    `never`: it never was an id of the API; `meant` is the one that was. None where a day is unknown or not announced.
    """

    since: date | None = None
    retired: date | None = None
    ends: date | None = None
    never: Literal[True] | None = None
    meant: ModelId | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Lifecycle:
        if (self.never is None) != (self.meant is None):
            raise ValueError("'never' and 'meant' come together")
        if self.never and (self.since or self.retired or self.ends):
            raise ValueError("an id that never was has no dates")
        if self.retired and self.ends:
            raise ValueError("'retired' replaces 'ends': only one of them")
        if self.since and self.retired and self.retired <= self.since:
            raise ValueError("retired before it was there")
        if self.since and self.ends and self.ends < self.since:
            raise ValueError("ends before it was there")
        return self


class Price(Frozen):
    """USD per million tokens on api.moonshot.ai: input that hit the cache, input that missed it, output."""

    hit: float = Field(gt=0)
    miss: float = Field(gt=0)
    out: float = Field(gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Price:
        if not self.hit <= self.miss <= self.out:
            raise ValueError("a price needs hit <= miss <= out")
        return self


class Capabilities(Frozen):
    """What a model can do, as its row in `GET /v1/models` says it. None where nobody knows."""

    reasoning: bool | None = None
    image_in: bool | None = None
    video_in: bool | None = None
    dynamic_tools: bool | None = None


Aspect = Literal[
    "served",
    "since",
    "ends",
    "retired",
    "never",
    "context",
    "price",
    "sampling",
    "thinking",
    "tool_choice",
    "capabilities",
]
"""What a row says of its model, piece by piece; `served`: that the id answers at all."""


class ModelEvidence(Evidence):
    """Where a row comes from: `about` which of what it says; nothing: all of it."""

    about: tuple[Aspect, ...] = ()


def _known(policy: Any) -> Any:
    """The policy that the catalogue put in the place of its name; a name that is still there is unknown."""
    if isinstance(policy, str):
        raise ValueError(f"no such policy: {policy!r}")  # noqa: TRY004 - pydantic reports a ValueError, not a TypeError
    return policy


POLICIES: Final = ("sampling", "thinking", "tool_choice")
_ByName = (BeforeValidator(_known), WithJsonSchema({"type": "string"}))
_FromKey = SkipJsonSchema[ModelId]


class Model(Frozen):
    """One model id: where and when it answers, and by which rules. In the file its policies stand by name."""

    id: _FromKey
    family: str
    hosts: tuple[Host, ...] = ()
    lifecycle: Lifecycle = Lifecycle()
    context: int | None = Field(default=None, gt=0)
    price: Price | None = None
    sampling: Annotated[Sampling | None, *_ByName] = None
    thinking: Annotated[Thinking | None, *_ByName] = None
    tool_choice: Annotated[ToolChoice | None, *_ByName] = None
    capabilities: Capabilities = Capabilities()
    evidence: tuple[ModelEvidence, ...] = Field(min_length=1)
    note: str | None = None

    @model_validator(mode="after")
    def _served_or_never(self) -> Model:
        facts = self.model_fields_set & {"hosts", "context", "price", "capabilities", *POLICIES}
        if self.lifecycle.never and facts:
            raise ValueError(f"an id that never was has no {', '.join(sorted(facts))}")
        if not self.lifecycle.never and not self.hosts:
            raise ValueError("a model answers on some host, or never was")
        return self

    @model_validator(mode="after")
    def _all_from_somewhere(self) -> Model:
        for aspect in self.aspects:
            if not self.evidence_of(aspect):
                raise ValueError(f"no evidence of {self.id} is about: [{aspect}]")
        return self

    @property
    def aspects(self) -> tuple[Aspect, ...]:
        """What the row says of the model."""
        said: dict[Aspect, Any] = {
            "since": self.lifecycle.since,
            "ends": self.lifecycle.ends,
            "retired": self.lifecycle.retired,
            "never": self.lifecycle.never,
            "context": self.context,
            "price": self.price,
            "sampling": self.sampling,
            "thinking": self.thinking,
            "tool_choice": self.tool_choice,
            "capabilities": self.capabilities if self.capabilities != Capabilities() else None,
        }
        return tuple(aspect for aspect, value in said.items() if value is not None)

    def evidence_of(self, aspect: Aspect) -> tuple[ModelEvidence, ...]:
        """The evidence of something that the row says."""
        return tuple(each for each in self.evidence if not each.about or aspect in each.about)


class Catalogue(Frozen):
    """All of contracts/models.yaml. Policies have names, so that a rule is written once."""

    sampling: dict[str, Sampling]
    thinking: dict[str, Thinking]
    tool_choice: dict[str, ToolChoice]
    models: dict[ModelId, Model]

    @field_validator("models", mode="before")
    @classmethod
    def _by_id_and_policy(cls, rows: Any, info: ValidationInfo) -> Any:
        if not isinstance(rows, Mapping):
            return rows
        return {key: _resolved(key, row, info.data) if isinstance(row, Mapping) else row for key, row in rows.items()}

    @model_validator(mode="after")
    def _closed(self) -> Catalogue:
        for model in self.models.values():
            meant = model.lifecycle.meant
            if meant and (meant not in self.models or self.models[meant].lifecycle.never):
                raise ValueError(f"{model.id} is said to mean {meant!r}, which is no model")
        for kind in POLICIES:
            used = [getattr(model, kind) for model in self.models.values()]
            if idle := [name for name, policy in getattr(self, kind).items() if policy not in used]:
                raise ValueError(f"no model has the {kind} policy {', '.join(idle)}")
        return self

    def find(self, model: str) -> Model | None:
        """The row of exactly this id. Names as routers spell them (`moonshot/kimi-k2.6`) have none."""
        return self.models.get(model)


def _resolved(key: str, row: Mapping[str, Any], policies: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """`row` with its id, and its policies in the place of their names (None where the policies are faulty)."""
    if row.get("id", key) != key:
        raise ValueError(f"the id of {key!r} is its key, not {row['id']!r}")
    named = {kind: name for kind in POLICIES if isinstance(name := row.get(kind), str)}
    found = {kind: policies[kind].get(name, name) if kind in policies else None for kind, name in named.items()}
    return {**row, "id": key, **found}


class State(StrEnum):
    """What to expect of an id on a host on a day. Only LIVE and ENDING are served."""

    LIVE = "live"
    ENDING = "ending"
    RETIRED = "retired"
    NOT_YET = "not-yet"
    NEVER = "never"
    OTHER_HOST = "other-host"


SERVED: Final = frozenset({State.LIVE, State.ENDING})


def state(model: Model, host: Host, on: date) -> State:
    """The state of `model` on `host` on the day `on`: the first of these rules that fits.

    - never: the id never was one of the API.
    - other-host: it is none of this host's ids. What the host answers is another matter: the platform 404, but `coding`
      was seen to answer 401, and to serve another model instead.
    - not-yet: before `since`.
    - retired: on the day `retired` and after it; after the day `ends`.
    - ending: the day `ends`, and the 60 days before it.
    - live: else.

    Days are those of the announcements; hours and time zones are not told apart.
    """
    life = model.lifecycle
    if life.never:
        return State.NEVER
    if host not in model.hosts:
        return State.OTHER_HOST
    if life.since and on < life.since:
        return State.NOT_YET
    if (life.retired and on >= life.retired) or (life.ends and on > life.ends):
        return State.RETIRED
    if life.ends and life.ends - on <= ENDING:
        return State.ENDING
    return State.LIVE


def live(catalogue: Catalogue, host: Host, on: date) -> tuple[Model, ...]:
    """The models that `host` serves on the day `on`, those that end soon included, in the file's order."""
    return tuple(model for model in catalogue.models.values() if state(model, host, on) in SERVED)


def fixed_temperature(model: Model, *, thinking: bool) -> float | None:
    """The only temperature that `model` allows while it thinks, or does not. None where it is free, or unknown."""
    fixed = model.sampling and model.sampling.temperature
    if not fixed:
        return None
    return fixed.thinking if thinking else fixed.otherwise


def has_fixed_temperature(catalogue: Catalogue, model: str) -> bool:
    """Whether the id `model` has a fixed temperature. An id that is not in the catalogue has none."""
    found = catalogue.find(model)
    return found is not None and PREDICATES["fixed-temperature"](found)


PREDICATES: Final[Mapping[str, Callable[[Model], bool]]] = {
    "fixed-temperature": lambda m: fixed_temperature(m, thinking=True) is not None,
    "temperature-by-thinking": lambda m: fixed_temperature(m, thinking=True) != fixed_temperature(m, thinking=False),
    "free-sampling": lambda m: m.sampling is not None and m.sampling.temperature_range is not None,
    "thinking": lambda m: m.capabilities.reasoning is True,
    "thinking-can-be-disabled": lambda m: m.thinking is not None and m.thinking.disable == "honoured",
    "thinking-cannot-be-disabled": lambda m: m.thinking is not None and m.thinking.disable == "refused",
    "reasoning-effort": lambda m: m.thinking is not None and m.thinking.effort is not None,
    "required-tool-while-thinking": lambda m: m.tool_choice is not None and "required" in m.tool_choice.thinking,
    "no-required-tool-while-thinking": lambda m: m.tool_choice is not None and "required" not in m.tool_choice.thinking,
    "image-in": lambda m: m.capabilities.image_in is True,
    "video-in": lambda m: m.capabilities.video_in is True,
    "dynamic-tools": lambda m: m.capabilities.dynamic_tools is True,
}
"""What a requirement may name in `applies_to`. A property that is unknown of a model does not hold of it."""
