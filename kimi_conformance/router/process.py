"""The `process` driver: a router of any language, started by the suite with an environment of its own."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from kimi_conformance.router import child, ready
from kimi_conformance.router.driver import CannotStart
from kimi_conformance.router.files import copy_into_scratch, read_sources
from kimi_conformance.router.http_client import HttpClient
from kimi_conformance.router.namespace import Namespace, possible
from kimi_conformance.router.outer import outer_value
from kimi_conformance.router.vault import put_op_into_scratch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from kimi_conformance.contract.reach import Start
    from kimi_conformance.exchange import Exchange, Request
    from kimi_conformance.router.arriving import OnPiece
    from kimi_conformance.router.outside import World
    from kimi_conformance.router.values import Values

NEWS_S: Final = 1.0
"""How long the news of a process's end may take to reach us after its sockets are closed, on a busy machine too."""

LISTENS_S: Final = 0.03
"""After so long a port that still accepts is looked at once more: a process that ends closes it last, or nearly so."""

PREPARE_S: Final = 60.0

LOG: Final = "router.log"

NODE_OPTIONS: Final = "NODE_OPTIONS"


class Process:
    """A router that runs as a process and answers on a port."""

    def __init__(
        self,
        running: child.Child,
        port: int,
        clock: Callable[[], float],
        answer_s: float,
        network: Namespace | None = None,
    ) -> None:
        """`network` is its own, where it has one."""
        self._child = running
        self.network = network
        self._dial = network.dial if network else asyncio.open_connection
        self._client = HttpClient(self._dial)
        self._clock = clock
        self._answer_s = answer_s
        self._port = port
        self.base = f"http://127.0.0.1:{port}"

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
        """How the process ended, if it did; where its port is closed, the news is waited for, at most `NEWS_S`."""
        if await self._listens():
            await asyncio.wait({self._child.exited}, timeout=LISTENS_S)
        if not self._child.exited.done() and not await self._listens():
            await asyncio.wait({self._child.exited}, timeout=NEWS_S)
        return self._child.exited.result().says if self._child.exited.done() else None

    async def _listens(self) -> bool:
        return await ready.accepts("127.0.0.1", self._port, NEWS_S, self._dial)

    def output(self) -> bytes:
        """Its log: the beginning and the end of it, where it is long."""
        return child.read_log(self._child.log)

    async def close(self) -> None:
        """End the process and all that it started."""
        await self._client.close()
        await self._child.stop()
        if self.network:
            self.network.close()


async def open_process(
    start: Start, folder: Path, values: Values, *, world: World, clock: Callable[[], float], answer_s: float
) -> Process:
    """Start the router of `start` and wait until it serves. `world` is the outer world as it finds it.

    Fills `values.ports` and `values.prepared`. Raises `CannotStart`.
    """
    sources = read_sources(start.files, folder)
    await values.choose_ports(*start.command, *start.env.values(), *sources.values(), values.profile.model_dump_json())
    copy_into_scratch(sources, values)
    environment = _environment(start, values, world.env)
    if start.fake_op:
        folder_of_op = put_op_into_scratch(start.fake_op, values)
        environment["PATH"] = os.pathsep.join(filter(None, (str(folder_of_op), environment.get("PATH"))))
    cwd = folder / values.fill(start.cwd)
    command = [values.fill(word) for word in start.command]
    port = values.ports["port"]
    running: child.Child | None = None
    network = None
    if world.hosts and not start.prepare and possible(command[0], cwd, environment):
        network = Namespace(world.hosts)
        command = network.command(command)
    try:
        running = await child.start(command, cwd=cwd, env=environment, log=values.scratch / LOG)
        if network:
            network = await _entered(network, world)
        until = start.ready
        await ready.wait_ready(
            running,
            host="127.0.0.1",
            port=port,
            path=until.path,
            status=until.status,
            timeout_s=until.timeout_s,
            dial=network.dial if network else asyncio.open_connection,
        )
        if start.prepare:
            words = [values.fill(word) for word in start.prepare]
            values.prepared = await _prepare(words, cwd, environment)
    except (child.StartError, ready.NeverReady) as error:
        await _let_go(running, network)
        raise CannotStart(str(error)) from error
    except (CannotStart, asyncio.CancelledError):
        await _let_go(running, network)
        raise
    return Process(running, port, clock, answer_s, network)


async def _entered(network: Namespace, world: World) -> Namespace | None:
    """The router's own network, with all that it calls in it; None where this machine does not allow one.

    The router then runs beside us, and only what heeds proxies, or what Node loads for us, is caught.
    """
    if not await network.enter():
        network.close()
        return None
    try:
        await network.listen(world.doors)
        if world.names:
            await network.answer(world.names)
        await network.begin()
    except OSError as error:
        raise CannotStart(f"the router's own network could not be furnished: {error}") from error
    return network


async def _let_go(running: child.Child | None, network: Namespace | None) -> None:
    if running:
        await running.stop()
    if network:
        network.close()


def _environment(start: Start, values: Values, world: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of the router: what every program needs, what the profile gives, nothing else."""
    passed = {name: value for name in ("PATH", "LANG", *start.pass_env) if (value := outer_value(name)) is not None}
    given = {name: values.fill(value) for name, value in start.env.items()}
    if NODE_OPTIONS in given and NODE_OPTIONS in world:
        given[NODE_OPTIONS] = f"{world[NODE_OPTIONS]} {given[NODE_OPTIONS]}"
    return {**passed, "HOME": str(values.scratch), **world, **given}


async def _prepare(command: list[str], cwd: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Run the set-up command of a router that serves already; its output is JSON, an object of strings."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
    )
    try:
        async with asyncio.timeout(PREPARE_S):
            out, err = await process.communicate()
    except TimeoutError:
        raise CannotStart(f"prepare: {command[0]} was not done after {PREPARE_S:g} s") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        said = err.decode("utf-8", "replace").strip()[-500:]
        raise CannotStart(f"prepare: {command[0]} ended with exit code {process.returncode}: {said}")
    try:
        said = json.loads(out)
    except ValueError as error:
        raise CannotStart(f"prepare: what {command[0]} printed is no JSON ({error}): {out[:200]!r}") from None
    if not isinstance(said, dict):
        raise CannotStart(f"prepare: {command[0]} printed no JSON object: {out[:200]!r}")
    return {name: str(value) for name, value in said.items()}
