"""README.md says what is so: its numbers, and the commands that it shows."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
import yaml

from kimi_conformance.cassette.shelf import names, path_of, provenances
from kimi_conformance.cli.main import COMMANDS
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.registry.contracts import requirements
from kimi_conformance.registry.home import data_root
from kimi_conformance.reporting.evidence import gaps
from kimi_conformance.reporting.write import read_results
from suites.selftest.command import run

if TYPE_CHECKING:
    from pathlib import Path

README = " ".join((data_root() / "README.md").read_text("utf-8").split())


def numbers(pattern: str) -> tuple[int, ...]:
    """The numbers in the one place of README.md that looks like this."""
    (found,) = re.findall(pattern, README)
    return tuple(map(int, [found] if isinstance(found, str) else found))


def test_it_counts_what_is_on_tape() -> None:
    origins = Counter(one.origin for name in names() for one in provenances(path_of(name)))
    said = numbers(
        r"Of (\d+) interactions with Kimi on tape, (\d+) are live, (\d+) were observed .*? and (\d+) are modelled"
    )
    assert said == (origins.total(), origins["live"], origins["observed"], origins["modelled"])


def test_it_counts_requirements_and_what_they_rest_on(tmp_path: Path) -> None:
    assert numbers(r"(\d+) requirements with their evidence are in") == (len(requirements("api")),)
    assert run("verify", "--json", "r.json", cwd=tmp_path).code == 0
    results = read_results(tmp_path / "r.json")
    asked = [each for each in results.requirements if each.verdict is not Verdict.NOT_APPLICABLE]
    gap = len(list(gaps(results)))
    said = numbers(
        r"(\d+) requirements of the API can be observed: (\d+) rest on observed answers, (\d+) on modelled ones"
    )
    assert said == (len(asked), len(asked) - gap, gap)


def test_it_counts_the_claims_of_the_older_documents() -> None:
    claims = yaml.safe_load((data_root() / "contracts" / "claims.yaml").read_text("utf-8"))["claims"]
    assert numbers(r"what became of (\d+) sentences of two older") == (len(claims),)


@pytest.mark.parametrize("command", COMMANDS)
def test_it_shows_every_command(command: str) -> None:
    assert f"kimi-conformance {command} " in README
