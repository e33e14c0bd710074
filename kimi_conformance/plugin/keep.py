"""`--kimi-keep`: both legs of every trip, in a file beside the router's log and its rendered configuration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kimi_conformance.exchange_json import to_json
from kimi_conformance.reporting.redact import redactor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kimi_conformance.contract.trip import Play
    from kimi_conformance.router.run import Run
    from kimi_conformance.router.verdicts import Judged

FILE = "exchanges.jsonl"


def keep_exchanges(folder: Path, judged: Mapping[str, Judged], run: Run) -> None:
    """Write `exchanges.jsonl`: a line per exchange with its case, trip (from 1) and leg; secrets are replaced."""
    redact = redactor(run.bench.secrets)
    with (folder / FILE).open("w", encoding="utf-8") as file:
        for case, one in judged.items():
            if one.play:
                file.writelines(f"{redact(json.dumps(line, ensure_ascii=False))}\n" for line in _lines(case, one.play))


def _lines(case: str, play: Play) -> Iterator[dict[str, object]]:
    for number, trip in enumerate(play.trips, 1):
        yield {"case": case, "trip": number, "leg": "client", "exchange": to_json(trip.client)}
        for arrival in trip.arrivals:
            leg = f"upstream {arrival.upstream}"
            yield {"case": case, "trip": number, "leg": leg, "exchange": to_json(arrival.exchange)}
