"""The driver `asgi`, through the bench: an application in our own process."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import pytest

from suites.selftest.driving import ask, cannot_start, opened, told

if TYPE_CHECKING:
    from pathlib import Path

    from kimi_conformance.router.bench import Bench

FACTORY = """
import json, os, pathlib

made = {"at import": os.environ["MARK"]}

def make():
    made["in factory"], made["file"] = os.environ["MARK"], pathlib.Path(os.environ["CONFIG"]).read_text()
    return app

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": os.environ.get("LIFESPAN", "lifespan.startup.complete"), "message": "no database"})
        return
    body = json.dumps({**made, "at call": os.environ.get("MARK")}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})
"""


def test_an_application_gets_files_and_environment_while_it_is_made_and_leaves_ours_alone(tmp_path: Path) -> None:
    (tmp_path / "made_app.py").write_text(FACTORY, "utf-8")
    (tmp_path / "template").write_text("{upstream.main} {untouched}", "utf-8")
    env = {"MARK": "{secret.main}", "CONFIG": "{scratch}/deep/config"}
    asgi = {"app": "made_app:make", "factory": True, "env": env, "files": {"deep/config": "template"}}

    async def made() -> tuple[dict[str, Any], Bench]:
        async with opened(tmp_path, asgi=asgi) as bench:
            return told(await bench.trip(ask())), bench

    before = dict(os.environ)
    said, bench = asyncio.run(made())
    assert dict(os.environ) == before
    key = bench.secrets["main"]
    assert said == {"at import": key, "in factory": key, "at call": None, "file": said["file"]}
    assert said["file"].startswith("http://127.0.0.1:")
    assert said["file"].endswith(" {untouched}")


@pytest.mark.parametrize(
    ("app", "why"),
    [("no_such_module:app", "there is no module no_such_module"), ("made_app:nothing", "no attribute 'nothing'")],
)
def test_an_application_that_cannot_be_had_is_said(app: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "made_app.py").write_text("app = None", "utf-8")
    assert why in cannot_start(tmp_path, asgi=app)
