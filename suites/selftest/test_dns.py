"""The name server of a router's own network: what it answers, what it tells of, and that nothing upsets it."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_conformance.router.dns import LONGEST, answer, read
from kimi_conformance.router.names import Names

BOUND_S: Final = 10
HOST: Final = "api.portkey.ai"
A, NS, TXT, AAAA, CHAOS = 1, 2, 16, 28, 3
OK, NO_SUCH_NAME = 0, 3


def question(name: str, kind: int = A, *, flags: int = 0x0100, network: int = 1, counts: Any = (1, 0, 0, 0)) -> bytes:
    labels = b"".join(bytes((len(label),)) + label.encode() for label in name.split(".") if label)
    return struct.pack(">6H", 4711, flags, *counts) + labels + b"\0" + struct.pack(">2H", kind, network)


def answered(message: bytes, *hosts: str) -> tuple[int, str, list[str]]:
    """The code of the answer, its address, and what was told of."""
    told: list[str] = []
    said = Names(hosts or (HOST,), told.append).answer(message)
    assert said is not None
    number, flags, *counts = struct.unpack_from(">6H", said)
    assert (number, flags & 0xFF80, counts[0], counts[2:]) == (4711, 0x8180, 1, [0, 0])
    asked = message[12 : message.index(b"\0", 12) + 5]
    assert said[12:].startswith(asked)
    record = said[12 + len(asked) :]
    if not counts[1]:
        assert record == b""
        return flags & 0xF, "", told
    assert record[:12] == struct.pack(">3HIH", 0xC00C, A, 1, 0, 4)
    return flags & 0xF, socket.inet_ntoa(record[12:]), told


@pytest.mark.parametrize(
    ("name", "kind", "due"),
    [
        (HOST, A, (OK, "127.0.0.1", [])),
        ("API.Portkey.AI", A, (OK, "127.0.0.1", [])),
        (HOST, AAAA, (OK, "", [])),
        (HOST, TXT, (OK, "", [])),
        ("localhost", A, (OK, "127.0.0.1", [])),
        ("a.localhost", AAAA, (OK, "", [])),
        (socket.gethostname(), A, (OK, "127.0.0.1", [])),
        ("Telemetry.example.com", A, (NO_SUCH_NAME, "", ["telemetry.example.com"])),
        ("telemetry.example.com", AAAA, (NO_SUCH_NAME, "", ["telemetry.example.com"])),
        ("api.portkey.ai.example.com", A, (NO_SUCH_NAME, "", ["api.portkey.ai.example.com"])),
        ("redis", A, (NO_SUCH_NAME, "", ["redis"])),
        ("white space/?", A, (NO_SUCH_NAME, "", ["white\\032space\\047\\063"])),
        ("8.8.8.8.in-addr.arpa", 12, (NO_SUCH_NAME, "", [])),
        ("_grpc._tcp.example.com", 33, (NO_SUCH_NAME, "", [])),
        ("", NS, (NO_SUCH_NAME, "", [])),
        ("", A, (NO_SUCH_NAME, "", [])),
    ],
)
def test_what_is_played_is_here_and_what_else_would_be_called_is_told(name: str, kind: int, due: Any) -> None:
    assert answered(question(name, kind)) == due


def test_a_question_in_another_kind_of_network_is_about_no_call() -> None:
    assert answered(question("version.bind", TXT, network=CHAOS)) == (NO_SUCH_NAME, "", [])
    assert answered(question(HOST, A, network=CHAOS)) == (OK, "", [])


def test_what_follows_the_question_is_not_read() -> None:
    options = b"\0" + struct.pack(">2HIH", 41, 1232, 0, 0)
    assert answered(question("b.test", counts=(1, 0, 0, 1)) + options) == (NO_SUCH_NAME, "", ["b.test"])


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(question("a.test")[:12], id="head-only"),
        pytest.param(question("a.test")[:-1], id="cut-short"),
        pytest.param(question("a.test")[:15], id="cut-in-a-label"),
        pytest.param(question("a.test", flags=0x8100), id="an-answer"),
        pytest.param(question("a.test", flags=0x2800), id="an-update"),
        pytest.param(question("a.test", flags=0x0300), id="truncated"),
        pytest.param(question("a.test", counts=(0, 0, 0, 0)), id="no-question"),
        pytest.param(question("a.test", counts=(2, 0, 0, 0)), id="two-questions"),
        pytest.param(question("a.test", counts=(1, 1, 0, 0)), id="with-answers"),
        pytest.param(question("a" * 64 + ".test"), id="a-label-too-long"),
        pytest.param(question(".".join(["a" * 63] * 4) + ".test"), id="a-name-too-long"),
        pytest.param(question("")[:12] + b"\xc0\x0c\0\1\0\1", id="a-pointer-to-itself"),
        pytest.param(question("a.test") + bytes(LONGEST), id="too-long"),
    ],
)
def test_what_is_no_question_is_not_answered(message: bytes) -> None:
    assert Names((HOST,), pytest.fail).answer(message) is None


@given(st.binary(max_size=2 * LONGEST) | st.binary(max_size=300).map(lambda tail: question("")[:12] + tail))
def test_nothing_upsets_it_and_what_it_says_is_bounded(message: bytes) -> None:
    told: list[str] = []
    said = Names((HOST,), told.append).answer(message)
    assert (said is None) is (read(message) is None)
    assert len(said or b"") <= len(message) + 16
    assert all(len(name) <= 4 * 255 and name.isascii() and name.isprintable() for name in told)


LABELS: Final = st.lists(st.text("abcXYZ019-_", min_size=1, max_size=63), min_size=1, max_size=3)


@given(LABELS, st.sampled_from([A, AAAA]))
def test_every_name_is_read_as_it_was_written(labels: list[str], kind: int) -> None:
    name = ".".join(labels)
    asked = read(question(name, kind))
    assert asked is not None
    assert (asked.name, asked.for_address, asked.for_ipv4) == (name.lower(), True, kind == A)
    assert len(answer(asked, known=True)) == len(question(name, kind)) + (16 if kind == A else 0)


def test_it_answers_over_both_protocols_and_goes_on_after_nonsense() -> None:
    told: list[str] = []

    async def story() -> list[bytes | None]:
        names = Names((HOST,), told.append)
        loop = asyncio.get_running_loop()
        datagrams, _ = await loop.create_datagram_endpoint(lambda: names, local_addr=("127.0.0.1", 0))
        server = await asyncio.start_server(names.converse, "127.0.0.1", 0)
        async with asyncio.timeout(BOUND_S):
            with socket.socket(type=socket.SOCK_DGRAM) as asking:
                asking.settimeout(0)
                await loop.sock_connect(asking, datagrams.get_extra_info("sockname"))
                for message in (b"", b"nonsense", question(HOST)):
                    await loop.sock_sendall(asking, message)
                said: list[bytes | None] = [await loop.sock_recv(asking, LONGEST)]
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            for message in (question("a.test"), question(HOST), b"nonsense"):
                writer.write(len(message).to_bytes(2) + message)
            said += [await reader.readexactly(int.from_bytes(await reader.readexactly(2))) for _ in range(2)]
            assert await reader.read() == b""  # it hangs up on nonsense
            writer.close()
        datagrams.close()
        server.close()
        return said

    alone = Names((HOST,), lambda _: None)
    assert asyncio.run(story()) == [alone.answer(question(name)) for name in (HOST, "a.test", HOST)]
    assert told == ["a.test"]
