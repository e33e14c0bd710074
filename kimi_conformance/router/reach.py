"""Opens the driver that a profile asks for: a process, a URL, an ASGI application, or a bare decision."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kimi_conformance.contract.placeholders import UnknownPlaceholder
from kimi_conformance.exchange import Exchange, Piece, Request, Response
from kimi_conformance.router.asgi import AsgiApp, LifespanError
from kimi_conformance.router.child import StartError
from kimi_conformance.router.decide import CallableDecider, Undecided
from kimi_conformance.router.decide_program import ProgramDecider
from kimi_conformance.router.driver import CannotStart, Driver
from kimi_conformance.router.files import copy_into_scratch, read_sources
from kimi_conformance.router.http_client import HttpClient, target_of, tls_context
from kimi_conformance.router.load import LoadError, load_app
from kimi_conformance.router.process import open_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.reach import Asgi, Decide
    from kimi_conformance.router.arriving import OnPiece
    from kimi_conformance.router.outside import World
    from kimi_conformance.router.values import Values

    Clock = Callable[[], float]

HTTP_OK = 200

ACCEPTS_S = 5.0
"""How long a router that runs already may take to accept a connection."""


async def open_driver(
    profile: Profile, folder: Path, values: Values, *, world: World, clock: Clock
) -> tuple[Driver, Profile]:
    """A driver that is ready to be asked, and the profile with its placeholders filled in.

    `world` is the outer world as a router finds it. Raises `CannotStart`.
    """
    try:
        driver = await _open(profile, folder, values, world, clock)
        try:
            return driver, values.rendered()
        except UnknownPlaceholder:
            await driver.close()
            raise
    except UnknownPlaceholder as error:
        given = ", ".join(f"{{prepared.{name}}}" for name in values.prepared) or "nothing"
        raise CannotStart(f"{error} has no value here: `prepare` has given {given}") from error


async def _open(profile: Profile, folder: Path, values: Values, world: World, clock: Clock) -> Driver:
    answer_s = profile.limits.answer_s
    if profile.start:
        return await open_process(profile.start, folder, values, world=world, clock=clock, answer_s=answer_s)
    if profile.asgi:
        return await _open_asgi(profile.asgi, folder, values, clock, answer_s)
    if profile.decide is not None:
        return await _open_decision(profile.decide, folder, values, clock)
    running = Url(str(profile.url), clock, answer_s)
    if gone := await running.ended():
        raise CannotStart(f"{gone}: start the router first, or give the profile `start:`")
    return running


class Url:
    """A router that runs already."""

    def __init__(self, url: str, clock: Clock, answer_s: float) -> None:
        self._client = HttpClient()
        self._clock = clock
        self._answer_s = answer_s
        self.base = url.rstrip("/")

    async def send(
        self,
        request: Request,
        *,
        on_piece: OnPiece | None = None,
        give_up: asyncio.Event | None = None,
        within_s: float | None = None,
    ) -> Exchange:
        """One exchange over a connection of its own."""
        return await self._client.send(
            request, clock=self._clock, on_piece=on_piece, give_up=give_up, timeout_s=within_s or self._answer_s
        )

    async def ended(self) -> str | None:
        """Whether nobody listens there any more: all that can be told of a router that others started."""
        target = target_of(self.base)
        try:
            async with asyncio.timeout(ACCEPTS_S):
                tls = tls_context(target.host) if target.scheme == "https" else None
                _, writer = await asyncio.open_connection(target.host, target.port, ssl=tls)
        except ssl.SSLError as error:
            return (
                f"{self.base} does not speak TLS as it should ({error}); SSL_CERT_FILE may name certificates of yours"
            )
        except (OSError, TimeoutError) as error:
            return f"nobody accepts connections at {self.base} ({getattr(error, 'strerror', None) or 'timeout'})"
        writer.close()
        return None

    def output(self) -> None:
        """Its log is with those who started it."""

    async def close(self) -> None:
        """Close the connections; the router goes on."""
        await self._client.close()


class InProcess:
    """An ASGI application in this process."""

    base = "http://router.test"

    def __init__(self, app: AsgiApp, clock: Clock, answer_s: float) -> None:
        self._app = app
        self._clock = clock
        self._answer_s = answer_s

    async def send(
        self,
        request: Request,
        *,
        on_piece: OnPiece | None = None,
        give_up: asyncio.Event | None = None,
        within_s: float | None = None,
    ) -> Exchange:
        """One call of the application."""
        return await self._app.send(
            request, clock=self._clock, on_piece=on_piece, give_up=give_up, timeout_s=within_s or self._answer_s
        )

    async def ended(self) -> str | None:
        """It lives as long as we do."""
        return None

    def output(self) -> None:
        """It writes where all of this process does."""

    async def close(self) -> None:
        """Shut the application down."""
        await self._app.close()


class Deciding:
    """A bare decision. The request's body is the question, the response's the decision; both JSON."""

    base = ""

    def __init__(self, decider: CallableDecider | ProgramDecider, clock: Clock) -> None:
        self._decider = decider
        self._clock = clock

    async def send(
        self,
        request: Request,
        *,
        on_piece: OnPiece | None = None,  # noqa: ARG002 - a decision comes whole,
        give_up: asyncio.Event | None = None,  # noqa: ARG002 - and nobody leaves before it,
        within_s: float | None = None,  # noqa: ARG002 - and no upstream keeps it waiting
    ) -> Exchange:
        """One question."""
        start = self._clock()
        said = await self._decider.decide(request.json())
        end = self._clock()
        if isinstance(said, Undecided):
            return Exchange(request, None, said.error, start, end)
        answer = {"route": said.route, "tier": said.tier, "refuse": said.refusal}
        return Exchange(
            request, Response(HTTP_OK, (), (Piece(end, json.dumps(answer).encode()),), end), None, start, end
        )

    async def ended(self) -> str | None:
        """A program that ends is started again for the next question."""
        return None

    def output(self) -> None:
        """Its output is its answers."""

    async def close(self) -> None:
        """End the program."""
        await self._decider.stop()


async def _open_asgi(asgi: Asgi, folder: Path, values: Values, clock: Clock, answer_s: float) -> InProcess:
    copy_into_scratch(read_sources(asgi.files, folder), values)
    try:
        with _environ({name: values.fill(value) for name, value in asgi.env.items()}):
            app = AsgiApp(load_app(asgi.app, folder, factory=asgi.factory))
        await app.start()
    except (LoadError, LifespanError) as error:
        raise CannotStart(str(error)) from error
    return InProcess(app, clock, answer_s)


async def _open_decision(decide: str | Decide, folder: Path, values: Values, clock: Clock) -> Deciding:
    try:
        if isinstance(decide, str):
            return Deciding(CallableDecider(decide, folder), clock)
        command = [values.fill(word) for word in decide.command]
        environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        given = {name: values.fill(value) for name, value in decide.env.items()}
        environment |= {"HOME": str(values.scratch)} | given
        program = ProgramDecider(command, folder / decide.cwd, environment)
        await program.start()
        return Deciding(program, clock)
    except (LoadError, StartError) as error:
        raise CannotStart(str(error)) from error


@contextmanager
def _environ(given: Mapping[str, str]) -> Iterator[None]:
    """`os.environ` with `given` in it while an application is imported and made."""
    before = dict(os.environ)
    os.environ.update(given)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
