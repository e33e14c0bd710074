"""The steps of a night after Kimi was asked: what passed goes on the shelf; pages, badge; and routers, asked live."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.api.shelving import worth_more
from kimi_conformance.cassette.problems import BadCassette
from kimi_conformance.cassette.shelf import names, path_of, provenances
from kimi_conformance.cli.night_steps import SHORT_S, failing_in, read_json
from kimi_conformance.cli.night_walk import Came, step, wrong
from kimi_conformance.contract.night import Step
from kimi_conformance.contract.result import Results
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.reporting.write import write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from kimi_conformance.cli.night_child import Ended
    from kimi_conformance.cli.night_walk import Known, Wanted

ROUTER_S: Final = 2 * 3600.0
FOR_PAGES: Final = "jinja2"


def keep(known: Known, passed: Path, shelf: Path) -> None:
    """Put what passed tonight on the shelf, now that it was compared with what was there."""
    put = []
    try:
        for name in names(passed):
            tape, place = path_of(name, passed), path_of(name, shelf)
            if all(not worth_more(place, one.origin) for one in provenances(tape)):
                write_whole(place, tape.read_bytes())
                put.append(name)
    except (OSError, BadCassette) as error:
        known.add(Step(name="shelf", outcome="failed", code=3, says=f"{shelf}: {error}; {len(put)} were put there"))
        return
    known.add(Step(name="shelf", outcome="done", code=0, says=f"{len(put)} cassettes put on {shelf}"))


def report(known: Known, wanted: Wanted) -> None:
    """A page of the run that opens from disk."""
    page = wanted.out / "report.html"
    words = ["report", str(wanted.out / "results.json"), "--html", str(page)]
    step(known, wanted, "report", words, lambda ended: _written(ended, page.name), within_s=SHORT_S)


def badge(known: Known, wanted: Wanted) -> None:
    """The run in a line and a colour."""
    svg, data = wanted.out / "badge.svg", wanted.out / "badge.json"
    words = ["badge", str(wanted.out / "results.json"), "--svg", str(svg), "--json", str(data), "--label", "Kimi API"]
    step(known, wanted, "badge", words, lambda ended: _written(ended, f"{svg.name}, {data.name}"), within_s=SHORT_S)


def docs(known: Known, wanted: Wanted) -> None:
    """The reference page as it is after tonight: in the night's folder, or with --pages where it is committed."""
    if find_spec(FOR_PAGES) is None:
        known.leave_out("docs", "it needs pip install 'kimi-conformance[pages]'")
        return
    counts = wanted.out / "docs.json"
    words = [
        *("docs", "--json", str(counts)),
        *(() if wanted.pages else ("--out", str(wanted.out / "API.md"))),
        *(("--verification", str(wanted.verification)) if wanted.verification.is_file() else ()),
    ]

    def read(ended: Ended) -> Came:
        found = _counts(counts)
        if ended.code not in (0, 1) or not found:
            return wrong(ended)
        told = ", ".join(f"{found[name]} {name}" for name in ("live", "recorded", "observed", "documented", "failing"))
        if ended.code:
            return Came("stale", 1, f"{found['unsupported']} of {found['total']} statements have no evidence: {told}")
        return Came("done", 0, f"{found['total']} statements: {told}")

    step(known, wanted, "docs", words, read, within_s=SHORT_S)


def router(known: Known, wanted: Wanted, profile: str) -> None:
    """Check a router with real upstreams."""
    name = _name(known, profile)
    if known.stop and not wanted.router_only:
        known.leave_out(name, known.stop)
        return
    place = wanted.out / f"{name}.json"
    words = [
        *("check", profile, "--mode", "live", "--json", str(place)),
        *(("--cap", str(wanted.router_cap)) if wanted.router_cap else ()),
        *(("--date", wanted.on.isoformat()) if wanted.on else ()),
    ]

    def read(ended: Ended) -> Came:
        found = read_json(place, Results)
        known.routers[name] = found.conformant if found and ended.code in (0, 1) else None
        if ended.code not in (0, 1, 3) or found is None:
            return wrong(ended)
        counts = ", ".join(f"{count} {verdict}" for verdict, count in found.totals.items() if count)
        if failing := failing_in(found):
            return Came("not-conformant", 1, f"NOT CONFORMANT: {', '.join(failing)}; {counts}")
        if not found.totals.get(Verdict.PASS) or ended.code:
            known.routers[name] = None
            return Came("failed", 3, f"could not tell: {counts}")
        return Came("done", 0, f"conformant: {counts}")

    step(known, wanted, name, words, read, within_s=ROUTER_S)


def _written(ended: Ended, what: str) -> Came:
    return wrong(ended) if ended.code else Came("done", 0, f"{what} written")


def _counts(place: Path) -> dict[str, Any]:
    try:
        found = json.loads(place.read_bytes())
    except (OSError, ValueError):
        return {}
    statements = found.get("statements") if isinstance(found, dict) else None
    return statements if isinstance(statements, dict) else {}


def _name(known: Known, profile: str) -> str:
    """A name for a router's files: its own, with a number where two are called alike."""
    slug = re.sub(r"[^a-z0-9]+", "-", load_profile(profile, live=True).profile.name.lower()).strip("-") or "x"
    taken = {each.name for each in known.steps}
    again = (f"router-{slug}{f'-{n}' if n > 1 else ''}" for n in range(1, 1000))
    return next(name for name in again if name not in taken)
