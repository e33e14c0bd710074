"""The endpoints of Kimi: contracts/endpoints.yaml, what API.md and openapi.yaml are made of."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, StringConstraints, model_validator

from kimi_conformance.contract.calls import CallName, Host
from kimi_conformance.contract.facts import FactId
from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.contract.reach import HttpPath
from kimi_conformance.contract.request_schema import RequestShape
from kimi_conformance.contract.requirement import RequirementId, Sentence
from kimi_conformance.contract.schema import Shape

Media: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z]+/[a-z0-9.+-]+$")]
Method = Literal["GET", "POST", "DELETE"]
KeyForm = Literal["bearer", "x-api-key"]
"""How a key goes along: `Authorization: Bearer KEY`, or the header `x-api-key`."""

JSON: Media = "application/json"
STREAM: Media = "text/event-stream"


class Sourced(Frozen):
    """What rests on requirements, or on rows of the dossier that no requirement carries in all detail."""

    requirements: tuple[RequirementId, ...] = ()
    facts: tuple[FactId, ...] = ()


class HostRow(Sourced):
    """A host: its address, and whose keys open it."""

    server: Annotated[str, StringConstraints(pattern=r"^https://[^/]+$")]
    says: Sentence
    key_env: str
    console: str


class Parameter(Sourced):
    """A part of the path, a query parameter or a header of a request. `schema` is a JSON Schema."""

    name: str
    place: Literal["path", "query", "header"] = Field(alias="in")
    says: Sentence
    json_schema: dict[str, Any] = Field(alias="schema")


class AnswerHeader(Sourced):
    """A header of an answer, and when it stands there."""

    name: str
    says: Sentence
    json_schema: dict[str, Any] = Field(alias="schema")


class Answer(Sourced):
    """What an endpoint answers under one status and media type.

    `shapes` are those that the body may have (of a stream: each event), in the order in which they are to be expected;
    none: nothing is pinned, `says` tells why. `types` are the words of `error.type`. `headers` name rows of the file's
    own. `cassettes` show such an answer; without any, `unseen` says why none does.
    """

    status: int = Field(ge=200, le=599)
    media: Media = JSON
    shapes: tuple[Shape, ...] = ()
    says: Sentence
    types: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    cassettes: tuple[CallName, ...] = ()
    unseen: Sentence | None = None

    @model_validator(mode="after")
    def _shown_or_not(self) -> Answer:
        if bool(self.cassettes) == (self.unseen is not None):
            raise ValueError("an answer has either cassettes or the reason why it is unseen")
        return self


class RequestBody(Frozen):
    """The body of a request: its schema in contracts/schemas/wire, SHAPE.schema.json."""

    shape: RequestShape
    media: Media = JSON


class Endpoint(Sourced):
    """One method of one path. `errors` names the families of errors that it has beside its own `answers`."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][A-Za-z]+$")]
    group: str
    method: Method
    path: HttpPath
    hosts: tuple[Host, ...] = Field(min_length=1)
    summary: Sentence
    says: Sentence | None = None
    keys: tuple[KeyForm, ...] = ("bearer",)
    parameters: tuple[str, ...] = ()
    request: RequestBody | None = None
    answers: tuple[Answer, ...] = Field(min_length=1)
    errors: tuple[str, ...] = ()

    @property
    def pattern(self) -> re.Pattern[str]:
        """What paths of requests to it look like: any one word in the place of `{id}`."""
        words = re.split(r"\{[a-z_]+\}", self.path)
        return re.compile("[^/]+".join(map(re.escape, words)))

    def meant(self, host: Host, method: str, path: str) -> bool:
        """Whether a request to this path, without its query, is one to this endpoint."""
        return host in self.hosts and method == self.method and self.pattern.fullmatch(path) is not None


class Outside(Sourced):
    """A path that is documented, and that this contract says nothing of."""

    path: HttpPath
    summary: Sentence
    why: Sentence


class Rule(Sourced):
    """A rule about the body of a request that no schema can say. `calls` are refused for it, and fit the schema."""

    says: Sentence
    why: Sentence
    calls: tuple[CallName, ...] = Field(min_length=1)

    def covers(self, name: str) -> bool:
        """Whether the call `name` is refused for this rule. `{model}` in `calls` stands for any model."""
        return any(re.fullmatch(re.escape(call).replace(r"\{model\}", ".+"), name) for call in self.calls)


class Endpoints(Frozen):
    """All of contracts/endpoints.yaml, in the order in which pages show it.

    `elsewhere` is what any other path or method is answered.
    """

    hosts: dict[Host, HostRow]
    parameters: dict[str, Parameter]
    headers: dict[str, AnswerHeader]
    families: dict[str, tuple[Answer, ...]]
    endpoints: tuple[Endpoint, ...] = Field(min_length=1)
    elsewhere: tuple[Answer, ...]
    outside: tuple[Outside, ...]
    rules: tuple[Rule, ...]

    @model_validator(mode="after")
    def _closed(self) -> Endpoints:
        for name in ("id", "pattern"):
            named = [(each.method, each.pattern.pattern) if name == "pattern" else each.id for each in self.endpoints]
            if twice := [each for each in named if named.count(each) > 1]:
                raise ValueError(f"more than one endpoint is {twice[0]}")
        for endpoint in self.endpoints:
            self._complete(endpoint)
        if idle := self.families.keys() - {name for each in self.endpoints for name in each.errors}:
            raise ValueError(f"no endpoint has the family of errors {min(idle)}")
        return self

    def _complete(self, endpoint: Endpoint) -> None:
        for word, used, known in (
            ("host", endpoint.hosts, self.hosts),
            ("parameter", endpoint.parameters, self.parameters),
            ("family of errors", endpoint.errors, self.families),
            ("header", [name for each in self.answers(endpoint) for name in each.headers], self.headers),
        ):
            if unknown := [name for name in used if name not in known]:
                raise ValueError(f"{endpoint.id} names the {word} {unknown[0]}, which does not exist")
        in_path = set(re.findall(r"\{([a-z_]+)\}", endpoint.path))
        if in_path != {
            each.name for each in map(self.parameters.__getitem__, endpoint.parameters) if each.place == "path"
        }:
            raise ValueError(f"{endpoint.id}: the parameters in its path and those that it names are not the same")
        kinds = [(each.status, each.media) for each in self.answers(endpoint)]
        if twice := [each for each in kinds if kinds.count(each) > 1]:
            raise ValueError(f"{endpoint.id} answers {twice[0][0]} {twice[0][1]} twice")

    def answers(self, endpoint: Endpoint) -> tuple[Answer, ...]:
        """All answers of an endpoint, those of its families of errors included, by status."""
        shared = [answer for name in endpoint.errors for answer in self.families.get(name, ())]
        return tuple(sorted((*endpoint.answers, *shared), key=lambda each: each.status))

    def find(self, method: str, url: str) -> Endpoint | None:
        """The endpoint that a request to one of the hosts is meant for; None: any other path or method."""
        host, path = next(
            (name, url.removeprefix(row.server)) for name, row in self.hosts.items() if url.startswith(f"{row.server}/")
        )
        return next((each for each in self.endpoints if each.meant(host, method, path.partition("?")[0])), None)

    def expected(self, endpoint: Endpoint | None, status: int, media: str) -> Answer | None:
        """The answer of an endpoint (None: of any other path) under a status and a media type; None: not foreseen."""
        found = self.elsewhere if endpoint is None else self.answers(endpoint)
        return next((each for each in found if (each.status, each.media) == (status, media)), None)
