"""What a cell of the matrix depends on, as digests: a cell is valid as long as they are what they were.

A cell is one fault of the router (or a control) in one area, and has three:

- its row, what the fault does: its own function, and what this can call in `faults`. To add a fault beside it, or to
  change one, invalidates nothing.
- its column, the area: its cases as data (so that a suite may be rearranged freely), what its requirements ask for (not
  their words and evidence), and its checks with all that these can call.
- what is common to all: the code that plays, the stand-ins, the reference router, the oracle; the model catalogue
  without its words; the profiles with the files beside them; the day.

Of code counts what can be run (`reaching`), by what it does: neither comments, docstrings and layout, nor functions and
members that nobody mentions. Not counted are the readers of YAML (what they read is), ways to a router that no setting
takes, and libraries of others. A test plays cases and sees that all code of ours that ran is counted.

What one area sees of the others is not in its digest: two areas answer for what was seen in the whole run (leaks, calls
that nobody asked for). They are played with all others where they are stale, and not because others are.

The wire has one digest for everything: to compute it anew takes seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.requirement import AREAS
from kimi_conformance.faults import FAULTS, Fault
from kimi_conformance.judge import CHECKS
from kimi_conformance.killing.reaching import closure, code
from kimi_conformance.killing.setting import CONTROLS, DAY, SETTINGS, control_plan
from kimi_conformance.killing.sources import NAME, digest, package, source
from kimi_conformance.registry.contracts import catalogue, requirements, wire_schemas
from kimi_conformance.registry.home import PACKAGE, contracts, routing_suites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.killing.sources import Piece
    from kimi_conformance.registry.profiles import LoadedProfile

READERS: Final = frozenset(
    {
        *(f"{NAME}.registry*", f"{NAME}.matrix", f"{NAME}.sentences", f"{NAME}.killing.setting"),
        *(f"{NAME}.contract.{name}" for name in ("bodies", "frozen", "requirement", "result", "spelling")),
    }
)
"""What makes data of files, and cases of data; and the forms of files that say nothing beyond their data."""

NOT_TAKEN: Final = frozenset(
    {
        *(f"{NAME}.api*", f"{NAME}.reporting*"),
        *(f"{NAME}.router.{name}" for name in ("certificates", "decide*", "dns", "forward", "interception")),
        *(f"{NAME}.router.{name}" for name in ("namespace", "postgres")),
    }
)
"""Ways that no setting takes: live runs, hosts that are caught, namespaces, PostgreSQL, deciders."""

COMMON: Final = (
    *("killing.play", "killing.settling", "reference", "judge.ruling"),
    *("contract.catalogue", "router.case", "sse"),  # what readers and suites make is worked with everywhere
)
"""Where the code that is common to all begins."""

CALLED: Final = ("play", "settled", "app_from_env")
"""What is called of it; the last one by its address in the profiles."""

FAULTS_HOME: Final = f"{NAME}.faults"

WORDS: Final = {"says", "because", "evidence", "contradicts", "was"}
"""Members of a requirement that nobody judges by."""


@dataclass(frozen=True, slots=True)
class State:
    """The digests of a state of the sources: of what is common, of each area, of each fault and control."""

    common: str
    areas: Mapping[str, str]
    rows: Mapping[str, str]


def state() -> State:
    """The digests of what lies on disk now. Raises `ContractError`."""
    return State(_common(), {area: _area(area) for area in AREAS}, {**dict.fromkeys(CONTROLS, ""), **_rows()})


def wire_digest(specimens: str) -> str:
    """The digest of all that the faults of the wire are made and judged by. `specimens` are the healthy exchanges."""
    starts = [f"{NAME}.killing.wire", f"{NAME}.judge.api", *package(f"{NAME}.judge.api")]
    data = [*_asked(requirements("api").values()), _catalogue(), repr(wire_schemas().documents)]
    return digest([*code(closure(starts, but=READERS), ["wire_matrix"]), *data, specimens])


def common_modules() -> frozenset[str]:
    """The modules that are common to all cells."""
    but = READERS | NOT_TAKEN | {f"{NAME}.judge", f"{FAULTS_HOME}*"}
    return closure((f"{NAME}.{start}" for start in COMMON), but=but)


def area_modules(area: str) -> frozenset[str]:
    """The modules that judge an area: those in which one of its requirements stands, and what they import."""
    ids = {each.id for each in requirements("router").values() if each.area == area}
    checks = {module for module in package(f"{NAME}.judge") if ids & source(module).constants}
    checks |= {CHECKS[id_].__module__ for id_ in ids & CHECKS.keys()}
    return closure(checks, but=READERS)


def _common() -> str:
    profiles = [line for setting in SETTINGS for line in _profile(control_plan(setting).loaded)]
    return digest([*code(common_modules(), CALLED), _catalogue(), *profiles, DAY.isoformat()])


def _catalogue() -> str:
    """The model catalogue as data, without its words."""
    return catalogue().model_dump_json(exclude={"models": {"__all__": {"evidence", "note"}}}, exclude_defaults=True)


def _profile(loaded: LoadedProfile) -> Iterable[str]:
    """A profile as data, and the files that it names."""
    profile = loaded.profile
    yield profile.model_dump_json(exclude_defaults=True)
    names = [name for way in (profile.start, profile.asgi) if way for name in way.files.values()]
    names += [name for upstream in profile.upstreams.values() for name in upstream.configs.values()]
    yield from (f"{name}\n{(loaded.folder / name).read_text('utf-8')}" for name in sorted(names))


def _area(area: str) -> str:
    mine = [each for each in requirements("router").values() if each.area == area]
    ids = {each.id for each in mine}
    plans = map(control_plan, SETTINGS)
    cases = [repr(case) for plan in plans for case in plan.cases.values() if case.requirement in ids]
    return digest([*code(area_modules(area), (), but=another_check(area)), *_asked(mine), *cases])


def another_check(area: str) -> Callable[[str, Piece], bool]:
    """Whether a piece is a check of other areas alone."""
    mine = {function for id_, function in CHECKS.items() if id_.split(".")[1] == area}
    places = {(each.__module__, each.__code__.co_firstlineno) for each in set(CHECKS.values()) - mine}
    return lambda module, piece: (
        not piece.names and any(home == module and piece.lines[0] <= line <= piece.lines[1] for home, line in places)
    )


def _asked(mine: Iterable[Requirement]) -> Iterable[str]:
    """What requirements ask for, without the words."""
    return (each.model_dump_json(exclude=WORDS, exclude_defaults=True) for each in mine)


def _rows() -> Mapping[str, str]:
    values = ((home, value) for home in package(FAULTS_HOME) for value in vars(import_module(home)).values())
    homes = {value.id: home for home, value in values if isinstance(value, Fault)}
    but = frozenset({f"{NAME}.{part}*" for part in ("reference", "upstream", "exchange*", "sse*")} | {FAULTS_HOME})
    return {id_: digest(code(closure([homes[id_]], but=but), (), but=_another_fault(id_))) for id_ in FAULTS}


def _another_fault(fault: str) -> Callable[[str, Piece], bool]:
    return lambda _, piece: piece.declares in FAULTS and piece.declares != fault


def sources() -> Mapping[Path, tuple[int, int]]:
    """When each file that may count was last written, in ns, and its size: to see whether one is edited meanwhile."""
    files = (*PACKAGE.rglob("*.py"), *routing_suites().glob("*.py"), *contracts().rglob("*.yaml"))
    return {path: (found.st_mtime_ns, found.st_size) for path in files for found in [path.stat()]}
