"""Hosts that a program has hard-coded are played by stand-ins: whatever it calls them with, its code stays as it is."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.router.interception import Interception
from kimi_conformance.router.outside import host_of, proxied, refuse
from kimi_conformance.upstream.script import Script, Send
from kimi_conformance.upstream.watched import Watched, watched
from suites.selftest.node_examples import NODE, needs_node

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

HOST: Final = "api.portkey.ai"
BODY: Final = "{" + '"model": "kimi-k3", "pad": "' + "x" * 300_000 + '"}'
BOUND_S: Final = 20

URLLIB: Final = """
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], data=sys.stdin.buffer.read(), method="POST")
with urllib.request.urlopen(request, timeout=10) as answer:
    print(answer.status, answer.read().decode())
"""
HTTPX: Final = """
import sys, httpx
answer = httpx.post(sys.argv[1], content=sys.stdin.buffer.read(), timeout=10)
print(answer.status_code, answer.text)
"""
FETCH: Final = """
const { text } = require('node:stream/consumers');
text(process.stdin).then((body) => fetch(process.argv[1], { method: 'POST', body }))
  .then(async (answer) => console.log(answer.status, await answer.text()))
  .catch((error) => { console.log(error.cause?.code ?? error.message); });
"""
REQUEST: Final = """
const { text } = require('node:stream/consumers');
const request = (url, then) => require(url.split(':')[0]).request(url, { method: 'POST' }, then);
text(process.stdin).then((body) => {
  const sent = request(process.argv[1], async (answer) => console.log(answer.statusCode, await text(answer)));
  sent.on('error', (error) => console.log(error.code)).end(body);
});
"""
CURL: Final = (
    "curl",
    "--silent",
    "--show-error",
    "--max-time",
    "10",
    "--data-binary",
    "@-",
    "--write-out",
    " %{http_code}",
)

PROGRAMS: Final = [
    pytest.param((sys.executable, "-c", URLLIB), id="urllib"),
    pytest.param((sys.executable, "-c", HTTPX), id="httpx"),
    pytest.param((NODE, "-e", FETCH), id="node-fetch", marks=needs_node),
    pytest.param((NODE, "-e", REQUEST), id="node-https", marks=needs_node),
    pytest.param(
        CURL, id="curl", marks=pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed: not run")
    ),
]


@dataclass
class Caught:
    """What a program's environment is, what came to the stand-ins, and what was lost on the way."""

    env: dict[str, str]
    api: Watched
    outside: Watched
    lost: list[tuple[str, str]] = field(default_factory=list)

    async def run(self, command: Sequence[str], url: str) -> str:
        """What a program prints that posts a body to `url`."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *command, url, env=self.env, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await process.communicate(BODY.encode())
        return said.decode().strip()


@asynccontextmanager
async def caught(folder: Path) -> AsyncIterator[Caught]:
    answer = Script(200, (("Content-Type", "text/plain"),), (Send(b"ca"), Send(b"ught")), framing="chunked")
    async with (
        asyncio.timeout(BOUND_S),
        watched(answer) as (api, seen),
        watched(refuse) as (outside, refused),
    ):
        lost: list[tuple[str, str]] = []
        interception = Interception({HOST: api}, outside, lambda host, why: lost.append((host, why)))
        await interception.start()
        env = proxied(f"http://127.0.0.1:{interception.proxy}") | interception.environment(folder)
        try:
            yield Caught(env | {"PATH": os.environ["PATH"]}, seen, refused, lost)
        finally:
            await interception.stop()


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("command", PROGRAMS)
def test_a_call_of_a_literal_host_comes_to_its_stand_in(command: tuple[str, ...], scheme: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with caught(tmp_path) as found:
            said = await found.run(command, f"{scheme}://{HOST}/v1/chat/completions?a=b")
            assert "".join(sorted(said)) == "".join(sorted("200 caught")), said
            request = (await found.api.exchange()).request
            assert (request.method, request.url, request.body) == ("POST", "/v1/chat/completions?a=b", BODY.encode())
            assert request.header("host") == HOST
            assert found.lost == []

    asyncio.run(story())


@pytest.mark.parametrize("command", PROGRAMS)
def test_a_call_of_any_other_host_is_refused_and_told(command: tuple[str, ...], tmp_path: Path) -> None:
    async def story() -> None:
        async with caught(tmp_path) as found:
            said = await found.run(command, "https://api.moonshot.test/v1")
            assert "caught" not in said
            request = (await found.outside.exchange()).request
            assert (request.method, host_of(request)) == ("CONNECT", "api.moonshot.test:443")
            assert found.api.arrivals == []

    asyncio.run(story())


@pytest.mark.parametrize("command", PROGRAMS)
def test_a_program_that_trusts_others_only_is_told_about(command: tuple[str, ...], tmp_path: Path) -> None:
    async def story() -> None:
        async with caught(tmp_path) as found:
            for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
                del found.env[name]
            assert "caught" not in await found.run(command, f"https://{HOST}/v1")
            ((host, why),) = found.lost
            assert host == HOST
            assert why.startswith(f"the router did not take the suite's certificate for {HOST} (")
            assert "SSL_CERT_FILE" in why

    asyncio.run(story())


def test_a_stand_in_at_which_nobody_listens_is_refused(tmp_path: Path) -> None:
    async def story() -> None:
        async with caught(tmp_path) as found, watched(Script(200)) as (gone, _):
            await gone.deafen()
            interception = Interception({"gone.test": gone}, gone, lambda *_: None)
            await interception.start()
            try:
                env = found.env | {"https_proxy": f"http://127.0.0.1:{interception.proxy}"}
                found.env = env
                assert "502" in await found.run((sys.executable, "-c", URLLIB), "https://gone.test/")
            finally:
                await interception.stop()

    asyncio.run(story())


def test_what_is_no_request_is_let_go(tmp_path: Path) -> None:
    async def story() -> None:
        async with caught(tmp_path) as found:
            port = int(found.env["https_proxy"].rsplit(":", 1)[1])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"x" * 200_000)
            with suppress(ConnectionError):  # closed, or reset as so much was left unread
                assert await reader.read() == b""
            writer.close()
            assert found.outside.arrivals == []

    asyncio.run(story())
