"""Foreign documents, read leniently: what is needed must be there and be what it should; all else is passed over."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from kimi_conformance.traffic.found import Odd


class Loose(BaseModel):
    """A part of somebody else's document."""

    model_config = ConfigDict(frozen=True, extra="ignore")


Part = TypeVar("Part", bound=Loose)


def parsed(kind: type[Part], value: Any, what: str) -> Part:
    """`value` as a `kind`. Raises `Odd`, which says where it is no `what`."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = "".join(f"/{step}" for step in first["loc"]) or "/"
        wrong = "it must be an object" if first["type"] == "model_type" else first["msg"]
        raise Odd(f"it is no {what}: {where}: {wrong}") from error
