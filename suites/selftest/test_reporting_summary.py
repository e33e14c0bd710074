"""The results of the cases add up to those of the run, and those to a file that reads back the same."""

from __future__ import annotations

import io
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kimi_conformance import __version__
from kimi_conformance.contract.requirement import Requirement
from kimi_conformance.contract.result import CaseResult, FindingRecord, How, Moment, Results, Target
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.summary import assemble
from kimi_conformance.reporting.write import BadResults, CannotWrite, read_results, write_results

HOW = How(mode="replay", origin="modelled")


def requirement(name: str, level: str = "MUST") -> Requirement:
    evidence = [{"kind": "operator-note", "source": "hub page", "date": "2026-05-01"}]
    return Requirement.model_validate({"id": name, "level": level, "says": "It must hold.", "evidence": evidence})


REQUIREMENTS = {
    name: requirement(name, level)
    for name, level in [
        ("router.models.shape", "MUST"),
        ("router.gate.served", "SHOULD"),
        ("router.gate.unused", "MUST"),
        ("router.gate.claude", "MUST"),
    ]
}


def case(name: str, verdict: Verdict = Verdict.PASS, axis: str = "a") -> CaseResult:
    return CaseResult(id=f"{name}@agent={axis}", requirement=name, verdict=verdict, how=HOW)


def run(*cases: CaseResult) -> Results:
    return assemble(
        cases,
        REQUIREMENTS,
        target=Target(name="operator-node", version="1.2.3", profile_sha256="0" * 64),
        command=["kimi-conformance", "check", "operator-node"],
        mode="replay",
        started=datetime(2026, 11, 23, 18, 0, tzinfo=UTC),
        duration_s=3.25,
        notes=["an expired entry"],
    )


def full() -> Results:
    found = FindingRecord(
        requirement="router.gate.claude", verdict=Verdict.FAIL, expected="0.6", actual="中文", where="/a", message="no"
    )
    moment = Moment(t_ms=0.5, leg="client", what="sends", detail="head\n\nbody")
    detailed = case("router.gate.claude", Verdict.FAIL).model_copy(
        update={"message": "no", "findings": (found,), "timeline": (moment,), "curl": "curl", "duration_ms": 1.5}
    )
    return run(detailed, case("router.models.shape"))


def test_requirements_stand_in_the_order_of_the_registry_and_cases_in_their_own() -> None:
    results = run(
        case("router.gate.claude", axis="b"), case("router.models.shape"), case("router.gate.claude", axis="a")
    )
    assert [(found.id, found.level) for found in results.requirements] == [
        ("router.models.shape", "MUST"),
        ("router.gate.claude", "MUST"),
    ]
    assert [one.id[-1] for one in results.requirements[1].cases] == ["b", "a"]


def test_a_requirement_takes_the_worst_of_its_cases() -> None:
    verdicts = [Verdict.PASS, Verdict.WARN, Verdict.NOT_APPLICABLE]
    results = run(*(case("router.gate.served", verdict, verdict) for verdict in verdicts))
    assert results.requirements[0].verdict is Verdict.WARN
    assert results.requirements[0].level == "SHOULD"


def test_totals_count_cases_and_name_every_verdict() -> None:
    results = run(case("router.models.shape"), case("router.gate.claude"), case("router.gate.served", Verdict.WARN))
    assert list(results.totals) == list(Verdict)
    assert {verdict: count for verdict, count in results.totals.items() if count} == {
        Verdict.PASS: 2,
        Verdict.WARN: 1,
    }


@pytest.mark.parametrize(
    ("verdicts", "conformant"),
    [
        pytest.param(["pass", "warn", "known-fail", "not-observed", "not-applicable"], True, id="nothing-spoils"),
        pytest.param(["pass", "fail"], False, id="fail"),
        pytest.param(["pass", "stale-known"], False, id="stale-known"),
        pytest.param(["pass", "infra-error"], False, id="infra-error"),
        pytest.param(["known-fail", "not-observed", "not-applicable"], False, id="no-pass"),
        pytest.param([], False, id="nothing"),
    ],
)
def test_conformant_takes_a_pass_and_nothing_that_spoils(verdicts: list[str], *, conformant: bool) -> None:
    results = run(*(case("router.gate.claude", Verdict(verdict), verdict) for verdict in verdicts))
    assert results.conformant is conformant


