"""The reference router between a client and its upstreams: whole calls, there and back."""

from __future__ import annotations

import asyncio
import gzip
import json

from kimi_conformance.reference import create
from suites.selftest.reference_bench import BODY, CHAT, KEY, MESSAGES, STREAM, ask, bench, run, shut_down, told

EVENTS = (b"data: one\n\n", b"data: two\xe2\x80\xa8\n\n", b"data: [DONE]\n\n")


def test_a_call_is_carried_there_and_back() -> None:
    async def story() -> None:
        async with bench() as made:
            status, headers, body = await ask(
                made.app, path=f"{CHAT}?beta=true", headers={"x-trace-id": "trace-1"}
            ).answer()
            assert (status, headers["content-type"], body) == (200, "application/json", b"ok")
            seen = await made.calls.get()
            assert (seen.target, seen.body) == (f"/portkey{CHAT}?beta=true", BODY)
            assert seen.headers["x-portkey-virtual-key"] == "moonshot-kimi-84f4a1"
            assert seen.headers["x-trace-id"] == "trace-1"
            assert KEY not in str(seen.headers)

    run(story())


def test_kimi_itself_and_the_plan_get_credentials_of_ours() -> None:
    async def story() -> None:
        async with bench() as made:
            await ask(made.app, b'{"model":"kimi-k3.1-pro-highspeed"}').answer()
            seen = await made.calls.get()
            assert (seen.target, seen.headers["authorization"]) == (f"/kimi{CHAT}", "Bearer {secret.kimi}")
            await ask(made.app, b'{"model":"claude"}', MESSAGES, headers={"x-agent-id": "dispo"}).answer()
            seen = await made.calls.get()
            assert (seen.target, seen.headers["x-api-key"]) == (f"/shortcut{MESSAGES}", "{secret.shortcut}")

    run(story())


def test_a_prefix_is_stripped_from_a_large_body() -> None:
    async def story() -> None:
        async with bench() as made:
            filler = b"\xe4\xb8\xad" * 1_000_000
            await ask(made.app, b'{"a":"' + filler + b'","model":"moonshot/kimi-k3"}').answer()
            assert (await made.calls.get()).body == b'{"a":"' + filler + b'","model":"kimi-k3"}'

    run(story())


def test_nothing_is_decoded_and_hop_by_hop_fields_stay_behind() -> None:
    zipped = gzip.compress(b"ok" * 100)
    head = f"HTTP/1.1 429 Slow Down\r\nContent-Encoding: gzip\r\nRetry-After: 7\r\nContent-Length: {len(zipped)}\r\n"
    hops = "Connection: keep-alive, X-Hop\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\nSet-Cookie: a=b\r\n\r\n"

    async def zip_it(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((head + hops).encode() + zipped)

    async def story() -> None:
        async with bench(zip_it) as made:
            status, headers, body = await ask(made.app, BODY.replace(b"kimi-k3", b"somebody")).answer()
            assert (status, body) == (429, zipped)
            assert headers == {
                "content-encoding": "gzip",
                "retry-after": "7",
                "content-length": str(len(zipped)),
                "set-cookie": "a=b",
            }

    run(story())


def test_a_stream_is_relayed_event_by_event() -> None:
    turns: asyncio.Queue[bytes] = asyncio.Queue()

    async def stream(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM)
        while event := await turns.get():
            writer.write(b"%x\r\n%b\r\n" % (len(event), event))
        writer.write(b"0\r\n\r\n")

    async def story() -> None:
        async with bench(stream) as made:
            client = ask(made.app)
            assert (await client.messages.get())["status"] == 200
            for event in EVENTS:
                turns.put_nowait(event)
                assert (await client.messages.get())["body"] == event
            turns.put_nowait(b"")
            assert await client.messages.get() == {"type": "http.response.body", "body": b""}
            await client.calling

    run(story())


def test_an_answer_is_relayed_though_the_upstream_has_not_read_the_whole_request() -> None:
    async def story() -> None:
        enough = asyncio.Event()

        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")
            await enough.wait()
            writer.transport.abort()

        server = await asyncio.start_server(refuse, "127.0.0.1", 0, limit=1024)
        app = create(told(server.sockets[0].getsockname()[1]))
        status, _, body = await ask(app, b'{"a":"' + b"x" * 20_000_000 + b'"}').answer()
        assert (status, body) == (413, b"no")
        enough.set()
        await shut_down(app)
        server.close()

    run(story())


def test_fifty_at_once_keep_apart() -> None:
    async def echo(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = await models.get()
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {len(name)}\r\n\r\n{name}".encode())

    models: asyncio.Queue[str] = asyncio.Queue()

    async def story() -> None:
        async with bench(echo) as made:
            clients = [ask(made.app, b'{"model":"%d"}' % number) for number in range(50)]
            for _ in clients:
                models.put_nowait(json.loads((await made.calls.get()).body)["model"])
            answers = [await client.answer() for client in clients]
            assert [answer[2] for answer in answers] == [b"%d" % number for number in range(50)]

    run(story())
