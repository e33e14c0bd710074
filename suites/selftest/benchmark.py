"""How long runs take, and where the time goes: `python suites/selftest/benchmark.py`. No test is timed.

Times are wall time, but for the CPU line, which is steadier on a busy machine: user time of the command and of the
router together. Targets are for 2 cores with nothing else to do (look at the load), and are measured by the median.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from benchmark_api import judged_chunks, live_ms, replay_s, validated_chunks
from benchmark_parts import answers, json_diff, one_line, single_bytes, small_events
from benchmark_runs import Failed, Run, measure
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUTERS: Final = {
    "reference-asgi": "the reference in this process",
    "reference": "the reference under uvicorn",
    "operator-node": "the Node example",
}
WHOLE_S: Final = {"reference-asgi": 5.0, "operator-node": 15.0}
RATIO: Final = 3.0
NEEDS_NODE: Final = frozenset({"operator-node"})

PHASES: Final = {
    "import": "the command's imports",
    "collect": "pytest: imports and items",
    "plan": "the plan alone, made twice",
    "open": "start of the router",
    "play": "play",
    "judge": "judge",
    "report": "records, reports, endings",
}
API: Final = (
    ("verify, the whole command", "s", 5.0, replay_s),
    ("verify --mode live on loopback, a case", "ms", 6.1, live_ms),  # a tenth of what Kimi-Vendor-Verifier takes
    ("a stream of 10,000 chunks, all laws", "chunks/s", 50_000.0, judged_chunks),
    ("the same, its schema by jsonschema alone", "chunks/s", None, validated_chunks),
)
PARTS: Final = (
    ("SSE reader, one line of 20 MB", "MB/s", one_line),
    ("SSE reader, 10 MB of small events", "MB/s", small_events),
    ("SSE reader, 1 MB a byte at a time", "MB/s", single_bytes),
    ("answers of one stand-in", "/s", answers),
    ("JSON diff of two bodies of 10 MB", "MB/s", json_diff),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, run by run; `target` is what its median may be at the most, or a rate at the least."""

    group: str
    name: str
    unit: str
    values: tuple[float, ...]
    target: float | None = None

    @property
    def best(self) -> float:
        """The least time, the highest rate."""
        return max(self.values) if self.is_rate else min(self.values)

    @property
    def is_rate(self) -> bool:
        """Whether more is better."""
        return self.unit.endswith("/s")

    @property
    def met(self) -> bool:
        """Whether the median keeps to the target."""
        middle, target = median(self.values), self.target or 0.0
        return middle >= target if self.is_rate else middle <= target


def main() -> None:
    """Measure, print, and write what `--json` asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="how often everything is measured (3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures, run by run")
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("--runs must be at least 1")
    console = Console(highlight=False)
    here = machine()
    console.print(", ".join(f"{name} {value}" for name, value in here.items()) + "\n")
    try:
        figures = measured(options.runs, console)
    except Failed as error:
        sys.exit(f"benchmark: {error}")
    if options.json:
        options.json.write_text(json.dumps(here | document(figures), indent=1) + "\n", "utf-8")


def measured(times: int, console: Console) -> list[Figure]:
    """All figures, each printed as soon as it is known. Raises `Failed`."""
    figures: list[Figure] = []
    for router, title in ROUTERS.items():
        if router in NEEDS_NODE and not shutil.which("node"):
            console.print(f"{title} ({router}): not run, there is no node here\n", style="yellow")
            continue
        runs = [measure(router) for _ in range(times)]
        figures += shown(console, f"{title}: {runs[0].cases} cases, {runs[0].requests} requests", of(router, runs))
    figures += shown(
        console,
        "the API",
        [Figure("api", *what, tuple(work() for _ in range(times)), most) for *what, most, work in API],
    )
    parts = [Figure("parts", name, unit, tuple(work() for _ in range(times))) for name, unit, work in PARTS]
    return figures + shown(console, "parts", parts)


def of(router: str, runs: Sequence[Run]) -> list[Figure]:
    """The figures of a router's runs."""

    def seconds(phase: str) -> tuple[float, ...]:
        return tuple(run.seconds[phase] for run in runs)

    play = seconds("play")
    figures = [
        Figure(router, "check, the whole command", "s", seconds("whole"), WHOLE_S.get(router)),
        Figure(router, "user CPU time of that", "s", seconds("cpu")),
        *(Figure(router, f"  {name}", "s", seconds(phase)) for phase, name in PHASES.items()),
        Figure(router, "cases played", "/s", tuple(run.cases / time for run, time in zip(runs, play, strict=True))),
    ]
    if "loop" in runs[0].seconds:
        loop = seconds("loop")
        ratios = tuple(one / other for one, other in zip(play, loop, strict=True))
        figures.append(Figure(router, "the same requests, bare httpx loop", "s", loop))
        figures.append(Figure(router, "play / bare loop", "x", ratios, RATIO))
    return figures


def shown(console: Console, title: str, figures: list[Figure]) -> list[Figure]:
    """Print a table of `figures`, and return them."""
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("what", min_width=36)
    table.add_column("median", justify="right", min_width=8)
    table.add_column("best", justify="right", min_width=8)
    table.add_column("unit")
    table.add_column("target", min_width=11)
    for figure in figures:
        middle = median(figure.values)
        target = ""
        if figure.target is not None:
            bound = "≥" if figure.is_rate else "≤"
            target = f"{bound} {figure.target:g} {'[green]met' if figure.met else '[red]missed'}[/]"
        table.add_row(figure.name, number(middle), number(figure.best), figure.unit, target)
    console.print(table)
    console.print()
    return figures


def number(value: float) -> str:
    """Two decimals where they mean something."""
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}"


def machine() -> dict[str, object]:
    """Where this is measured, and how busy it is there."""
    return {"python": platform.python_version(), "cpus": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}


def document(figures: Sequence[Figure]) -> dict[str, object]:
    """What `--json` writes of them."""
    return {"figures": [asdict(one) | {"median": median(one.values), "best": one.best} for one in figures]}


if __name__ == "__main__":
    main()
