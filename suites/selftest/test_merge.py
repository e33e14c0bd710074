"""`merge`: what shards know together, and which files do not make one whole run."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.result import Part, Results
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.junit import junit
from kimi_conformance.reporting.merge import merge
from kimi_conformance.reporting.parts import CannotMerge
from suites.selftest.shards import BEGAN, RULES, STATE, Made, verdicts

if TYPE_CHECKING:
    from collections.abc import Callable

SAID: Final = {
    "router.gate.a@n=1": Verdict.PASS,
    "router.gate.a@n=2": Verdict.FAIL,
    "router.gate.b@n=1": Verdict.PASS,
    "router.gate.b@n=2": Verdict.PASS,
    "router.request.c@n=1": Verdict.NOT_OBSERVED,
    "router.models.d": Verdict.NOT_APPLICABLE,
}
KNOWN: Final = {
    "router.gate.a": frozenset({"router.gate.a@n=1", "router.gate.a@n=2"}),
    "router.gate.b": frozenset({"router.gate.b@n=1", "router.gate.b@n=2"}),
}
RUN: Final = Made(SAID, KNOWN, notes=("an entry counts no more",))


def merged(*named: tuple[str, Results]) -> Results:
    return merge(named, RULES, state=STATE, command=["kimi-conformance", "merge"])


def refused(*named: tuple[str, Results]) -> str:
    with pytest.raises(CannotMerge) as raised:
        merged(*named)
    return str(raised.value)


@pytest.mark.parametrize("count", [1, 2, 5, 6])
def test_shards_merge_to_the_whole_run(count: int) -> None:
    found = merged(*RUN.shards(count))
    assert verdicts(found) == verdicts(RUN.whole())
    assert found.totals == RUN.whole().totals
    assert not found.conformant


def test_an_entry_that_is_stale_in_all_shards_together_is_stale_though_none_could_tell() -> None:
    shards = RUN.shards(2)
    assert not any(results.totals[Verdict.STALE_KNOWN] for _, results in shards)
    found = {case[0]: case[1:] for _, _, cases in verdicts(merged(*shards)) for case in cases}
    why = "known_failing entry 'router.gate.b' does not fail any more: take it out of the profile"
    assert found["router.gate.b@n=1"] == found["router.gate.b@n=2"] == (Verdict.STALE_KNOWN, why)
    assert found["router.gate.a@n=2"] == (Verdict.KNOWN_FAIL, "as router.gate.a")
    assert found["router.gate.a@n=1"] == (Verdict.PASS, "")


def test_an_entry_that_shares_a_case_with_one_that_a_shard_called_stale_is_stale_too() -> None:
    both = KNOWN["router.gate.b"]
    run = Made(
        dict.fromkeys(sorted(both), Verdict.PASS), {"only-one": frozenset({"router.gate.b@n=1"}), "both-of-them": both}
    )
    assert run.shards(2)[0][1].totals[Verdict.STALE_KNOWN] == 1
    assert verdicts(merged(*run.shards(2))) == verdicts(run.whole())
    assert merged(*run.shards(2)).totals[Verdict.STALE_KNOWN] == 2


def test_an_entry_of_which_a_case_was_not_chosen_is_never_stale() -> None:
    known = {"router.gate.b": KNOWN["router.gate.b"] | {"router.gate.b@n=3"}}
    found = merged(*Made(SAID, known).shards(3))
    assert found.totals[Verdict.STALE_KNOWN] == 0


def test_a_merged_run_began_with_the_first_shard_took_as_long_as_the_longest_and_tells_the_sum() -> None:
    found = merged(*reversed(RUN.shards(3)))
    assert found.started == BEGAN + timedelta(seconds=1)
    assert found.duration_s == 13.0
    assert found.notes == ("an entry counts no more", "merged from 3 shards, which took 36.0 s together")
    assert (found.command, found.again) == (("kimi-conformance", "merge"), "kimi-conformance check ./router.yaml")
    assert (found.on, found.state, found.shard) == (date(2026, 11, 23), STATE, None)


def test_a_part_that_is_empty_may_be_missing() -> None:
    assert len(RUN.shards(9)) == 6
    assert verdicts(merged(*RUN.shards(9))) == verdicts(RUN.whole())


def test_an_interrupted_shard_is_merged_and_the_whole_is_not_conformant() -> None:
    well = Made({name: verdict for name, verdict in SAID.items() if verdict is Verdict.PASS})
    first, (name, second) = well.shards(2)[0], well.without("router.gate.a@n=1", "router.gate.b@n=1").shards(2)[1]
    assert merged(*well.shards(2)).conformant
    found = merged(first, (name, second.model_copy(update={"interrupted": True})))
    assert found.interrupted
    assert not found.conformant
    assert found.notes[0] == "shard 2/2 was interrupted: no verdict on 1 of its cases"


def with_(what: str, value: Any) -> Callable[[Results], Results]:
    return lambda results: results.model_copy(update={what: value})


def of_target(**changes: str) -> Callable[[Results], Results]:
    return lambda results: results.model_copy(update={"target": results.target.model_copy(update=changes)})


def of_shard(**changes: Any) -> Callable[[Results], Results]:
    return lambda results: results.model_copy(
        update={"shard": Part.model_validate({**dict(results.shard or ()), **changes})}
    )


@pytest.mark.parametrize(
    ("other", "said"),
    [
        pytest.param(with_("command", ("kimi-conformance", "verify")), "commands: check and verify", id="command"),
        pytest.param(with_("suite", "9.9.9"), r"versions of the suite: [\d.]+ and 9.9.9; play all", id="version"),
        pytest.param(with_("state", "6" * 64), "states of the suite: 5{12} and 6{12}; code, contracts or", id="state"),
        pytest.param(of_target(name="else"), "targets: made-up and else", id="target"),
        pytest.param(of_target(version="2"), "versions of the target: 1 and 2", id="target's version"),
        pytest.param(of_target(profile_sha256="b"), "profiles of one name: a{12} and b; the file was", id="profile"),
        pytest.param(with_("mode", "live"), "modes: replay and live", id="mode"),
        pytest.param(with_("on", date(2026, 11, 24)), "days: 2026-11-23 and 2026-11-24; give all of them", id="day"),
        pytest.param(of_shard(count=3), "numbers of shards: 2 and 3", id="number of shards"),
        pytest.param(of_shard(selection=("a",)), "choices of cases: 6 and 1; give all of them the same", id="choice"),
        pytest.param(with_("known_failing", ()), "known_failing entries: 2 and 0", id="known failing"),
    ],
)
def test_parts_of_different_runs_are_told_apart_with_both_files_and_what_differs(
    other: Callable[[Results], Results], said: str
) -> None:
    first, (name, second) = RUN.shards(2)
    assert re.match(f"1.json and 2.json are of different {said}", refused(first, (name, other(second))))


@pytest.mark.parametrize(
    ("count", "taken", "said"),
    [
        pytest.param(2, [0], "shard 2/2 is missing: without it nothing can be said of the whole run", id="one"),
        pytest.param(3, [1], "shard 1/3, 3/3 are missing: ", id="two"),
        pytest.param(6, [3], "shard 1/6, 2/6, 3/6, 5/6 and 1 more are missing: ", id="many"),
    ],
)
def test_missing_shards_are_named(count: int, taken: list[int], said: str) -> None:
    shards = RUN.shards(count)
    assert refused(*(shards[index] for index in taken)).startswith(said)


def test_a_shard_that_is_there_twice_is_named_with_both_files() -> None:
    first, second = RUN.shards(2)
    said = refused(first, second, ("again.json", second[1]))
    assert said == "shard 2/2 is there twice: 2.json and again.json; name one of them"


def test_a_whole_run_is_no_shard() -> None:
    said = "r.json is a whole run, or was merged already: merge takes runs with --shard I/N"
    assert refused(("r.json", RUN.whole())) == said
    assert refused(("r.json", merged(*RUN.shards(2)))) == said


def test_nothing_is_no_run() -> None:
    assert refused() == "there is nothing to merge: name the results.json of each shard"


def test_a_shard_of_another_suite_than_this_is_left_to_that_one() -> None:
    with pytest.raises(
        CannotMerge, match=r"^1.json was written by kimi-conformance .* \(state 5+\); this is .* with the"
    ):
        merge(RUN.shards(2), RULES, state="6" * 64)


def cut(results: Results) -> Results:
    return results.model_copy(update={"requirements": results.requirements[:-1]})


def doubled(results: Results) -> Results:
    last = results.requirements[-1]
    twice = last.model_copy(update={"cases": (*last.cases, *last.cases)})
    return results.model_copy(update={"requirements": (*results.requirements[:-1], twice)})


def renamed(results: Results) -> Results:
    last = results.requirements[-1]
    odd = last.model_copy(update={"cases": tuple(case.model_copy(update={"requirement": "x"}) for case in last.cases)})
    return results.model_copy(update={"requirements": (*results.requirements[:-1], odd)})


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        pytest.param(cut, "2.json lacks 1 case (router.models.d) of shard 2/2: the file was cut or edited", id="cut"),
        pytest.param(doubled, "2.json has case router.models.d twice: the file was edited", id="doubled"),
        pytest.param(renamed, "case router.models.d is of x, which is no requirement: a file was edited", id="renamed"),
        pytest.param(of_shard(index=3), "2.json says that it is shard 3 of 2: it was edited", id="beyond"),
    ],
)
def test_a_file_that_was_edited_is_no_evidence(harm: Callable[[Results], Results], said: str) -> None:
    first, (name, second) = RUN.shards(2)
    assert refused(first, (name, harm(second))).startswith(said)


def test_a_case_of_another_part_is_not_taken_for_this_one() -> None:
    first, second = RUN.shards(2)
    more = first[1].model_copy(update={"requirements": (*first[1].requirements, second[1].requirements[-1])})
    said = refused(("1.json", more), second)
    assert said.startswith("1.json has 1 case (router.models.d) not of shard 1/2: the file was edited")


def test_the_junit_report_has_an_element_for_each_verdict_that_is_no_pass() -> None:
    root = ET.fromstring(junit(merged(*RUN.shards(2)), RULES, "kimi-conformance check p"))  # noqa: S314 - we made it
    suite = root[0]
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped", "time")}
    assert counts == {"tests": "6", "failures": "2", "errors": "0", "skipped": "3", "time": "12.000"}
    told = {item.get("name", "")[13:-1]: [(child.tag, child.get("message")) for child in item] for item in suite}
    assert told["router.gate.a@n=1"] == []
    assert told["router.gate.a@n=2"] == [("skipped", "known-fail: as router.gate.a")]
    assert told["router.gate.b@n=1"][0][0] == "failure"
    assert "kimi-conformance check p --only 'router.gate.b@n=1'" in str(suite[2][0].text)


def test_the_junit_report_is_xml_whatever_a_router_wrote() -> None:
    run = Made({"router.gate.a@n=1": Verdict.INFRA_ERROR}).whole()
    case = run.requirements[0].cases[0].model_copy(update={"message": "a\x00]]><b>\ud7ff\ufffe"})
    told = run.model_copy(update={"requirements": (run.requirements[0].model_copy(update={"cases": (case,)}),)})
    error = ET.fromstring(junit(told, RULES, "x"))[0][0][0]  # noqa: S314 - we made it
    assert error.tag == "error"
    assert "]]><b>" in str(error.text)
