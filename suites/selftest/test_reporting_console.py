"""The summary says at a glance what holds, what does not, and what to do next."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len
from rich.console import Console

from kimi_conformance.contract.requirement import Requirement
from kimi_conformance.contract.result import CaseResult, FindingRecord, How, Moment, Results, Target
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.console import print_summary
from kimi_conformance.reporting.figures import provenance
from kimi_conformance.reporting.summary import assemble

GATE, KEPT, SHAPE = "router.gate.non-claude-leaves-plan-route", "router.request.temperature-kept", "router.models.shape"
AGAIN = "kimi-conformance check operator-node"
SAYS = "A max-plan agent that asks for a model that is not Claude is served by that model's own route, never the plan."


def requirement(name: str, level: str, says: str) -> Requirement:
    evidence = [{"kind": "operator-note", "source": "hub page", "date": "2026-05-01"}]
    return Requirement.model_validate({"id": name, "level": level, "says": says, "evidence": evidence})


REQUIREMENTS = {
    GATE: requirement(GATE, "MUST", SAYS),
    KEPT: requirement(KEPT, "SHOULD", "The temperature stays."),
    SHAPE: requirement(SHAPE, "MUST", "The list is a list."),
}


def case(
    name: str,
    verdict: str = "pass",
    message: str = "",
    *,
    number: int = 1,
    findings: tuple[FindingRecord, ...] = (),
    origin: str = "modelled",
) -> CaseResult:
    return CaseResult(
        id=f"{name}@agent=dispo@model=kimi-k{number}",
        requirement=name,
        verdict=Verdict(verdict),
        message=message,
        findings=findings,
        how=How(mode="replay", origin=origin),
    )


def finding(expected: str, actual: str, message: str) -> FindingRecord:
    return FindingRecord(
        requirement=GATE, verdict=Verdict.FAIL, expected=expected, actual=actual, where="upstream", message=message
    )


def run(*cases: CaseResult, notes: tuple[str, ...] = (), duration_s: float = 2.0) -> Results:
    return assemble(
        cases,
        REQUIREMENTS,
        target=Target(name="operator-node", version="1.2.3"),
        command=AGAIN.split(),
        mode="replay",
        started=datetime(2026, 11, 23, tzinfo=UTC),
        duration_s=duration_s,
        notes=notes,
    )


def printed(results: Results, width: int = 80) -> str:
    out = io.StringIO()
    print_summary(results, REQUIREMENTS, Console(file=out, width=width), again=AGAIN)
    return out.getvalue()


def test_a_green_run_is_a_few_lines() -> None:
    cases = [case(GATE, number=n) for n in range(8)]
    text = printed(run(*cases, case(SHAPE), case(KEPT, "not-applicable", "a bare decision has no wire")))
    assert (
        text
        == """\
CONFORMANT  operator-node 1.2.3
3 requirements: 2 pass, 1 not-applicable
9 cases played in 2.0 s, 4 a second

area     requirements  cases  pass  fail  n/a
gate                1      8     8     -    -
request             1      1     -     -    1
models              1      1     1     -    -
all                 3     10     9     -    1

not applicable     1  a bare decision has no wire
upstreams             scripted stand-ins, modelled; no live call was made
"""
    )


def test_a_failing_requirement_is_explained_once_with_its_first_case() -> None:
    seen = "plan: upstream shortcut"
    found = finding("route kimi: upstream portkey", seen, f"took the wrong route: {seen}")
    failed = [case(GATE, "fail", found.message, number=n, findings=(found,)) for n in (2, 3)]
    assert f"""
FAIL  {GATE}  (MUST, 2 of 3 cases)
      A max-plan agent that asks for a model that is not Claude is served by
      that model's own route, never the plan.
      first     {GATE}@agent=dispo@model=kimi-k2
      says      took the wrong route
      expected  route kimi: upstream portkey
      actual    plan: upstream shortcut
      see more  {AGAIN} --only {GATE}
