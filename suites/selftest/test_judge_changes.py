"""What is said of a member that an answer lost, gained or had changed on its way, and how bad that is."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.changes import changes
from kimi_conformance.judge.check import Flaw
from suites.selftest.plays import ask, trip

ASKED: Final = trip(ask("kimi-k2.6"))
PLACE: Final = "client response"
LONG: Final = "x" * 60
NOTHINGS: Final[list[tuple[Any, str, Any, str]]] = [
    (None, "null", "", '""'),
    ("", '""', None, "null"),
    ([], "[]", {}, "{}"),
]


def told(sent: Any, seen: Any) -> list[Flaw]:
    return [*changes(ASKED, sent, seen)]


def warning(expected: str, actual: str, at: str, message: str) -> Flaw:
    return Flaw(expected, actual, f"{PLACE} {at}", message, Verdict.WARN)


@pytest.mark.parametrize(
    ("sent", "seen", "due"),
    [
        pytest.param({}, {"a": 1}, warning("no such member", "1", "/a", "/a was added by the router: 1"), id="new"),
        pytest.param({"a": 1}, {}, Flaw("1", "absent", f"{PLACE} /a", "/a was lost: 1"), id="lost"),
        pytest.param({"a": LONG}, {}, Flaw(f'"{LONG}"', "absent", f"{PLACE} /a", "/a was lost"), id="too-long-to-tell"),
        pytest.param(
            {"a": LONG[2:]}, {}, Flaw(f'"{LONG[2:]}"', "absent", f"{PLACE} /a", f'/a was lost: "{LONG[2:]}"'), id="60"
        ),
        pytest.param(
            {"a": LONG[1:]}, {}, Flaw(f'"{LONG[1:]}"', "absent", f"{PLACE} /a", "/a was lost"), id="61-are-too-long"
        ),
        pytest.param({"a": 1}, {"a": 2}, Flaw("1", "2", f"{PLACE} /a", "/a was changed: 1 became 2"), id="changed"),
        pytest.param({"a": 1}, {"a": ""}, Flaw("1", '""', f"{PLACE} /a", '/a was changed: 1 became ""'), id="emptied"),
        pytest.param({"a": ""}, {"a": 1}, Flaw('""', "1", f"{PLACE} /a", '/a was changed: "" became 1'), id="filled"),
        pytest.param(1, "x", Flaw("1", '"x"', f"{PLACE} ", 'the whole was changed: 1 became "x"'), id="the-whole"),
        *(
            pytest.param(
                {"a": one},
                {"a": other},
                warning(said, meant, "/a", f"/a was {said} and became {meant}: both say nothing"),
                id=f"{said}-{meant}",
            )
            for one, said, other, meant in NOTHINGS
        ),
        pytest.param(
            {"a": ""}, {}, warning('""', "absent", "/a", '/a was "" and became absent: both say nothing'), id="gone"
        ),
        pytest.param(
            {"a": 0.1},
            {"a": 0.10000000149011612},
            warning("0.1", "0.10000000149011612", "/a", "/a: 0.1 went through 32 bits and became 0.10000000149011612"),
            id="32-bits",
        ),
        pytest.param(
            {"created": 1}, {"created": 2}, warning("1", "2", "/created", "/created is the router's own: 1 became 2")
        ),
        pytest.param(
            {"system_fingerprint": "a"},
            {"system_fingerprint": "b"},
            warning('"a"', '"b"', "/system_fingerprint", '/system_fingerprint is the router\'s own: "a" became "b"'),
        ),
        pytest.param(
            {"created": 1},
            {"created": "2"},
            Flaw("1", '"2"', f"{PLACE} /created", '/created was changed: 1 became "2"'),
        ),
        pytest.param(
            {"a": '{"b": 1}'},
            {"a": '{"b":1}'},
            warning(
                r'"{\"b\": 1}"',
                r'"{\"b\":1}"',
                "/a",
                r'/a is the same JSON written anew: "{\"b\": 1}" became "{\"b\":1}"',
            ),
            id="written-anew",
        ),
        pytest.param(
            {"a": "{"}, {"a": "{}"}, Flaw('"{"', '"{}"', f"{PLACE} /a", '/a was changed: "{" became "{}"'), id="mended"
        ),
        pytest.param(
            {"a": "{}"}, {"a": "{"}, Flaw('"{}"', '"{"', f"{PLACE} /a", '/a was changed: "{}" became "{"'), id="broken"
        ),
        pytest.param(
            {"a": " {}"},
            {"a": "{}"},
            Flaw('" {}"', '"{}"', f"{PLACE} /a", '/a was changed: " {}" became "{}"'),
            id="a-text",
        ),
        pytest.param(
            {"a": 1},
            {"a": "kimi-k2.6"},
            Flaw("1", '"kimi-k2.6"', f"{PLACE} /a", '/a was changed: 1 became "kimi-k2.6"'),
            id="the-name-elsewhere",
        ),
        pytest.param(
            {"model": "a"}, {"model": "b"}, Flaw('"a"', '"b"', f"{PLACE} /model", '/model was changed: "a" became "b"')
        ),
    ],
)
def test_a_change_is_told_whole(sent: Any, seen: Any, due: Flaw) -> None:
    assert told(sent, seen) == [due]


@pytest.mark.parametrize("wrapped", [False, True])
def test_the_model_may_have_the_name_by_which_the_client_asked(wrapped: bool) -> None:  # noqa: FBT001 - an axis
    sent, seen = {"model": "moonshot/kimi-k2.6"}, {"model": "kimi-k2.6"}
    assert told({"message": sent} if wrapped else sent, {"message": seen} if wrapped else seen) == []
