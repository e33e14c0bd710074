"""reports/scoreboard.md: the scoreboard as a page. It carries dates, never ages."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from kimi_conformance.reporting.legible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kimi_conformance.contract.board import Board, Row, Scored, Word

HEAD: Final = """# Scoreboard

What real routers do with requests for Kimi, seen from both sides: the suite was the client and every upstream. Written
by `kimi-conformance scoreboard`, not to be edited by hand; [scoreboard.json](scoreboard.json) has the same as data.

- Each router ran in a version and a configuration of its own, which its profile in `contracts/routers` holds. Another
  configuration may come to other results.
- What a router does otherwise stands below in a sentence. Most of it was reproduced by hand, outside the suite; a
  sentence may cover more cases than were. What stands there as *not reviewed* is the suite's own word, and may be the
  suite's mistake.
- `direct` is no router but a relay that reads nothing, and says 502 where the upstream says nothing: the control.
- Upstreams were stand-ins on loopback. Nothing here says how well a router works in any other respect.
"""

SIGNS: Final[dict[Word, str]] = {
    "holds": "✓",
    "fails": "✗",
    "warns": "!",
    "unseen": "?",
    "infra": "E",
    "stale": "S",
    "not-applicable": "-",
}
LEGEND: Final = (
    "✓ holds · ✗ a MUST does not hold · ! differs, without breaking a MUST · "
    "? could not be seen · - does not apply · E could not be played · S is listed as failing and fails no more"
)
COUNTED: Final[tuple[Word, ...]] = ("holds", "fails", "warns", "unseen")
LONGEST: Final = 200

TITLES: Final[dict[Word, str]] = {
    "fails": "Fails",
    "stale": "Listed, and fails no more",
    "infra": "Could not be played",
    "warns": "Differs, without breaking a MUST",
    "unseen": "Could not be seen",
}


def page(board: Board) -> str:
    """The whole page."""
    played = [router for router in board.routers if router.problem is None]
    parts = [HEAD, *_summary(board, played)]
    for area in _areas(played):
        parts += [*_area(area, played)]
    parts.append("## Router by router\n")
    for router in board.routers:
        parts += [*_router(router)]
    return "\n".join(parts).rstrip() + "\n"


def board_json(board: Board) -> str:
    """The scoreboard as data."""
    return f"{json.dumps(board.as_json(), ensure_ascii=False, indent=1)}\n"


def board_table(board: Board) -> Table:
    """The scoreboard for a terminal."""
    table = Table(box=None, pad_edge=False)
    for heading in ("router", "version"):
        table.add_column(heading, no_wrap=True)
    for heading in ("holds", "fails", "warns", "unseen"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for router in board.routers:
        words = Counter(row.word for row in router.rows)
        new = sum(reason.new for row in router.rows if row.word == "fails" for reason in row.reasons)
        note = f"{new} not reviewed" if new else ""
        trouble = one_line(router.problem, LONGEST) if router.problem else note
        counts = (str(words[word] or "") for word in COUNTED)
        table.add_row(router.name, router.version, *counts, Text(trouble))
    return table


def area_of(row: Row) -> str:
    """`gate` of `router.gate.rule`."""
    return row.id.split(".")[1]


def _areas(played: Sequence[Scored]) -> list[str]:
    return [*dict.fromkeys(area_of(row) for router in played for row in router.rows)]


def _summary(board: Board, played: Sequence[Scored]) -> Iterator[str]:
    areas = _areas(played)
    yield "## Summary\n"
    yield "Requirements that hold, of those that apply and could be seen.\n"
    yield _cells("router", "version", *areas, "fails", "warns", "unseen")
    yield _cells("---", "---", *("---:" for _ in (*areas, "fails", "warns", "unseen")))
    for router in board.routers:
        name = f"[{router.name}](#{router.name})"
        if router.problem:
            yield _cells(name, router.version, *("E" for _ in areas), "", "", "")
            continue
        shares = (_share([row for row in router.rows if area_of(row) == area]) for area in areas)
        words = Counter(row.word for row in router.rows)
        counts = (str(words[word] or "") for word in ("fails", "warns", "unseen"))
        yield _cells(name, router.version, *shares, *counts)
    yield ""


def _share(rows: Sequence[Row]) -> str:
    """How many hold, of those that apply and came to a verdict."""
    seen = [row for row in rows if row.word not in ("not-applicable", "unseen", "infra")]
    return f"{sum(row.word == 'holds' for row in seen)}/{len(seen)}" if seen else "-"


def _area(area: str, played: Sequence[Scored]) -> Iterator[str]:
    """The requirements of an area, a router in each column. One that applies to none of them is not shown."""
    rows = [row for router in played for row in router.rows if area_of(row) == area]
    names = dict.fromkeys(row.id for row in rows if row.word != "not-applicable")
    idle = len({row.id for row in rows} - set(names))
    yield f"## {area}\n"
    if idle:
        subject = "requirement of this area applies" if idle == 1 else "requirements of this area apply"
        yield f"{idle} {subject} to none of these.\n"
    if not names:
        return
    yield f"{LEGEND}\n"
    yield _cells("requirement", *(router.name for router in played))
    yield _cells("---", *(":-:" for _ in played))
    for name in names:
        signs = {router.name: SIGNS[row.word] for router in played for row in router.rows if row.id == name}
        yield _cells(f"`{name.removeprefix('router.')}`", *(signs.get(router.name, "") for router in played))
    yield ""


def _router(router: Scored) -> Iterator[str]:
    yield f"### {router.name}\n"
    yield f"Version {router.version}, on {router.date}. [Profile](../contracts/routers/{router.name}.yaml).\n"
    yield "```sh"
    yield from router.installed
    yield router.started
    yield "```\n"
    if router.problem:
        yield f"It could not be judged, which says nothing about it: {_escaped(router.problem)}\n"
        return
    holding = sum(row.word == "holds" for row in router.rows)
    yield f"{holding} requirements hold; {router.cases} cases were played in {router.duration_s:.1f} s.\n"
    for word, title in TITLES.items():
        rows = [row for row in router.rows if row.word == word]
        if rows:
            yield f"{title}:\n"
            yield from map(_told, rows)
            yield ""
    left = Counter(reason.says for row in router.rows if row.word == "not-applicable" for reason in row.reasons)
    if left:
        each = "; ".join(f"{count} because {_escaped(says)}" for says, count in left.most_common())
        yield f"Does not apply: {each}.\n"


def _told(row: Row) -> str:
    """A line of a requirement: each reason with the number of its cases."""
    said = " ".join(
        f"{'*Not reviewed:* ' if reason.new and row.word in ('fails', 'stale') else ''}"
        f"{_escaped(reason.says).rstrip('.')} ({_cases(reason.cases, row.of)})."
        for reason in row.reasons
    )
    return f"- `{row.id}` ({row.level}): {said}"


def _cases(count: int, of: int) -> str:
    return f"{count} of {of} case{'' if of == 1 else 's'}"


def _escaped(text: str) -> str:
    """`text` so that Markdown shows it as it is; what stands between backticks stays code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one backtick is no code
        return _plain(text).replace("`", "\\`")
    return "`".join(part if number % 2 else _plain(part) for number, part in enumerate(parts))


def _plain(text: str) -> str:
    for sign in "\\*<[]|":
        text = text.replace(sign, f"\\{sign}")
    return text


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
