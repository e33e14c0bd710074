"""`serve`: the offline Kimi, until it is interrupted."""

from __future__ import annotations

import asyncio
import math
import secrets
import signal
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlsplit

import typer

from kimi_conformance.cli.exits import USAGE
from kimi_conformance.cli.output import tell, write
from kimi_conformance.cli.run_options import DateOption
from kimi_conformance.cli.surroundings import ENDING, Interrupted
from kimi_conformance.faults.serving import BEHAVIOURS
from kimi_conformance.faults.wire import WIRE, DoesNotFit
from kimi_conformance.registry.contracts import catalogue
from kimi_conformance.registry.problems import nearest
from kimi_conformance.serve import Account, Balance, Config, State, answerer, faulty
from kimi_conformance.upstream.gates import Gates
from kimi_conformance.upstream.server import PortTaken, StandIn

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.exchange import Exchange
    from kimi_conformance.faults.serving import Answer
    from kimi_conformance.serve.config import Platform

EXAMPLES: Final = """Examples:

\b
  kimi-conformance serve                           on port 8080, with keys made for this start
  kimi-conformance serve --port 0 --key sk-mine    on any free port, with a key of your own
  kimi-conformance serve --delay 0.05              streams at a human pace
  kimi-conformance serve --rpm 3                   an account of the lowest tier: 429 after three requests a minute
  kimi-conformance serve --balance 0               an account without money: 429 of the other kind
  kimi-conformance serve --date 2027-01-01         a day on which the K2 series is retired
  kimi-conformance serve --fault all-401           an API with a defect

\b
One request can ask for trouble by a header: x-serve: overload, rate, quota, content_filter, too_long, agents-only,
403, 500, 503 or 504. A prompt "Repeat exactly: TEXT" is answered with TEXT.
"""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the server, and what to say about it."""

    text: str
    account: Account
    about: str


def _key(text: str) -> str:
    if not text or " " in text or not (text.isascii() and text.isprintable()):
        raise typer.BadParameter("it is empty, or has blanks or characters that no header may have")
    return text


def serve(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.", show_default=True)] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 is any free one.", show_default=True)] = 8080,
    key: Annotated[
        str | None, typer.Option(parser=_key, metavar="KEY", help="The key of the platform. Default: a new one.")
    ] = None,
    delay: Annotated[
        float, typer.Option(min=0, metavar="S", help="Seconds before each event of a stream, or a whole answer.")
    ] = 0.0,
    rpm: Annotated[int | None, typer.Option(min=0, metavar="N", help="Requests a minute and key.")] = None,
    balance: Annotated[
        float | None, typer.Option(metavar="X", help="Money of the account; at 0 or less it is out of quota.")
    ] = None,
    on: DateOption = None,
    cn: Annotated[
        bool, typer.Option("--cn", help="Play api.moonshot.cn, not .ai: the other one's keys are 401.")
    ] = False,
    fault: Annotated[str | None, typer.Option(metavar="NAME", help="Serve with a defect; see --list-faults.")] = None,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="Print the defects, and leave.")] = False,
) -> None:
    """Serve an offline Kimi, to try clients and routers on.

    It answers, refuses and limits as the real one was observed to. Chat, streams, tools, the Anthropic face, responses,
    models, balance, tokens and files of the platform, and the coding host below /coding. It keeps what it remembers in
    memory, and runs until Ctrl-C.
    """
    if list_faults:
        write(_faults())
        return
    for option, number in (("--delay", delay), ("--balance", balance or 0.0)):
        if not math.isfinite(number):
            raise typer.BadParameter(f"{number} is no number that can be counted with", param_hint=option)
    wrap = _wrap(fault) if fault else None
    keys = _keys(key, rpm, cn=cn, funds=balance is None or balance > 0)
    config = Config(
        catalogue(),
        on or datetime.now(UTC).date(),
        {one.text: one.account for one in keys},
        host="platform-cn" if cn else "platform-ai",
        balance=Balance() if balance is None else Balance(0, balance),
        delay_s=delay,
    )
    answer = answerer(config, State(time.time))
    standin = StandIn(
        "kimi",
        wrap(answer) if wrap else answer,
        host=host,
        port=port,
        clock=lambda: time.monotonic() * 1000,
        on_arrival=lambda *_: None,
        on_done=lambda _, __, exchange: tell(_line(exchange)),
        gates=Gates(),
    )
    raise Interrupted(asyncio.run(_run(standin, keys, config.on)))


def _wrap(fault: str) -> Callable[[Answer], Answer]:
    """What serves with the defect of that name: a step of the server replaced, or each answer harmed where it fits.

    Raises `typer.BadParameter` for an unknown name.
    """
    if fault in BEHAVIOURS:
        return BEHAVIOURS[fault]
    if fault not in WIRE:
        near = nearest(fault, [*BEHAVIOURS, *WIRE])
        hint = f"did you mean '{near}'?" if near else "--list-faults prints them"
        raise typer.BadParameter(f"'{fault}' is no fault; {hint}", param_hint="--fault")
    harm = WIRE[fault].apply

    def harmed(exchange: Exchange) -> Exchange:
        try:
            return harm(exchange)
        except DoesNotFit:
            return exchange

    return lambda answer: faulty(answer, harmed)


def _faults() -> str:
    """A line for each defect, those of the server's behaviour first."""
    behaviours = {name: f"{(step.__doc__ or '').splitlines()[0]}" for name, step in BEHAVIOURS.items()}
    found = behaviours | {name: fault.says for name, fault in WIRE.items() if name not in behaviours}
    width = max(map(len, found))
    return "".join(f"{name:<{width}}  {says}\n" for name, says in found.items())


