"""`--webhook`: a message in Discord's form to somebody's webhook. One that fails is told of, and changes nothing."""

from __future__ import annotations

import os
import re
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlsplit

import httpx
import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S: Final = 10.0
LONGEST_S: Final = 30.0
TRIES: Final = 2
LONGEST_WAIT_S: Final = 5.0
VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

WebhookOption = Annotated[
    str | None,
    typer.Option(
        "--webhook",
        metavar="URL|NAME",
        help="Tell this webhook (Discord's form); better the NAME of the variable that has its address.",
    ),
]


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where to send. The address is a secret: whoever has it can write there."""

    url: str

    @property
    def host(self) -> str:
        """Its host, which may be told."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


def webhook_of(given: str | None, environment: Mapping[str, str] = os.environ) -> Webhook | None:
    """The webhook that `--webhook` names. Raises `typer.BadParameter`, which never repeats an address."""
    if given is None:
        return None
    named = "://" not in given
    if named and not VARIABLE.fullmatch(given):
        raise typer.BadParameter("it is neither an address nor the name of a variable", param_hint="--webhook")
    url = environment.get(given, "").strip() if named else given
    what = f"what {given} holds" if named else "it"
    if not url:
        raise typer.BadParameter(f"there is no {given} in the environment", param_hint="--webhook")
    if url.startswith("op://"):
        raise typer.BadParameter(
            f"{what} is an unresolved 1Password reference: start the command with `op run -- …`", param_hint="--webhook"
        )
    try:
        parts = urlsplit(url)
        fit = (
            parts.scheme in ("http", "https")
            and parts.hostname
            and parts.port != 0
            and url.isascii()
            and url.isprintable()
        )
    except ValueError:
        fit = False
    if not fit:
        raise typer.BadParameter(
            f"{what} is no address: it takes the form https://discord.com/api/webhooks/…", param_hint="--webhook"
        )
    return Webhook(url)


def send(webhook: Webhook, message: Mapping[str, Any], within_s: float = LONGEST_S) -> str | None:
    """Send the message; what went wrong, in words, without the address. It takes no longer than `within_s`.

    It is tried twice: after an error of the transport, a 429 whose wait is short, or a 5xx.
    """
    said: list[str | None] = [f"{webhook.host} was not done after {within_s:g} s"]

    def tried() -> None:
        said[0] = _tried(webhook, message)

    thread = threading.Thread(target=tried, daemon=True)
    thread.start()
    thread.join(within_s)
    return said[0]


def _tried(webhook: Webhook, message: Mapping[str, Any]) -> str | None:
    said = "nothing was sent"
    with httpx.Client(timeout=TIMEOUT_S, follow_redirects=False) as client:
        for attempt in range(TRIES):
            said, wait = _once(client, webhook, message)
            if wait is None or wait > LONGEST_WAIT_S:
                break
            if attempt + 1 < TRIES:
                time.sleep(wait)
    return said or None


def _once(client: httpx.Client, webhook: Webhook, message: Mapping[str, Any]) -> tuple[str, float | None]:
    """What went wrong, empty where nothing did, and after how long it may be tried again; None: not at all."""
    try:
        with client.stream("POST", webhook.url, json=message) as response:
            status, wait = response.status_code, response.headers.get("retry-after", "")
    except httpx.HTTPError as error:
        return f"{webhook.host}: {type(error).__name__}", 1.0
    except (httpx.InvalidURL, UnicodeError):
        return f"{webhook.host}: its address cannot be asked", None
    if status in range(HTTPStatus.OK, HTTPStatus.MULTIPLE_CHOICES):
        return "", None
    again = status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return f"{webhook.host} answered {status}", _seconds(wait) if again else None


def _seconds(wait: str) -> float:
    try:
        return max(0.0, float(wait))
    except ValueError:
        return 1.0
