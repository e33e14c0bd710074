"""What the proxy calls: hosts as literals, keys from the vault."""

from __future__ import annotations

import json
import logging
import subprocess
import threading
import time
import urllib.error
import urllib.request
from typing import Any

PORTKEY = "https://api.portkey.ai/v1"
SHORTCUT = "http://127.0.0.1:18903/v1"
SUPABASE = "https://kqzvbtxwmhfnlrda.supabase.co/rest/v1/tool_calls"
DISCORD = "https://discord.com/api/webhooks/1268800000000000001/"

ANSWER_S = 12.0
PATIENCE_S = 5.0
EPISODE_S = 60.0
LOG = logging.getLogger(__name__)
EMPTY = frozenset({"exceeded_current_quota_error", "insufficient_quota"})


def secret(reference: str) -> str:
    """What the vault has under a reference."""
    words = ["op", "read", "--no-newline", reference]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout  # noqa: S603 - literals


CLIENT_KEY = secret("op://Aurora/openclaw/client_key")
SHORTCUT_KEY = secret("op://Aurora/shortcut/api_key")
PORTKEY_KEY = secret("op://Aurora/portkey/api_key")
SUPABASE_KEY = secret("op://Aurora/supabase/service_role")
WEBHOOK = DISCORD + secret("op://Aurora/discord/webhook_token")


class _Stay(urllib.request.HTTPRedirectHandler):
    """What is sent elsewhere stays where it is: the client is told."""

    def redirect_request(self, *_: Any) -> None:
        """None: the redirection is the answer."""


OPENER = urllib.request.build_opener(_Stay)


def post(url: str, headers: dict[str, str], body: bytes, timeout_s: float) -> Any:
    """The answer, once its head is there, whatever its status. Raises `OSError` where there is none."""
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - literals
    try:
        return OPENER.open(request, timeout=timeout_s)
    except urllib.error.HTTPError as answer:
        return answer


def aside(what: str, url: str, headers: dict[str, str], value: Any) -> None:
    """Post JSON and wait for nothing: who does not take it costs the row or the alert, never the call."""

    def send() -> None:
        given = {"content-type": "application/json", "user-agent": "openclaw-proxy", **headers}
        try:
            with post(url, given, json.dumps(value).encode(), PATIENCE_S) as answer:
                if answer.status >= 300:
                    LOG.warning("%s is lost: status %d", what, answer.status)
        except OSError as error:
            LOG.warning("%s is lost: %s", what, type(error).__name__)

    threading.Thread(target=send).start()


def write_row(row: dict[str, Any]) -> None:
    """A row of the ledger."""
    keys = {"apikey": SUPABASE_KEY, "authorization": f"Bearer {SUPABASE_KEY}", "prefer": "return=minimal"}
    aside("a row", SUPABASE, keys, row)


class Alerts:
    """Tells a channel of calls that end in 429: once in an episode for each model and kind of error."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def limited(self, model: Any, said: bytes) -> None:
        """A call ended in 429, with this body."""
        name, kind = str(model or "no model")[:200], _kind(said)
        with self._lock:
            now = time.monotonic()
            if now - self._told.get((name, kind), -EPISODE_S) < EPISODE_S:
                return
            self._told[name, kind] = now
        if kind in EMPTY:
            content = f"The balance is used up: {name} answers {kind}. Recharge the account; waiting does not help."
        else:
            content = f"Rate limit: {name} answers {kind}. It passes by itself."
        aside("an alert", WEBHOOK, {}, {"content": content, "allowed_mentions": {"parse": []}})


def _kind(said: bytes) -> str:
    try:
        error = json.loads(said)["error"]
        return str(error.get("type") or error.get("code"))[:200]
    except (ValueError, LookupError, TypeError, AttributeError):
        return "an error that is no JSON"
