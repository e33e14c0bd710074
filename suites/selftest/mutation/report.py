"""reports/mutants.json, the state of what was last tried, and reports/mutants.md, the same for people.

In the data a file of the package has the digest of what it does, that of the tests which run it, how its mutants ended,
and those that no test noticed. Nothing in it depends on the machine or on the order of the run.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from suites.selftest.mutation.outcome import ALIVE, KILLED, Fate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from suites.selftest.mutation.listed import Listed
    from suites.selftest.mutation.outcome import Outcome

SCHEMA: Final = 1
HEAD: Final = """# Mutants

What the unit tests of the judge, of the stream reader and of the oracle notice: a mutant is one deliberate mistake in
one expression or statement. Written by `python -m suites.selftest.mutation`, not to be edited by hand;
[mutants.json](mutants.json) has the same as data, and `suites/selftest/mutation/survivors.yaml` the reasons.

- *Killed*: a test fails, or comes to no end. *Equivalent*: no test can tell it from the original, for the reason that
  stands below. *Open*: not killed yet, and listed as such. The score is killed of all that are not equivalent.
- *No import*: the changed file cannot be imported. No test has to notice that, and it does not count.
- Left alone: wording (texts with a blank, f-strings, what a flaw expects and sees), ids of requirements
  (the registry is closed, which is tested), types, `__all__`, docstrings, decorators of dataclasses.
- The tests are those that call these modules with exchanges made by hand (`UNIT_TESTS` in
  `suites/selftest/mutation/subject.py`). Played runs, which notice more, have a page of their own: the kill matrix.
"""


def of_file(outcomes: Sequence[Outcome], known: Listed, *, digest: str, tests: Mapping[str, str]) -> dict[str, Any]:
    """The state of one file. `tests`: the files of tests that run it, with their digests."""
    fates = Counter(each.fate for each in outcomes)
    alive = [each for each in outcomes if each.fate in ALIVE]
    return {
        "digest": digest,
        "tests": dict(tests),
        "mutants": len(outcomes),
        "killed": sum(fates[each] for each in KILLED),
        "no_import": fates[Fate.UNIMPORTABLE],
        "survivors": [_survivor(each, known) for each in alive],
    }


def _survivor(outcome: Outcome, known: Listed) -> dict[str, str]:
    mutant = outcome.mutant
    told = {"mutant": f"{mutant.within} | {mutant.told}"}
    if mutant.id in known.equivalent:
        return {**told, "equivalent": known.equivalent[mutant.id]}
    return {**told, "open": known.open.get(mutant.id, "")}


def as_json(files: Mapping[str, Mapping[str, Any]]) -> bytes:
    """The data of all files."""
    content = {
        "schema": SCHEMA,
        "totals": _totals(files.values()),
        "files": {name: files[name] for name in sorted(files)},
    }
    return f"{json.dumps(content, ensure_ascii=False, indent=1)}\n".encode()


def as_page(content: Mapping[str, Any]) -> bytes:
    """The page of the data."""
    lines = [HEAD, *_table(content["files"], content["totals"])]
    for heading, kind in (("Open", "open"), ("Equivalent", "equivalent")):
        listed = [(name, each) for name, file in content["files"].items() for each in file["survivors"] if kind in each]
        lines += ["", f"## {heading}", "", *_listed(listed, kind)]
    return "\n".join([*lines, ""]).encode()


def _totals(files: Any) -> dict[str, int]:
    found = Counter[str]()
    for file in files:
        found.update({name: file[name] for name in ("mutants", "killed", "no_import")})
        found.update(kind for each in file["survivors"] for kind in ("equivalent", "open") if kind in each)
    return {name: found[name] for name in ("mutants", "killed", "no_import", "equivalent", "open")}


def _table(files: Mapping[str, Any], totals: Mapping[str, int]) -> list[str]:
    rows = [(f"`{name}`", _totals([file])) for name, file in files.items() if file["mutants"]]
    head = ["| file | mutants | killed | equivalent | open | no import | score |", "| --- |" + " ---: |" * 6]
    return head + [_row(name, each) for name, each in [*rows, ("**all**", totals)]]


def _row(name: str, of: Mapping[str, int]) -> str:
    numbers = " | ".join(str(of[each] or "") for each in ("mutants", "killed", "equivalent", "open", "no_import"))
    counting = of["killed"] + of["open"]
    score = f"{100 * of['killed'] / counting:.1f} %" if counting else ""
    return f"| {name} | {numbers} | {score} |"


def _listed(survivors: Sequence[tuple[str, Mapping[str, str]]], kind: str) -> list[str]:
    if not survivors:
        return ["None."]
    lines, before = [], ""
    for name, each in survivors:
        if name != before:
            lines += ["", f"### {name}", ""] if before else [f"### {name}", ""]
            before = name
        lines.append(f"- {_code(each['mutant'])}: {each[kind] or 'not listed'}")
    return lines


def _code(text: str) -> str:
    """As code, whatever is in it."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"
