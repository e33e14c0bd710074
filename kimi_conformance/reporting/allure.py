"""A folder of allure-results: each case, the categories of our verdicts, what was tested, and who ran it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.allure_result import STATUS, told
from kimi_conformance.reporting.legible import visible
from kimi_conformance.reporting.write import CannotWrite, write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.result import Results

CATEGORIES: Final[Mapping[Verdict, str]] = {
    Verdict.FAIL: "A MUST does not hold",
    Verdict.STALE_KNOWN: "Listed as failing, passes now",
    Verdict.INFRA_ERROR: "Could not be told: the router or its surroundings",
    Verdict.KNOWN_FAIL: "Known to fail",
    Verdict.WARN: "A SHOULD does not hold",
    Verdict.NOT_OBSERVED: "Not observed in this run",
    Verdict.NOT_APPLICABLE: "Not applicable to this profile",
}
"""The category of each verdict that has one, in the order in which they are shown."""

CONFIG: Final = "allurerc.json"
"""Allure 3 takes categories from its own configuration only; Allure 2 from categories.json."""

OURS: Final = re.compile(
    r"[0-9a-f-]{36}-(result\.json|container\.json|attachment(\.\w+)?)"
    r"|categories\.json|environment\.properties|executor\.json|allurerc\.json"
)
"""The files of such a folder, as Allure and we name them."""


def write_allure(
    folder: Path,
    results: Results,
    requirements: Mapping[str, Requirement],
    *,
    executor: Mapping[str, str],
    template: str = "",
) -> None:
    """Write `results` into `folder`, which is there. Raises `CannotWrite`.

    `executor` says who ran it, as executor.json does; `template` is a checked one of `links`, or empty.
    """
    files = {
        **_beside(results),
        "executor.json": _json({**executor, "buildName": visible(" ".join(results.command))}),
    }
    for each in results.requirements:
        for case in each.cases:
            one = told(case, each, requirements.get(each.id), results, template=template)
            files[f"{one.uuid}-result.json"] = _json(one.result)
            files |= {name: text.encode() for name, text in one.attachments.items()}
    _write(folder, files)


def write_beside(folder: Path, results: Results) -> None:
    """Write what belongs beside the results that allure-pytest wrote into `folder`. Raises `CannotWrite`."""
    _write(folder, _beside(results))


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    try:
        for name, data in files.items():
            write_whole(folder / name, data)
    except OSError as error:
        raise CannotWrite(f"Allure's files cannot be written to {folder}: {error.strerror or error}") from error


def config(results: Results, **more: Any) -> dict[str, Any]:
    """Allure 3's configuration for these results: one file, grouped as the requirements are, with our categories."""
    rules = [
        {"name": name, "matchers": {"labels": {"verdict": f"^{verdict}$"}}, "groupByMessage": True}
        for verdict, name in CATEGORIES.items()
    ]
    version = f" {results.target.version}" if results.target.version else ""
    grouped = {"groupBy": ["epic", "feature", "story"], "defaultSortBy": "name,asc"}
    awesome = {"singleFile": True, "sections": ["charts"], **grouped}
    return {
        "name": visible(f"{results.target.name}{version}"),
        "plugins": {"awesome": {"options": awesome}},
        "categories": {"rules": rules},
        **more,
    }


def _beside(results: Results) -> dict[str, bytes]:
    return {
        "categories.json": _json(_categories()),
        "environment.properties": _environment(results),
        CONFIG: _json(config(results)),
    }


def _categories() -> list[dict[str, Any]]:
    """For Allure 2, which tells our verdicts by how the message begins. allure-pytest puts one of pytest's before."""
    return [
        {"name": name, "matchedStatuses": [STATUS[verdict]], "messageRegex": f"(?s){_begins(verdict)}.*"}
        for verdict, name in CATEGORIES.items()
    ]


def _begins(verdict: Verdict) -> str:
    ours = f"(Failed: |Skipped: )?{verdict}: "
    return f"(XFAIL|{ours})" if verdict is Verdict.KNOWN_FAIL else ours


def _environment(results: Results) -> bytes:
    values = {
        "target": results.target.name,
        "target.version": results.target.version or "not said",
        "suite": f"kimi-conformance {results.suite}",
        "mode": results.mode,
        "started": results.started.isoformat(),
        "conformant": "yes" if results.conformant else "no",
    }
    return "\n".join([*(f"{key}={_property(value)}" for key, value in values.items()), ""]).encode()


def _property(value: str) -> str:
    """A value as java.util.Properties reads it: its escapes for what is not ASCII are those of JSON strings."""
    return json.dumps(value)[1:-1].replace('\\"', '"')


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
