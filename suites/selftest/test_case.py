"""Cases and their ids: public, unique, safe in a glob, in one order of axes; and the requests that cases make."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.matrix import Matrix
from kimi_conformance.registry.contracts import bodies, spellings
from kimi_conformance.registry.profiles import bundled_profiles, load_profile
from kimi_conformance.router.asking import request_of
from kimi_conformance.router.case import AXES, Case, case
from kimi_conformance.router.plan import Plan, make_plan
from kimi_conformance.sentences import Sentence, cases_of, load_sentences
from suites.selftest.plays import TODAY, ask

if TYPE_CHECKING:
    from pathlib import Path

    from kimi_conformance.contract.trip import Ask

BUNDLED: Final = [pytest.param(name, id=name) for name in bundled_profiles()]
SAFE: Final = re.compile(r"router\.[a-z]+\.[a-z0-9-]+(@[a-z_]+=[a-z0-9._-]+)*")
MARK: Final = "kc3f9a21x00042"


@cache
def plan(name: str) -> Plan:
    return make_plan(load_profile(name), TODAY)


@pytest.mark.parametrize("name", BUNDLED)
def test_ids_are_unique_and_safe_in_a_glob(name: str) -> None:
    cases = plan(name).cases
    assert len(cases) > 100
    assert all(one.id == key for key, one in cases.items())
    assert [key for key in cases if not SAFE.fullmatch(key)] == []


@pytest.mark.parametrize("name", BUNDLED)
def test_axes_come_in_one_order_and_a_cases_own_after_them(name: str) -> None:
    for one in plan(name).cases.values():
        named = [axis for axis, _ in one.axes]
        ours = [axis for axis in named if axis in AXES]
        assert named[: len(ours)] == ours == sorted(ours, key=("agent", "model", "surface", "stream").index)
        assert len(named) == len(set(named))


def axes_of(asked: Ask) -> dict[str, str]:
    stream = "yes" if asked.stream else "no"
    return {"agent": asked.agent.slug, "model": asked.model.slug, "surface": asked.surface, "stream": stream}


@pytest.mark.parametrize("name", BUNDLED)
def test_a_case_says_what_it_asks(name: str) -> None:
    for one in plan(name).cases.values():
        said = {axis: value for axis, value in one.axes if axis in AXES}
        assert any(said.items() <= axes_of(asked).items() for asked in one.asks[:2])  # the twin may come before


@pytest.mark.parametrize("name", ["reference", "litellm"])
def test_a_request_carries_its_mark_or_its_case_is_played_apart(name: str) -> None:
    of = plan(name).loaded.profile
    for one in plan(name).cases.values():
        for asked in one.asks:
            if not asked.listing and "@size=10m" not in one.id:
                carried = MARK.encode() in request_of(asked, of, MARK, "http://127.0.0.1:1").body
                assert carried or one.apart, one.id


@pytest.mark.parametrize("name", BUNDLED)
def test_every_case_belongs_to_a_requirement_that_is_not_idle(name: str) -> None:
    whole = plan(name)
    assert {one.requirement for one in whole.cases.values()} | set(whole.idle) == set(whole.requirements)
    assert not {one.requirement for one in whole.cases.values()} & set(whole.idle)


@pytest.mark.parametrize("name", BUNDLED)
def test_all_that_a_bundled_profile_admits_is_in_its_plan(name: str) -> None:
    whole = plan(name)
    assert len(whole.known) + len(whole.expired) == len(whole.loaded.profile.known_failing)
    assert all(entry.cases <= set(whole.cases) for entry in whole.known)


CLAUDE: Final = ask("claude", "dispo", surface="messages", stream=True)


@pytest.mark.parametrize(
    ("varied", "own", "words"),
    [
        pytest.param("", {}, "", id="none"),
        pytest.param(
            "stream surface model agent", {}, "@agent=agent@model=model@surface=messages@stream=yes", id="all"
        ),
        pytest.param("surface", {}, "@surface=messages", id="one"),
        pytest.param("stream", {"size": "1m", "body": "cut"}, "@stream=yes@size=1m@body=cut", id="its-own-as-given"),
        pytest.param("model", {"agent": "own"}, "@model=model@agent=own", id="its-own-are-last-whatever-their-names"),
    ],
)
def test_an_id_names_the_axes_that_vary_then_the_cases_own(varied: str, own: dict[str, Any], words: str) -> None:
    made = case(CLAUDE, ask("other"), vary=varied, **own)
    assert made.id == words
    assert made.asks == (CLAUDE, ask("other"))
    assert (made.together, made.apart) == (False, False)


def test_how_a_case_is_played_is_no_part_of_its_id() -> None:
    made = case(ask(), vary="stream", together=True, alone=True)
    assert (made.id, made.together, made.apart) == ("@stream=no", True, True)


MATRIX: Final = Matrix(plan("reference").world, spellings(), bodies())


def sentence(*made: Case) -> Sentence:
    (made_of,) = cases_of("router.test.sentence")(lambda _: made)
    return made_of


def test_a_sentence_gives_its_cases_its_name() -> None:
    cases = sentence(case(ask()), case(ask(), n="1")).cases(MATRIX)
    assert [one.id for one in cases] == ["router.test.sentence", "router.test.sentence@n=1"]


def test_the_second_case_of_a_name_says_that_it_is() -> None:
    cases = sentence(case(ask(), n="1"), case(ask("other"), n="1"), case(ask("third"), n="1")).cases(MATRIX)
    assert [one.id.removeprefix("router.test.sentence") for one in cases] == ["@n=1", "@n=1@twin=2", "@n=1@twin=3"]


SUITE: Final = """
from kimi_conformance.sentences import cases_of
@cases_of("router.test.{name}")
def {name}(matrix): return ()
helper = 3
"""


def test_the_sentences_of_a_folder_come_in_the_order_of_its_files(tmp_path: Path) -> None:
    for name in ("b", "a", "test_c"):
        (tmp_path / f"{name}.py").write_text(SUITE.format(name=name), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no module", encoding="utf-8")
    assert list(load_sentences(tmp_path)) == ["router.test.a", "router.test.b"]
    assert load_sentences(tmp_path)["router.test.a"].requirement == "router.test.a"


def test_two_files_with_cases_of_one_requirement_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.py").write_text(SUITE.format(name="same"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"b\.py: router\.test\.same has cases elsewhere, too$"):
        load_sentences(tmp_path)


def test_what_is_asked_for_without_a_model_is_said_so_in_the_id() -> None:
    slugs = {one.asks[0].model.value: one.id for one in plan("reference").cases.values() if "model-absent" in one.id}
    assert list(slugs) == [ABSENT]
