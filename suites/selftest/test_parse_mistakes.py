"""Every mistake in a file becomes one message with file, line, what is wrong, and the nearest valid name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_conformance.registry import yaml_file
from kimi_conformance.registry.parse import parse
from kimi_conformance.registry.problems import ContractError, Problem
from kimi_conformance.registry.yaml_file import read
from suites.selftest.small_profile import RouterProfile
from suites.selftest.yaml_texts import JARGON, Load


def mistakes(text: str, load_yaml: Load) -> tuple[Problem, ...]:
    with pytest.raises(ContractError) as caught:
        parse(RouterProfile, load_yaml(text))
    return caught.value.problems


MISTAKES = {
    # keys
    "key-misspelt": ("nam: a", 1, "unknown key 'nam' in the router profile", "name"),
    "key-misspelt-section": ("name: a\nupstrems: {}", 2, "unknown key 'upstrems' in the router profile", "upstreams"),
    "key-in-capitals": ("name: a\n\nROUTES: {}", 3, "unknown key 'ROUTES' in the router profile", "routes"),
    "key-like-no-other": ("name: a\nready: {path: /, x: 1}", 2,
                          "unknown key 'x' in ready; known are 'path', 'status' and 'timeout_s'", None),
    "key-deep": ("name: a\nroutes:\n  k:\n    upstream: p\n    retrys: {}", 5,
                 "unknown key 'retrys' in routes.k", "retry"),
    "key-missing-deep": ("name: a\nroutes:\n  k:\n    headers: {}", 3, "missing key 'upstream' in routes.k", None),
    "key-missing": ("cwd: .", 1, "missing key 'name' in the router profile", None),
    "key-not-in-literal": ("name: a\nsurfaces:\n  chat: /v1\n  mesages: /v1", 4,
                           "unknown key 'mesages' in surfaces", "messages"),
    "key-against-pattern": ("name: a\nupstreams:\n  a: {}\n  A b: {}", 4,
                            "the key 'A b' in upstreams must be something that matches ^[a-z]+$", None),
    "key-no-integer": ("name: a\nby_status: {4o4: x}", 2,
                       "the key '4o4' in by_status must be an integer, not '4o4'", None),
    "key-like-a-label": ("name: a\n'[key]': x", 2, "unknown key '[key]' in the router profile", None),
    "key-in-items": ("name: a\ntree:\n  kids:\n  - kids:\n    - wait: 1", 5,
                     "unknown key 'wait' in item 1 of kids of item 1 of tree.kids", "weight"),
    # kinds of values
    "list-for-string": ("name: [a]", 1, "'name' in the router profile must be a string, not a list", None),
    "nothing-for-string": ("name:", 1, "'name' in the router profile must be a string, not nothing", None),
    "number-for-string": ("name: 1.10", 1, "must be a string, not 1.1; put it in quotes", None),
    "date-for-string": ("name: 2026-05-01", 1, "must be a string, not 2026-05-01; put it in quotes", None),
    "bare-placeholder": ("name: {port}", 1,
                         'must be a string, not {port: …}; put a placeholder in quotes: "{port}"', None),
    "number-for-path": ("name: a\ncwd: 3", 2, "'cwd' in the router profile must be a string, not 3", None),
    "string-for-mapping": ("name: a\nroutes:\n  k: portkey", 3, "'k' in routes must be a mapping, not 'portkey'", None),
    "list-for-mapping": ("name: a\nroutes:\n- k", 2,
                         "'routes' in the router profile must be a mapping, not a list", None),
    "root-model": ("name: a\nmodels:\n  k: a\n  l: 2", 4, "'l' in models must be a string, not 2", None),
    "quoted-integer": ("name: a\nready: {path: /, status: '200'}", 2,
                       "must be an integer, not '200'; take the quotes off", None),
    "fraction": ("name: a\nready: {path: /, status: 200.5}", 2, "must be an integer, not 200.5", None),
    "true-for-integer": ("name: a\nready: {path: /, status: true}", 2, "must be an integer, not true", None),
    "too-small": ("name: a\nready: {path: /, timeout_s: 0}", 2,
                  "'timeout_s' in ready must be greater than 0, not 0", None),
    "empty-string": ("name: ''", 1, "'name' in the router profile must not be empty", None),
    "too-long": ("name: abcdefghij", 1, "must be 9 or fewer characters long, not 'abcdefghij'", None),
    "number-for-date": ("name: a\nuntil: 20260101", 2, "must be a date such as 2026-05-01, not 20260101", None),
    "word-for-date": ("name: a\nuntil: soon", 2, "must be a date such as 2026-05-01, not 'soon'", None),
    "time-for-date": ("name: a\nuntil: 2026-01-01T10:00:00Z", 2, "must be a date such as 2026-05-01", None),
    "no-multiple": ("name: a\nstep: 3", 2, "'step' in the router profile must be a multiple of 5, not 3", None),
    "mapping-for-list": ("name: a\nweights: {a: x}", 2, "must be a list, not {a: …}", None),
    "no-url": ("name: a\ndocs: here", 2, "'docs' in the router profile must be a URL, not 'here'", None),
    "enumeration": ("name: a\nclient_key: keep", 2, "must be 'kept' or 'forwarded', not 'keep'", "kept"),
    "after-a-validator": ("name: a\nlimit_s: soon", 2,
                          "'limit_s' in the router profile must be a number, not 'soon'", None),
    "top-is-a-list": ("- a", 1, "the router profile must be a mapping, not a list", None),
    "top-is-nothing": ("~", 1, "the router profile must be a mapping, not nothing", None),
    # retry: a model with a validator of its own
    "retries-in-words": ("name: a\nroutes:\n  k:\n    upstream: p\n    retry:\n      on: []\n      retries: x", 7,
                         "'retries' in routes.k.retry must be an integer, not 'x'", None),
    "item-misspelt": ("name: a\nroutes: {k: {upstream: p,\n  retry: {on: [overloaded,\n  rate_limt], retries: 1}}}", 4,
                      "item 2 of routes.k.retry.on must be 'rate_limit', 'overloaded' or 'server_error', not",
                      "rate_limit"),
    "empty-list": ("name: a\nattempts: 1\nroutes: {k: {upstream: p, surfaces: []}}", 3,
                  "'surfaces' in routes.k must not be empty", None),
    "own-words": ("name: a\nroutes:\n  k: {upstream: p,\n    retry: {on: [overloaded], retries: 10}}", 4,
                  "routes.k.retry: 10 retries are a siege", None),
    # unions: one message each
    "no-member": ("name: a\nagent: {heder: x}", 2,
                  "must be {header: …}, {path: …}, {bearer: …}, {body: …} or {port: …}, not {heder: …}", "header"),
    "two-members": ("name: a\nagent: {header: x, path: y}", 2,
                    "{body: …} or {port: …}, not {header: …, path: …}", None),
    "string-for-members": ("name: a\nagent: x-agent-id", 2,
                           "'agent' in the router profile must be {header: …}, {path: …}", None),
    "member-of-wrong-kind": ("name: a\nagent: {header: 3}", 2, "'header' in agent must be a string, not 3", None),
    "member-wrong-inside": ("name: a\nagent:\n  port:\n    dispo: x", 4,
                            "'dispo' in agent.port must be an integer, not 'x'", None),
    "member-misspelt-inside": ("name: a\nroutes:\n  k:\n    upstream: p\n    headers:\n      x: {json: /a, iss: 1}", 6,
                               "unknown key 'iss' in routes.k.headers.x", "is"),
    "string-or-model": ("name: a\nroutes: {k: {upstream: p, headers: {x: 1}}}", 2,
                        "'x' in routes.k.headers must be a string or {json: …, is: …}, not 1", None),
    "neither-string-nor-model": ("name: a\nroutes: {k: {upstream: p, headers: {x: {foo: 1}}}}", 2,
                                 "'x' in routes.k.headers must be a string or {json: …, is: …}, not {foo: …}", None),
    "all-optional": ("name: a\ntree: {foo: 1}", 2, "must be {weight: …, kids: …} or 'none', not {foo: …}", None),
    "date-in-json": ("name: a\nroutes: {k: {upstream: p, headers: {x: {json: /a, is: [2026-01-01]}}}}", 2,
                     "item 1 of routes.k.headers.x.is must be a JSON value, not 2026-01-01; put it in quotes", None),
    "one-or-list": ("name: a\nspeaks: kimmi", 2, "must be 'kimi', 'openai' or a list, not 'kimmi'", "kimi"),
    "one-or-list-item": ("name: a\nspeaks:\n- kimi\n- opnai", 4,
                         "item 2 of speaks must be 'kimi' or 'openai', not 'opnai'", "openai"),
    "integer-or-word": ("name: a\nattempts: '3'", 2, "must be an integer or 'endless', not '3'", None),
    "tag-misspelt": ("name: a\nledger: {kind: postgress, upstream: l}", 2,
                     "'kind' in ledger must be 'postgrest' or 'postgres', not 'postgress'", "postgres"),
    "tag-missing": ("name: a\nledger: {upstream: l}", 2, "missing key 'kind' in ledger", None),
    "tagged-inside": ("name: a\nledger:\n  kind: postgres\n  dsn_env: 1", 4,
                      "'dsn_env' in ledger must be a string, not 1", None),
    # what YAML 1.1 reads as something else
    "sexagesimal": ("name: a\nagent: {port: {dispo: 1:30}}", 2,
                    "'dispo' in agent.port must be an integer, not '1:30'", None),
    "octal": ("name: a\nagent: {port: {dispo: 012}}", 2, "must be an integer, not '012'", None),
    "underscore": ("name: a\nagent: {port: {dispo: 1_000}}", 2, "must be an integer, not '1_000'", None),
    "hexadecimal": ("name: a\nagent: {port: {dispo: 0x1F}}", 2, "must be an integer, not '0x1F'", None),
    "yes": ("name: a\nprefixes: {m/: {route: k, strip: yes}}", 2,
            "'strip' in prefixes.'m/' must be true or false, not 'yes'", "true"),
    "off": ("name: a\nprefixes: {m/: {route: k, strip: off}}", 2, "must be true or false, not 'off'", "false"),
    "True": ("name: a\nprefixes: {m/: {route: k, strip: True}}", 2, "must be true or false, not 'True'", "true"),
    "quoted-true": ("name: a\nprefixes: {m/: {route: k, strip: 'true'}}", 2, "not 'true'; take the quotes off", None),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "fragment", "near"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_message_with_its_line_and_the_nearest_name(
    text: str, line: int, fragment: str, near: str | None, load_yaml: Load
) -> None:
    (problem,) = mistakes(text, load_yaml)
    assert fragment in str(problem)
    assert (problem.line, problem.nearest) == (line, near)
    assert str(problem).startswith(f"p.yaml:{line}: ")
    assert str(problem).endswith(f"; did you mean '{near}'?") == bool(near)
    assert not JARGON.search(str(problem))


def test_one_mistake_is_told_once_and_many_are_cut_at_twenty(load_yaml: Load) -> None:
    text = "name: a\nroutes:\n" + "".join(f"  r{n}: {{upstrem: p}}\n" for n in range(30)) + "cwd: 3\n"
    *most, rest = mistakes(text, load_yaml)
    assert [problem.line for problem in most] == list(range(3, 23))
    assert (rest.line, rest.what) == (None, "11 more mistakes are not shown")


VALID = (
    "name: a\nagent: {header: x}\nroutes:\n  k: {upstream: p, retry: {on: [overloaded], retries: 1}}\nspeaks: [kimi]\n"
)
PIECES = [
    *"{}[]:-\n\t'\"*&!|>%@?#~",
    ": ",
    "\n  ",
    "<<",
    "[key]",
    "'[key]': 1",
    "3",
    "true",
    "2026-01-01",
    "kind",
    "---\n",
]


@given(st.integers(0, len(VALID)), st.integers(0, 8), st.sampled_from(PIECES))
def test_a_spoilt_file_is_read_or_refused_and_never_raises_anything_else(at: int, cut: int, piece: str) -> None:
    path = Path(yaml_file.__file__).with_name("spoilt.yaml")
    said = ""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_file, "text_of", lambda _path: VALID[:at] + piece + VALID[at + cut :])
        try:
            parse(RouterProfile, read(path))
        except ContractError as error:
            said = str(error)
    assert not JARGON.search(said)
