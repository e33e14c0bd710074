"""The spellings of agents and models that cases use: the slug table of contracts/spellings.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.contract.profile import Slug
from kimi_conformance.contract.trip import ABSENT, Named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class NotThere(Frozen):
    """No such member or header at all."""

    absent: Literal[True]


class AsJson(Frozen):
    """A JSON value that is no string."""

    json_: Any = Field(alias="json")


class Repeated(Frozen):
    """A text repeated: `repeat` times `times`."""

    repeat: str = Field(min_length=1)
    times: int = Field(gt=1)


Spelling = str | NotThere | AsJson | Repeated
Group = dict[Slug, Spelling]
ModelGroup = Literal["claude", "claude-cased", "claude-lookalike", "missing", "unregistered", "builtin", "non-string"]
AgentGroup = Literal["other", "builtin", "blanks"]


class Spellings(Frozen):
    """The table, in groups: what the members of a group have in common is what a requirement is about."""

    models: dict[ModelGroup, Group]
    agents: dict[AgentGroup, Group]


def spell(group: Mapping[str, Spelling], **words: str | None) -> Iterator[Named]:
    """The members of `group` with `words` (`plan`, `registered`) put in; those that lack their word are left out."""
    for slug, spelling in group.items():
        match spelling:
            case str(text):
                value: Any = _fill(text, words)
                if value is None:
                    continue
            case NotThere():
                value = ABSENT
            case AsJson():
                value = spelling.json_
            case Repeated():
                value = spelling.repeat * spelling.times
        yield Named(slug, value)


def _fill(text: str, words: Mapping[str, str | None]) -> str | None:
    for name, word in words.items():
        forms = (f"{{{name}}}", f"{{{name.upper()}}}", f"{{{name}|cut}}", f"{{{name}|title}}")
        if not any(form in text for form in forms):
            continue
        if word is None:
            return None
        for form, spelled in zip(forms, (word, word.upper(), word[:-1], word.title()), strict=True):
            text = text.replace(form, spelled)
    return text