""" in printed(run(case(GATE), *failed))


def test_long_values_are_wrapped_below_themselves_and_cut() -> None:
    text = printed(run(case(GATE, "fail", "m", findings=(finding("e " * 40, "a" * 400, "m"),))))
    assert f"\n      expected  {'e ' * 31}e\n{'':16}{'e ' * 7}e\n" in text
    assert text.count("a" * 64 + "\n") == 4
    assert "a" * 43 + "…\n" in text


def test_a_failure_without_findings_shows_its_message() -> None:
    assert "\n      says      it went wrong\n      see more" in printed(run(case(GATE, "fail", "it went wrong")))


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        ("pass", "CONFORMANT"),
        ("fail", "NOT CONFORMANT"),
        ("stale-known", "NOT CONFORMANT"),
        ("infra-error", "COULD NOT TELL"),
        ("not-observed", "NOTHING SEEN"),
    ],
)
def test_the_headline_is_the_verdict_on_the_run(verdict: str, word: str) -> None:
    lines = printed(run(case(GATE, verdict))).splitlines()
    headline = f"{word}  operator-node 1.2.3"
    assert lines[0] == headline
    assert (lines[-1] == headline) is (word != "CONFORMANT")  # a long page ends with what matters


def test_a_failure_counts_for_more_than_a_router_that_could_not_be_judged() -> None:
    assert printed(run(case(GATE, "infra-error"), case(SHAPE, "fail"))).startswith("NOT CONFORMANT")


def test_what_is_not_a_failure_is_said_with_its_reason() -> None:
    text = printed(
        run(
            case(GATE, "known-fail", "it finds what every object has", number=1),
            case(GATE, "known-fail", "it finds what every object has", number=2),
            case(GATE, "known-fail", "another reason", number=3),
            case(KEPT, "warn", "/temperature is 0.6000000238"),
            case(SHAPE, "stale-known"),
            notes=("known_failing 'x' counts no more since 2026-10-01",),
        )
    )
    assert (
        f"""
STALE {SHAPE}  (MUST, 1 of 1 case)
      it passes now: take the entry out of known_failing

WARN  {KEPT}  (SHOULD, 1 of 1 case)
      /temperature is 0.6000000238

KNOWN {GATE}  (MUST, 3 of 3 cases)
      it finds what every object has (2 cases)
      another reason (1 case)

note                  known_failing 'x' counts no more since 2026-10-01
"""
        in text
    )


def test_cases_that_could_not_be_judged_are_grouped_by_what_went_wrong() -> None:
    cases = [case(GATE, "infra-error", "never ready", number=n) for n in range(5)]
    text = printed(run(*cases, case(SHAPE, "infra-error", "the port was taken")))
    assert (
        f"""
INFRA 5 cases could not be judged
      never ready
      first     {GATE}@agent=dispo@model=kimi-k0
INFRA 1 case could not be judged
      the port was taken
"""
        in text
    )


def test_reasons_for_what_was_not_seen_are_counted() -> None:
    cases = [case(GATE, "not-observed", f"reason {min(n, 5)}", number=n) for n in range(9)]
    assert """
not observed       4  reason 5
                   5  for 5 other reasons, which `--json FILE` tells
