"""Makes Allure's page of results: writes them, has Allure render them, makes the page fit, keeps the history."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kimi_conformance.cli.allure_history import RUNS, read_history
from kimi_conformance.cli.allure_npm import AllureFailed, find_allure, generate
from kimi_conformance.cli.executor import executor
from kimi_conformance.cli.outputs import write_file
from kimi_conformance.reporting.allure import config, write_allure
from kimi_conformance.reporting.allure_page import NotFit, fit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.result import Results


def write_allure_page(
    page: Path,
    results: Results,
    requirements: Mapping[str, Requirement],
    *,
    template: str,
    history: Path | None,
    new_history: bool,
) -> None:
    """Write Allure's page of `results`, and add the run to `history`, both whole or not at all.

    Raises `NoAllure`, `AllureFailed`, `BadHistory`, `CannotWrite`.
    """
    past = read_history(history, new=new_history) if history else []
    allure = find_allure()
    with tempfile.TemporaryDirectory(prefix="kimi-conformance-") as scratch:
        folder = Path(scratch)
        told, kept, rc = folder / "results", folder / "history.jsonl", folder / "allurerc.json"
        told.mkdir()
        kept.write_bytes(b"".join(past[-(RUNS - 1) :]))
        write_allure(told, results, requirements, executor=executor(os.environ), template=template)
        keeping = {"historyPath": str(kept), "appendHistory": True} if history else {}
        rc.write_text(json.dumps(config(results, **keeping)), "utf-8")
        made = generate(allure, told, rc, folder / "page")
        try:
            text = fit(made.read_text("utf-8"))
        except NotFit as error:
            raise AllureFailed(f"{error}: it is not written") from error
        runs = kept.read_bytes().splitlines(keepends=True)
        if history and len(runs) != len(past[-(RUNS - 1) :]) + 1:
            raise AllureFailed("Allure added no run to the history: neither it nor the page is written")
        write_file("--allure-html", page, text.encode())
        if history:
            write_file("--history", history, b"".join(runs))
