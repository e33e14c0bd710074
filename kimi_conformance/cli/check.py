"""`check`: the routing suites against one router."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from kimi_conformance.cli.checking import ByUrl, Check, checked
from kimi_conformance.cli.live_options import RpmOption, mode_option
from kimi_conformance.cli.run_options import (
    AllureOption,
    DateOption,
    HtmlOption,
    JsonOption,
    JunitOption,
    ListOption,
    OnlyOption,
    ProfileArgument,
    ShardOption,
)
from kimi_conformance.cli.running import Outputs, outputs_of
from kimi_conformance.registry.profiles import REFERENCE
from kimi_conformance.router.way import CAP, ONE_SIDED_CAP

EXAMPLES: Final = """Examples:

\b
  kimi-conformance check                                    the bundled reference router
  kimi-conformance check operator-node                      another bundled profile
  kimi-conformance check ./router.yaml                      your own
  kimi-conformance check ./router.yaml --list               its requirements and cases
  kimi-conformance check ./router.yaml --only 'router.gate.*'
  kimi-conformance check ./router.yaml --only CASE --keep traces
  kimi-conformance check litellm --install                  a router that is installed first
  kimi-conformance check ./router.yaml --smoke              three calls: the operator's criteria
  kimi-conformance check ./router.yaml --mode live --cap 20   real upstreams, both legs kept
  kimi-conformance check --url http://127.0.0.1:18903 --model kimi-k2.6 --key-env ROUTER_KEY
  kimi-conformance check --html report.html                 a page to look at in a browser
  kimi-conformance check --json results.json --junit junit.xml --allure allure-results

\b
Exit codes:
  0    conformant
  1    not conformant: a MUST does not hold, or a listed known failure fails no more
  2    a mistake in the profile or the options, or nothing was played
  3    nothing can be said: the router could not be started, a port was taken
  130  interrupted (Ctrl-C): what was played by then is reported; 143 by SIGTERM
"""


def check(
    profile: ProfileArgument = REFERENCE,
    *,
    mode: Annotated[str, mode_option("replay (default): between stand-ins; live: real upstreams.")] = "replay",
    smoke_: Annotated[
        bool, typer.Option("--smoke", help="Three calls: not 404, a row in the ledger, how long it took.")
    ] = False,
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="A router that runs already, without a profile.")
    ] = None,
    key_env: Annotated[
        str | None, typer.Option("--key-env", metavar="NAME", help="--url: the variable that has the client's key.")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option("--model", metavar="NAME", help="--url: a model to ask for; may be repeated.")
    ] = None,
    cap: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help=f"Live: at most so many calls. Default: {CAP}, one-sided {ONE_SIDED_CAP}."
        ),
    ] = None,
    rpm: RpmOption = None,
    only: OnlyOption = None,
    list_: ListOption = False,
    install_: Annotated[
        bool, typer.Option("--install", help="First install what the profile names, into the cache folder.")
    ] = False,
    json_: JsonOption = None,
    junit: JunitOption = None,
    html: HtmlOption = None,
    allure: AllureOption = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the router's log, its configuration and the exchanges.")
    ] = None,
    workers: Annotated[
        int, typer.Option("-n", min=1, metavar="N", help="Workers; each has a router and upstreams of its own.")
    ] = 1,
    concurrency: Annotated[int, typer.Option(min=1, metavar="N", help="Cases played side by side in a worker.")] = 32,
    shard: ShardOption = None,
    on: DateOption = None,
) -> None:
    """Check a router against the gating rules, from both sides.

    The suite is the client and every upstream: it starts the router of PROFILE between scripted stand-ins, sends it
    hundreds of requests, and judges by what arrives where. Without PROFILE it checks the bundled reference router.

    --mode live asks for real, and costs: stand-ins whose upstream has `live:` pass everything on and record both legs,
    {env.NAME} in the profile is a variable of yours. A requirement is shown by one call, if that can be; what needs an
    upstream that does as it is told is not observed. A router that runs already and calls nobody of ours (--url, or
    `url:` in a profile without `listen:`) is always asked for real, and only the client's side is seen: that a
    model is served, the list of models, the form and the end of answers and streams. All else is not observed.
    """
    if url is None and (key_env or model):
        raise typer.BadParameter("it goes with --url", param_hint="--key-env" if key_env else "--model")
    if url and profile != REFERENCE:
        raise typer.BadParameter("it needs no PROFILE: a profile of your own has it as `url:`", param_hint="--url")
    by_url = ByUrl(url, model or (), key_env) if url else None
    words = [
        *(("--url", url) if url else (profile,)),
        *(word for name in model or () for word in ("--model", name)),
        *(("--key-env", key_env) if key_env else ()),
        *(("--mode", mode) if mode != "replay" else ()),
    ]
    asked = Check(
        profile=url or profile,
        by_url=by_url,
        again=f"kimi-conformance check {shlex.join(words)}",
        on=on or datetime.now(UTC).date(),
        outputs=Outputs() if list_ else outputs_of(json_, junit, html=html, allure=allure, keep=keep),
        live=mode == "live",
        smoke=smoke_,
        cap=cap,
        rpm=rpm,
        only=only or (),
        list_=list_,
        install=install_,
        workers=workers,
        concurrency=concurrency,
        shard=shard,
    )
    raise typer.Exit(checked(asked))