def test_what_the_caller_knows_is_kept() -> None:
    results = run(case("router.models.shape"))
    assert (results.suite, results.mode, results.duration_s) == (__version__, "replay", 3.25)
    assert results.command == ("kimi-conformance", "check", "operator-node")
    assert results.notes == ("an expired entry",)
    assert results.target.name == "operator-node"


def test_a_case_of_an_unknown_requirement_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"router\.gate\.nobody, which is no requirement"):
        run(case("router.gate.nobody"))


def test_two_results_of_one_case_are_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"two results of case router\.gate\.claude@agent=a"):
        run(case("router.gate.claude"), case("router.gate.claude", Verdict.FAIL))


def test_the_document_fits_its_own_schema() -> None:
    schema = Results.model_json_schema(by_alias=True)
    validator = jsonschema.Draft202012Validator(schema)
    document = full().as_json()
    validator.validate(document)
    assert document["schema"] == 1
    assert not validator.is_valid(document | {"totals": {"maybe": 1}})
    assert not validator.is_valid(document | {"schema": 2})


def test_results_read_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "made" / "on" / "demand" / "results.json"
    write_results(full(), path)
    assert read_results(path) == full()
    text = path.read_bytes().decode()
    assert text.startswith('{\n "schema": 1,')
    assert text.endswith("}\n")
    assert "中文" in text
    assert [entry.name for entry in path.parent.iterdir()] == ["results.json"]


def test_standard_output_gets_utf8_whatever_its_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="ascii"))
    write_results(full(), "-")
    assert json.loads(out.getvalue().decode())["schema"] == 1
    assert "中文".encode() in out.getvalue()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_results(full(), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert read_results(tmp_path / "real") == full()


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_results(run(), pipe)
        assert json.loads(os.read(reader, 65536))["schema"] == 1
        assert pipe.is_fifo()
    finally:
        os.close(reader)


@pytest.mark.parametrize(
    "place", [pytest.param("file/results.json", id="folder-is-a-file"), pytest.param("n" * 300, id="name-too-long")]
)
def test_a_path_that_cannot_be_written_gives_one_clear_message(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(CannotWrite, match=r"^the results cannot be written to .*: (Not a dir|File exists|File name)"):
        write_results(full(), tmp_path / place)


def test_a_write_that_breaks_off_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "results.json"
    path.write_text("old")

    def broken(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(CannotWrite, match="No space left on device"):
        write_results(full(), path)
    assert {entry.name: entry.read_text() for entry in tmp_path.iterdir()} == {"results.json": "old"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", r":1: this is no JSON: Expecting value, column 1", id="empty"),
        pytest.param(b'{\n "schema": 1,\n}', r":3: this is no JSON: .*, column \d", id="broken"),
        pytest.param(b'{"schema": "\xff"}', "is not UTF-8: byte 12", id="no-utf8"),
        pytest.param(b"[" * 100_000, "nested too deeply", id="deep"),
        pytest.param(b"[]", "no JSON object with a member `schema`", id="list"),
        pytest.param(b"{}", "no JSON object with a member `schema`", id="no-schema"),
        pytest.param(b'{"schema": 2}', "has schema 2; this version of kimi-conformance reads 1", id="newer"),
        pytest.param(b'{"schema": 1}', r"is no results.json: /suite: Field required \(and \d+ more\)", id="members"),
    ],
)
def test_a_file_that_is_no_results_says_what_is_wrong(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "r.json"
    path.write_bytes(content)
    with pytest.raises(BadResults, match=says) as caught:
        read_results(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_wrong_member_is_named_by_its_place(tmp_path: Path) -> None:
    document = full().as_json()
    document["requirements"][0]["cases"][0]["verdict"] = "maybe"
    (tmp_path / "r.json").write_text(json.dumps(document))
    with pytest.raises(BadResults, match="/requirements/0/cases/0/verdict: Input should be 'fail', "):
        read_results(tmp_path / "r.json")


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadResults, match=r"none\.json cannot be read: No such file or directory"):
        read_results(tmp_path / "none.json")
