"""What the benchmark measures of the API side: replay, live runs against the offline Kimi, and the judge."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from secrets import token_hex
from typing import Final

from benchmark_runs import COMMAND
from jsonschema import Draft202012Validator

from kimi_conformance.exchange import Exchange, Piece, Request, Response
from kimi_conformance.judge.api.judging import all_findings
from kimi_conformance.judge.api.law import Contract
from kimi_conformance.judge.api.sight import Sight
from kimi_conformance.registry.contracts import catalogue, requirements, wire_schemas

KEY: Final = f"sk-{token_hex(16)}"
PROGRAM: Final = (sys.executable, "-c", COMMAND)
CHUNKS: Final = 10_000
CHUNK: Final = {
    "id": "chatcmpl-6a5aba7e3fbb8333b875d4a9",
    "object": "chat.completion.chunk",
    "created": 1784330879,
    "model": "kimi-k3",
    "choices": [{"index": 0, "delta": {"content": "word "}, "finish_reason": None}],
    "system_fingerprint": "fpv0_25844b67",
}
USAGE: Final = {"prompt_tokens": 89, "completion_tokens": 9_998, "total_tokens": 10_087}


def replay_s() -> float:
    """Seconds of `verify`, from start to exit."""
    began = time.perf_counter()
    _run("verify")
    return time.perf_counter() - began


def live_ms() -> float:
    """Milliseconds a case of `verify --mode live` against `serve` on loopback, start-up left out."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        words = ("serve", "--port", "0", "--key", KEY)
        out, err = subprocess.PIPE, subprocess.DEVNULL
        server = subprocess.Popen([*PROGRAM, *words], stdout=out, stderr=err)  # noqa: S603 - our own program
        assert server.stdout is not None
        try:
            url = next(word for word in server.stdout.readline().decode().split() if word.startswith("http://"))
            environment = os.environ | {"MOONSHOT_API_KEY": KEY}
            words = ("verify", "--mode", "live", "--base-url", url, "--cap", "300", "--json", str(results))
            _run(*words, environment=environment)
        finally:
            server.terminate()
            server.wait()
        found = json.loads(results.read_text("utf-8"))
    judged = sum(found["totals"][verdict] for verdict in ("pass", "warn", "fail"))
    return float(found["duration_s"]) * 1000 / judged


def judged_chunks() -> float:
    """Chunks a second of one long stream that all laws judge, its reading included."""
    contract, laws = Contract(catalogue(), wire_schemas()), requirements("api")
    sight = _stream()
    began = time.perf_counter()
    found = list(all_findings(laws, sight, contract))
    took = time.perf_counter() - began
    assert found == []
    return CHUNKS / took


def validated_chunks() -> float:
    """Chunks a second that jsonschema validates, when they are read already."""
    validator = Draft202012Validator(wire_schemas().documents["chat.completion.chunk"])
    began = time.perf_counter()
    for _ in range(CHUNKS):
        validator.validate(CHUNK)
    return CHUNKS / (time.perf_counter() - began)


def _stream() -> Sight:
    first = {**CHUNK, "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]}
    last = {**CHUNK, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": USAGE}]}
    events = [first, *[CHUNK] * (CHUNKS - 2), last]
    pieces = tuple(Piece(0.0, f"data: {json.dumps(each)}\n\n".encode()) for each in events)
    asked = {"model": "kimi-k3", "messages": [{"role": "user", "content": "Go on."}], "stream": True}
    request = Request("POST", "https://api.moonshot.ai/v1/chat/completions", (), json.dumps(asked).encode())
    response = Response(200, (("content-type", "text/event-stream"),), (*pieces, Piece(0.0, b"data: [DONE]\n\n")))
    return Sight(Exchange(request, response), host="platform-ai")


def _run(*words: str, environment: dict[str, str] | None = None) -> None:
    command, nowhere = [*PROGRAM, *words], subprocess.DEVNULL
    subprocess.run(command, check=True, stdout=nowhere, stderr=nowhere, env=environment)  # noqa: S603 - our own program
