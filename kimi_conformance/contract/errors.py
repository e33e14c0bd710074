"""What errors there are, contracts/errors.yaml: how each is told from the others, and what a client does about it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from kimi_conformance.contract.calls import CallName
from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.contract.requirement import Sentence
from kimi_conformance.contract.tie import Text, Tied

Retry = Literal["no", "after the wait", "with growing pauses"]
"""`no`: the same request fails again. `after the wait`: after the seconds that the answer names."""

Where = Literal["platform", "messages", "responses", "coding", "tokens", "any path"]
"""`platform`: every face of api.moonshot.ai and .cn. The others have errors of their own; `coding` is Kimi Code."""


class ErrorKind(Tied):
    """A kind of error: `type` is its `error.type` (of the gateway's family `error` itself; None: no JSON, or no type).

    `messages` are whole, or have `{name}` where they vary; `cassettes` show them word for word.
    """

    status: int = Field(ge=400, le=599)
    type: Annotated[str, StringConstraints(pattern=r"^[a-z_.]+$")] | None
    where: tuple[Where, ...] = ("platform",)
    messages: tuple[Text, ...] = ()
    means: Sentence
    do: Sentence
    retry: Retry
    cassettes: tuple[CallName, ...] = ()


class Limit(Tied):
    """One of the three reasons of a 429: how it is told from the others."""

    type: str
    why: Sentence
    says: Text
    headers: Sentence
    do: Sentence


class Errors(Frozen):
    """All of contracts/errors.yaml: kinds of errors by status, and the three 429s."""

    errors: tuple[ErrorKind, ...] = Field(min_length=1)
    limits: tuple[Limit, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _by_status(self) -> Errors:
        statuses = [each.status for each in self.errors]
        if statuses != sorted(statuses):
            raise ValueError("errors stand by status, the lowest first")
        known = {each.type for each in self.errors if each.status == 429}  # noqa: PLR2004 - the status is its meaning
        if unknown := [each.type for each in self.limits if each.type not in known]:
            raise ValueError(f"no error of status 429 has the type {unknown[0]}")
        return self
