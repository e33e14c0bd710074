"""The router as an ASGI application."""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.reference import asgi
from kimi_conformance.reference.alerts import Episodes, Overheard, limited
from kimi_conformance.reference.answers import json_answer, refuse
from kimi_conformance.reference.attempts import Tally, answered
from kimi_conformance.reference.call import Answer, Call, Outcome, Refusal, Routed
from kimi_conformance.reference.config import Config, read_config
from kimi_conformance.reference.fields import value
from kimi_conformance.reference.ledger import Insertions
from kimi_conformance.reference.steps import STEPS, Steps
from kimi_conformance.reference.upstream import UpstreamError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.reference.call import Body, Fields

SURFACES: Final = {"/v1/chat/completions": "chat", "/v1/messages": "messages"}
HEALTH: Final = "/health"
METHODS: Final = {HEALTH: "GET", "/v1/models": "GET", **dict.fromkeys(SURFACES, "POST")}
HUNG_UP: Final = 499
"""nginx's number: the client left before it had the whole answer."""


def create(config: Mapping[str, Any], steps: Steps = STEPS) -> asgi.App:
    """A router of these steps. Raises as `read_config` does."""
    return Router(read_config(config), steps)


def app_from_env() -> asgi.App:
    """A router for the config in the JSON file that REFERENCE_CONFIG names: a factory for ASGI servers."""
    return create(config_from_env())


def config_from_env() -> Any:
    """The config in the JSON file that REFERENCE_CONFIG names. Raises `KeyError`, `OSError`, `ValueError`."""
    return json.loads(Path(os.environ["REFERENCE_CONFIG"]).read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Router:
    """The application. Between two calls it remembers what is still on its way aside, and its alarms."""

    config: Config
    steps: Steps
    insertions: Insertions = field(default_factory=Insertions)
    episodes: Episodes = field(default_factory=Episodes)

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Serves one request, or lives through one lifespan."""
        if scope["type"] == "lifespan":
            await asgi.live(receive, send, self.insertions.finish)
            return
        answer = self._own_answer(scope["method"], scope["path"], tuple(scope["headers"]))
        if answer is None:
            try:
                raw = await asgi.read_body(receive, self.config.max_body)
            except asgi.ClientGoneError:
                return
            answer = await self._complete(scope, raw, receive, send)
        if answer is not None:
            await asgi.send_answer(send, answer)

    def _own_answer(self, method: str, path: str, headers: Fields) -> Answer | None:
        """The answer to all but a completion."""
        surface = SURFACES.get(path)
        if path != HEALTH and (refusal := self.steps.admit(self.config, headers)):
            return refuse(refusal, surface, ((b"www-authenticate", b"Bearer"),))
        if path not in METHODS:
            return refuse(Refusal(404, f"{path} is not served here"), surface)
        if method != METHODS[path]:
            allowed = ((b"allow", METHODS[path].encode()),)
            return refuse(Refusal(405, f"{path} takes {METHODS[path]} only"), surface, allowed)
        if surface:
            return None
        return json_answer(200, {"status": "ok"}) if path == HEALTH else self.steps.list_models(self.config)

    async def _complete(
        self, scope: asgi.Scope, raw: bytes | None, receive: asgi.Receive, send: asgi.Send
    ) -> Answer | None:
        """Passes a completion on. Returns the refusal where it does not."""
        surface = SURFACES[scope["path"]]
        if raw is None:
            return refuse(Refusal(413, f"the body is larger than {self.config.max_body} bytes"), surface)
        body = self.steps.read(raw)
        if isinstance(body, Refusal):
            return refuse(body, surface)
        call = _call(scope, surface, body)
        decision = await self.steps.gate(self.config, call)
        if isinstance(decision, Refusal):
            return refuse(decision, surface)
        await self._pass_on(call, decision, receive, send)
        return None

    async def _pass_on(self, call: Call, decision: Routed, receive: asgi.Receive, send: asgi.Send) -> None:
        """Relays the call until it is over, or its client has left: then its upstream is left, too."""
        tally, heard = Tally(), Overheard()
        relaying = asyncio.ensure_future(self._relay(call, decision, send, tally, heard))
        leaving = asyncio.ensure_future(asgi.until_gone(receive))
        try:
            await asyncio.wait({relaying, leaving}, return_when=asyncio.FIRST_COMPLETED)
            hung_up = not relaying.done()
        finally:
            relaying.cancel()
            leaving.cancel()
            await asyncio.wait({relaying, leaving})
        status, cut = (HUNG_UP, None) if hung_up else relaying.result()
        row = self.steps.account(call, decision, Outcome(status, tally.attempts))
        self.insertions.begin(self.steps.insert(self.config.ledger, row))
        self._alarm(call, status, bytes(heard.kept))
        if cut:
            raise cut  # a server that sees this cuts the client's connection: a broken answer must not look whole

    def _alarm(self, call: Call, status: int, kept: bytes) -> None:
        """Tells the operators of a call that ended so, where they are to be told, unless they know already."""
        alerts = self.config.alerts
        if alerts is None or status not in alerts.on:
            return
        limit = limited(status, kept)
        if self.episodes.begins(self.steps.episode(call, limit), alerts.episode_s):
            self.insertions.begin(self.steps.notify(alerts, self.steps.alert(call, limit)))

    async def _relay(
        self, call: Call, decision: Routed, send: asgi.Send, tally: Tally, heard: Overheard
    ) -> tuple[int, UpstreamError | None]:
        """The status that the client got, and what cut its answer, if anything did. `heard` keeps the answer."""
        tried = await answered(self.steps, self.config, call, decision, tally)
        reply = tried.got
        if isinstance(reply, UpstreamError):
            refusal = Refusal(reply.status, f"the upstream gave no answer: {reply}")
            await asgi.send_answer(send, refuse(refusal, call.surface))
            return refusal.status, None
        try:
            await self.steps.relay(heard.listen(reply), send)
        except UpstreamError as cut:
            return reply.status, cut
        finally:
            reply.close()
        return reply.status, None


def _call(scope: asgi.Scope, surface: str, body: Body) -> Call:
    headers = tuple(scope["headers"])
    return Call(
        surface=surface,
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        agent=value(headers, b"x-agent-id"),
        trace=value(headers, b"x-trace-id") or uuid.uuid4().hex,
        body=body,
    )
