"""The requests that the API suites make: contracts/calls.yaml."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import Field, StringConstraints, model_validator

from kimi_conformance.contract.catalogue import PREDICATES
from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.contract.reach import HttpPath

Host: TypeAlias = Literal["platform-ai", "platform-cn", "coding"]
"""The logical hosts: api.moonshot.ai, api.moonshot.cn, api.kimi.com (its paths begin with /coding)."""

KeyName: TypeAlias = Literal["platform-ai", "platform-cn", "coding", "drained", "wrong", "none"]
"""Whose key a call carries. `drained`: of an account on platform-ai without funds; `wrong`: nobody's."""

CallName = Annotated[str, StringConstraints(pattern=r"^[a-z-]+/[a-z0-9._{}-]+$")]
Body = dict[str, Any]

FACES: Final = {"chat": "/v1/chat/completions", "messages": "/anthropic/v1/messages", "responses": "/v1/responses"}


class Form(Frozen):
    """A file to upload, as multipart/form-data."""

    purpose: str
    filename: str
    content: str


class CallSpec(Frozen):
    """One request, or with `each` one for every served model that has a property. What the file says at its top.

    `any_day`: it is about a model that is not served; any other call is made of a model that is.
    """

    chat: Body | None = None
    messages: Body | None = None
    responses: Body | None = None
    get: HttpPath | None = None
    post: HttpPath | None = None
    delete: HttpPath | None = None
    body: Body | None = None
    form: Form | None = None
    host: Host = "platform-ai"
    key: KeyName | None = None
    headers: dict[str, str] = {}
    x_api_key: bool = False
    past: bool = False
    any_day: bool = False
    takes: CallName | None = None
    each: str | None = None

    @model_validator(mode="after")
    def _one_request(self) -> CallSpec:
        named = [name for name in (*FACES, "get", "post", "delete") if getattr(self, name) is not None]
        if len(named) != 1:
            raise ValueError(f"a call is exactly one of chat, messages, responses, get, post and delete, not {named}")
        if (self.body is not None or self.form is not None) and self.post is None:
            raise ValueError("'body' and 'form' go with 'post'")
        if self.each not in (None, "live", *PREDICATES):
            raise ValueError(f"'each' is live, or one of {', '.join(PREDICATES)}")
        return self

    @property
    def method(self) -> str:
        """The method."""
        return "GET" if self.get else "DELETE" if self.delete else "POST"

    @property
    def path(self) -> str:
        """The path."""
        return self.get or self.post or self.delete or next(path for face, path in FACES.items() if getattr(self, face))

    @property
    def content(self) -> Body | None:
        """The JSON body, where there is one."""
        return self.body or self.chat or self.messages or self.responses


class Calls(Frozen):
    """All of contracts/calls.yaml. `said` has what calls share, by anchors; nothing reads it by name."""

    said: dict[str, Any]
    calls: dict[CallName, CallSpec] = Field(min_length=1)

    @model_validator(mode="after")
    def _closed(self) -> Calls:
        for name, spec in self.calls.items():
            if (spec.each is not None) != ("{model}" in name):
                raise ValueError(f"{name}: '{{model}}' in a name and 'each' come together")
            if spec.takes and spec.takes not in self.calls:
                raise ValueError(f"{name} takes its id from {spec.takes}, which is no call")
        return self