""" in printed(run(*cases))


def test_reasons_that_no_two_cases_share_are_counted_only() -> None:
    cases = [case(GATE, "not-applicable", f"reason {n}", number=n) for n in range(9)]
    assert "\nnot applicable     9  for 9 reasons, which `--json FILE` tells\n" in printed(run(*cases))
    assert "\nnot applicable     1  reason 0\n                   1  reason 1\n" in printed(run(*cases[:2]))


def test_what_was_not_tried_was_not_played() -> None:
    moment = Moment(t_ms=0, leg="client", what="sends GET /v1/models")
    tried = case(GATE, "not-observed", "it shows nothing of this").model_copy(update={"timeline": (moment,)})
    cases = [case(GATE, "not-observed", "over the cap", number=2), case(GATE, "infra-error", "interrupted", number=3)]
    assert "\n2 cases played in 2.0 s" in printed(run(tried, case(SHAPE), *cases))


def test_a_may_that_does_not_hold_is_noted() -> None:
    text = printed(run(case(GATE, findings=(finding("a", "b", "it is not so"),))))
    assert f"NOTED {GATE}  (MUST, 1 of 1 case)\n      it is not so\n" in text
    assert text.startswith("CONFORMANT")


def test_of_very_many_failing_requirements_the_last_get_a_line_each() -> None:
    names = [f"router.gate.rule-{n}" for n in range(20)]
    every = {name: requirement(name, "MUST", SAYS) for name in names}
    results = assemble(
        [case(name, "fail", "no") for name in names],
        every,
        target=Target(name="x"),
        command=[],
        mode="replay",
        started=datetime(2026, 11, 23, tzinfo=UTC),
        duration_s=0,
    )
    out = io.StringIO()
    print_summary(results, every, Console(file=out, width=80), again=AGAIN)
    assert out.getvalue().count("see more") == 12
    assert out.getvalue().count("FAIL  router.gate.rule-") == 20


def test_a_table_of_every_verdict_fits_eighty_columns() -> None:
    cases = [case(name, verdict, number=n) for name in (GATE, KEPT) for n, verdict in enumerate(Verdict)]
    lines = printed(run(*cases)).splitlines()
    header = next(line for line in lines if line.startswith("area"))
    assert header.split() == [
        "area", "requirements", "cases", "pass", "fail", "stale", "infra", "known", "warn", "unseen", "n/a"
    ]  # fmt: skip
    assert len(header) <= 80


@pytest.mark.parametrize("width", [60, 80, 120])
def test_nothing_but_ids_and_commands_is_wider_than_the_terminal(width: int) -> None:
    found = finding("e " * 100, "a " * 100, "m " * 100)
    results = run(
        case(GATE, "fail", "m", findings=(found,)),
        case(KEPT, "not-observed", "why " * 60),
        case(SHAPE, "warn", "为什么" * 60),
        notes=("n " * 90,),
    )
    lines = printed(results, width).splitlines()
    wrapped = [line for line in lines if "router." not in line and not line.startswith(("area", "gate", "all"))]
    table = [line for line in lines if line.startswith(("area", "gate", "all"))]
    assert max(map(cell_len, wrapped)) <= width
    assert max(map(len, table)) <= 80
    assert not [line for line in lines if line != line.rstrip()]


def test_what_the_router_said_is_neither_markup_nor_a_command_to_the_terminal() -> None:
    found = finding("x", "[bold]\x1b[2J[/nothing]\nnext \u202e", "[red]m")
    text = printed(run(case(GATE, "fail", "m", findings=(found,))))
    assert "actual    [bold]<U+001B>[2J[/nothing] next <U+202E>\n" in text
    assert "says      [red]m" in text


def test_colours_are_for_terminals() -> None:
    results = run(case(GATE, "fail", "no"))
    assert "\x1b" not in printed(results)
    coloured, plain = io.StringIO(), io.StringIO()
    print_summary(results, REQUIREMENTS, Console(file=coloured, force_terminal=True, _environ={}), again=AGAIN)
    no_color = Console(file=plain, force_terminal=True, _environ={"NO_COLOR": "1"})
    print_summary(results, REQUIREMENTS, no_color, again=AGAIN)
    assert "\x1b[1;31m" in coloured.getvalue()
    assert "\x1b[1;31m" not in plain.getvalue()


def test_a_run_of_no_time_and_no_cases_is_said_all_the_same() -> None:
    text = printed(run(duration_s=0.0))
    assert text.startswith(
        "NOTHING SEEN  operator-node 1.2.3\n0 requirements: none was tried\n0 cases played in 0.0 s\n"
    )


def test_where_evidence_is_not_ours_its_origins_are_counted() -> None:
    results = run(case(GATE, origin="observed"), case(SHAPE), case(KEPT, "not-applicable", "no"))
    assert provenance(results) == "1 observed, 1 modelled; no live call was made"
    assert provenance(results.model_copy(update={"mode": "live"})) == "1 observed, 1 modelled"
    assert provenance(run(case(GATE)).model_copy(update={"mode": "live"})) == "1 modelled"


def test_the_ten_slowest_cases_are_told_with_their_durations_and_quick_ones_are_not() -> None:
    took = [0.0, 499.0, 500.0, *(1000.0 * number for number in range(1, 12))]
    cases = [case(GATE, number=number).model_copy(update={"duration_ms": ms}) for number, ms in enumerate(took)]
    lines = printed(run(*cases)).splitlines()
    first = next(index for index, line in enumerate(lines) if line.startswith("slowest"))
    shown = [line.removeprefix("slowest").split() for line in lines[first:]]
    assert [" ".join(words[:2]) for words in shown] == [f"{number}.0 s" for number in range(11, 1, -1)]
    assert shown[0][2] == cases[-1].id


def test_a_run_without_a_slow_case_names_none() -> None:
    assert "slowest" not in printed(run(case(GATE).model_copy(update={"duration_ms": 499.0})))
