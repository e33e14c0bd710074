"""`check --url`: a profile for a router of which only the address is known."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import typer

from kimi_conformance.contract.catalogue import live
from kimi_conformance.matrix import slug
from kimi_conformance.registry.contracts import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

NAME: Final = "unseen"


@contextmanager
def profile_of(url: str, *, models: Sequence[str], key_env: str | None, on: date) -> Iterator[str]:
    """The path of a profile for the router at `url`, there as long as it is needed. Raises `typer.BadParameter`."""
    base = _base(url)
    named = list(models) or [model.id for model in live(catalogue(), "platform", on)][:1]
    if key_env and not os.environ.get(key_env):
        raise typer.BadParameter(f"there is no {key_env} in the environment", param_hint="--key-env")
    profile = {
        "name": slug(urlsplit(base).netloc.replace(":", "-")),
        "url": base,
        "assumed": True,
        "surfaces": {"chat": "/v1/chat/completions", "models": "/v1/models"},
        "client_headers": {"authorization": f"Bearer {{env.{key_env}}}"} if key_env else {},
        "upstreams": {NAME: {"speaks": "openai"}},
        "routes": {NAME: {"upstream": NAME}},
        "policy": {"models": dict.fromkeys(named, NAME)},
    }
    with tempfile.TemporaryDirectory(prefix="kimi-conformance-") as folder:
        path = Path(folder) / "router.yaml"
        path.write_text(json.dumps(profile, indent=2), "utf-8")
        yield str(path)


def _base(url: str) -> str:
    """What stands before `/v1`."""
    try:
        parts = urlsplit(url)
        fit = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        fit = False
    if not fit:  # what it says is not repeated: people put keys there
        raise typer.BadParameter("it is no base URL: it takes the form http://127.0.0.1:18903", param_hint="--url")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix('/v1')}"