async def _run(standin: StandIn, keys: tuple[Key, ...], on: date) -> int:
    """Serve until a signal comes. Its number."""
    # Not the handlers of the surroundings: what they raise would end in whichever task runs at that moment.
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            asyncio.get_running_loop().add_signal_handler(number, _settle, ended, number)
    try:
        await standin.start()
    except PortTaken:
        tell(f"port {standin.port} is in use; --port takes another one, and 0 any that is free")
        raise typer.Exit(USAGE) from None
    except OSError as error:
        tell(f"cannot listen on {urlsplit(standin.url).netloc}: {error.strerror or error}")
        raise typer.Exit(USAGE) from error
    try:
        write(_welcome(standin.url, keys, on))
        return await ended
    finally:
        await standin.stop()


def _settle(ended: asyncio.Future[int], number: int) -> None:
    if not ended.done():
        ended.set_result(number)


def _keys(given: str | None, rpm: int | None, *, cn: bool, funds: bool) -> tuple[Key, ...]:
    """The keys of a start: one that works, one without money, one of the other platform, one of the coding host."""
    here: Platform = "platform-cn" if cn else "platform-ai"
    there: Platform = "platform-ai" if cn else "platform-cn"
    return (
        Key(given or _new("sk-"), Account(here, funds, rpm), "/v1, /anthropic"),
        Key(_new("sk-"), Account(here, funds=False, rpm=rpm), "the same, out of money"),
        Key(_new("sk-"), Account(there), f"of {there}: 401 here"),
        Key(_new("sk-kimi-"), Account("coding", funds, rpm), "/coding"),
    )


def _new(prefix: str) -> str:
    return prefix + secrets.token_hex(24)


def _welcome(url: str, keys: tuple[Key, ...], on: date) -> str:
    listed = "".join(f"  {key.text:60}  {key.about}\n" for key in keys)
    return f"""\
The offline Kimi of {on} listens on {url} until Ctrl-C.

{listed}
  curl {url}/v1/chat/completions -H 'Authorization: Bearer {keys[0].text}' -H 'Content-Type: application/json' \\
    -d '{{"model": "kimi-k3", "messages": [{{"role": "user", "content": "hello"}}]}}'

"""


def _line(exchange: Exchange) -> str:
    request = exchange.request
    return f"{request.method} {urlsplit(request.url).path} {exchange.status or exchange.error}"
