"""Every mistake in a YAML file becomes a message with file, line, what is wrong, and the nearest valid name."""

import datetime as dt
import pickle
import re
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    JsonValue,
    PositiveFloat,
    RootModel,
    StringConstraints,
    TypeAdapter,
    field_validator,
    model_validator,
)

from kimi_conformance.registry import yaml_file
from kimi_conformance.registry.parse import locate, parse
from kimi_conformance.registry.problems import ContractError, Problem, keyed, listed, nearest, shown, where
from kimi_conformance.registry.yaml_file import Document, read

Surface = Literal["chat", "messages", "models"]
JARGON = re.compile(r"Input|should be|type=|https?://|pydantic|Traceback|<class|expected|schema")


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _ByHeader(_Frozen):
    header: str


class _ByPath(_Frozen):
    path: str
    strip: bool = False


class _ByBearer(_Frozen):
    bearer: str


class _ByBody(_Frozen):
    body: str


class _ByPort(_Frozen):
    port: dict[str, int]


class _Ready(_Frozen):
    path: str
    status: int = 200
    timeout_s: PositiveFloat = 30


class _Retry(_Frozen):
    on: tuple[Literal["rate_limit", "overloaded", "server_error"], ...]
    retries: int = Field(ge=0)
    base_ms: float = 40

    @model_validator(mode="after")
    def few(self) -> Self:
        if self.retries > 9:
            raise ValueError(f"{self.retries} retries\nare a siege")
        return self


class _JsonMember(_Frozen):
    pointer: str = Field(alias="json")
    value: JsonValue = Field(alias="is")


class Route(_Frozen):
    """Named without a dash, because messages call the whole by the model's name."""

    upstream: str
    headers: dict[str, str | _JsonMember] = {}
    surfaces: tuple[Surface, ...] = Field(default=("chat",), min_length=1)
    retry: _Retry | None = None


class _Prefix(_Frozen):
    route: str
    strip: bool = False


class _Postgrest(_Frozen):
    kind: Literal["postgrest"]
    upstream: str


class _Postgres(_Frozen):
    kind: Literal["postgres"]
    dsn_env: str


class _Kept(Enum):
    KEPT = "kept"
    FORWARDED = "forwarded"


class _Models(RootModel[dict[str, str]]):
    pass


class _Tree(_Frozen):
    weight: int = 0
    kids: tuple["_Tree", ...] = ()


class _Alerts(_Frozen):
    on: tuple[int, ...]


class RouterProfile(_Frozen):
    """Shapes as in a router profile, small."""

    name: str = Field(min_length=1, max_length=9)
    cwd: Path = Path()
    agent: _ByHeader | _ByPath | _ByBearer | _ByBody | _ByPort | None = None
    ready: _Ready | None = None
    surfaces: dict[Surface, str] = {}
    upstreams: dict[Annotated[str, StringConstraints(pattern="^[a-z]+$")], dict[str, Any]] = {}
    routes: dict[str, Route] = {}
    models: _Models = _Models({})
    prefixes: dict[str, _Prefix] = {}
    speaks: Literal["kimi", "openai"] | tuple[Literal["kimi", "openai"], ...] = "kimi"
    attempts: int | Literal["endless"] = 1
    client_key: _Kept = _Kept.KEPT
    ledger: Annotated[_Postgrest | _Postgres, Field(discriminator="kind")] | None = None
    until: dt.date | None = None
    by_status: dict[int, str] = {}
    docs: HttpUrl | None = None
    tree: _Tree | Literal["none"] | None = None
    step: int = Field(default=5, multiple_of=5)
    weights: list[int] = []
    alerts: _Alerts | None = None
    limit_s: float = 1

    @field_validator("limit_s", mode="before")
    @classmethod
    def seconds(cls, value: object) -> object:
        """`5s` is 5."""
        return value.removesuffix("s") if isinstance(value, str) else value


Load = Callable[[str], Document]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Reads a text as the file p.yaml of the current folder."""
    monkeypatch.chdir(tmp_path)

    def read_text(text: str) -> Document:
        Path("p.yaml").write_text(text, encoding="utf-8", newline="")
        return read(Path("p.yaml"))

    return read_text


def mistakes(text: str, load: Load) -> tuple[Problem, ...]:
    with pytest.raises(ContractError) as caught:
        parse(RouterProfile, load(text))
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
    text: str, line: int, fragment: str, near: str | None, load: Load
) -> None:
    (problem,) = mistakes(text, load)
    assert fragment in str(problem)
    assert (problem.line, problem.nearest) == (line, near)
    assert str(problem).startswith(f"p.yaml:{line}: ")
    assert str(problem).endswith(f"; did you mean '{near}'?") == bool(near)
    assert not JARGON.search(str(problem))


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def _either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_file, "LOADER", getattr(yaml, request.param))


ALIAS_BOMB = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{name}: &{name} [{f'*{of},' * 9}]\n" for of, name in zip("abcdef", "bcdefg", strict=True)
)
SYNTAX = {
    "empty": ("", 1, "the file is empty"),
    "only-comments": ("# nothing\n", 1, "the file is empty"),
    "second-colon": ("a: b: c", 1, "a ':' that no key can stand before (column 5); put the value in quotes"),
    "indentation": ("a:\n  b: 1\n c: 2", 3, "a line that fits no level above it (column 2)"),
    "no-colon": ("a: 1\nb\nc: 2", 2, "a key without ':' and a blank after it"),
    "open-list": ("a: [1, 2\nb: 3", 2, "the bracket of line 1 is not closed, or a ',' is missing"),
    "open-mapping": ("a: {x: 1\nb: 3", 2, "the bracket of line 1 is not closed, or a ',' is missing"),
    "open-quote": ("b: 1\na: 'abc\nc: 2\n", 2, "a quote is opened in line 2 and never closed"),
    "text-after-quote": ("a: 'x' y", 1,
                         "text goes on after the value has ended (column 8); put the whole value in quotes"),
    "text-after-brace": ("a: {x}/v1", 1, "text goes on after the value has ended"),
    "at-sign": ("a: @x", 1, "a value may not begin with '@' (column 4); put the value in quotes"),
    "escape": ('a: "\\q"', 1, "an unknown escape in double quotes"),
    "item-for-key": ("a: 1\n- b", 2, "a list item where a key must stand"),
    "item-in-line": ("a: - b", 1, "a list item may not begin here"),
    "no-key": (": x", 1, "a key is missing before the ':'"),
    "bare-star": ("a: [*]", 1, "put a value that begins with '*' or '&' in quotes"),
    "two-commas": ("a: [x,, y]", 1, "a value is missing here (column 7)"),
    "after-the-end": ("a: 1\n...\nfoo", 3, "text stands outside the document"),
    "tag-handle": ("a: !x!y 1", 1, "an unknown tag"),
    "tab": ("a:\n\tb: 1", 2, "a tab in the indentation (column 1); indent with blanks"),
    "tab-in-level": ("a: 1\n\tb: 2", 2, "a tab in the indentation"),
    "second-document": ("a: 1\n---\nb: 2", 2, "a second document starts here"),
    "key-twice": ("a: 1\nb: 2\na: 3", 3, "the key 'a' stands twice: in line 1 and in line 3"),
    "key-twice-in-quotes": ("x:\n  1: a\n  '1': b", 3, "the key '1' stands twice: in line 2 and in line 3"),
    "key-twice-crlf": ("a: 1\r\nb: 2\r\na: 3\r\n", 3, "the key 'a' stands twice: in line 1 and in line 3"),
    "no-key-after-question": ("?\n: x", 1, "a key is missing before the ':'"),
    "placeholder-as-key": ("x:\n  {port}: 1", 2, "a key must be a string"),
    "list-as-key": ("x:\n  ? [a]\n  : 1", 2, "a key must be a string"),
    "merge-key": ("a: &a {b: 1}\nc:\n  <<: *a", 3, "merge keys ('<<') are not read"),
    "python-tag": ("a: !!python/object/apply:os.system [x]", 1,
                   "the tag '!!python/object/apply:os.system' is not read"),
    "unknown-anchor": ("a: &foo 1\nserves: *fop", 2, "no anchor '&fop' stands before this '*fop'; put"),
    "anchor-misspelt": ("a: &foo 1\nb: *fop", 2, "did you mean 'foo'?"),
    "endless-alias": ("a: &x {b: *x}", 1, "'*x' stands inside '&x', so that it would never end"),
    "alias-bomb": (ALIAS_BOMB, 6, "more than 100000 values"),
    "no-such-day": ("a: 2026-02-30", 1, "there is no day 2026-02-30"),
    "huge-float": ("a: 1e999", 1, "the number 1e999… is too large"),
    "huge-integer": ("a: " + "9" * 5000, 1, "is too large"),
    "deep": ("a:\n  " + "[" * 70 + "]" * 70, 2, "nested more than 64 levels deep"),
    "deeper": ("[" * 10_000, 1, "nested more than 64 levels deep"),
    "line-separator": ('a: 1\nb: "x\u2028y"', 2,
                       'the character U+2028 may not stand in a YAML file (column 6); write it as "\\u2028"'),
    "nul": ("a: \x00", 1, "the character U+0000 may not stand in a YAML file (column 4)"),
}  # fmt: skip


@pytest.mark.usefixtures("_either_parser")
@pytest.mark.parametrize(("text", "line", "fragment"), SYNTAX.values(), ids=SYNTAX)
def test_what_is_no_yaml_of_ours_is_told_in_plain_words(text: str, line: int, fragment: str, load: Load) -> None:
    with pytest.raises(ContractError) as caught:
        load(text)
    (problem,) = caught.value.problems
    assert fragment in str(problem)
    assert problem.line == line
    assert not JARGON.search(str(problem))


def test_keys_are_the_strings_that_were_written(load: Load) -> None:
    data = load("on: 1\nno: 1\n1: 1\n012: 1\ntrue: 1\nnull: 1\n2026-01-01: 1\n'': 1").data
    assert list(data) == ["on", "no", "1", "012", "true", "null", "2026-01-01", ""]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True), ("false", False), ("null", None), ("~", None), ("", None), ("0", 0), ("-12", -12), ("1.5", 1.5),
        ("1e3", 1000.0), ("2026-05-01", dt.date(2026, 5, 1)), ("on", "on"), ("yes", "yes"), ("no", "no"),
        ("off", "off"), ("True", "True"), ("Null", "Null"), ("1:30", "1:30"), ("012", "012"), ("1_000", "1_000"),
        ("0x1F", "0x1F"), ("+1", "+1"), (".5", ".5"), (".inf", ".inf"),
        ("2026-05-01T10:00:00Z", "2026-05-01T10:00:00Z"), ("'1'", "1"), ('""', ""), ("!!str 1", "1"), ("=", "="),
        ("|\n  a\n  b", "a\nb"), ("&x {b: 1}", {"b": 1}),
    ],
)  # fmt: skip
def test_plain_words_mean_what_json_says_and_nothing_else(written: str, value: object, load: Load) -> None:
    found = load(f"a: {written}").data["a"]
    assert (type(found), found) == (type(value), value)


def test_the_keys_named_on_and_dates_and_numbers_reach_the_model(load: Load) -> None:
    text = "name: a\nalerts: {on: [429]}\nby_status: {404: gone}\nuntil: 2026-05-01\nlimit_s: 5s\nattempts: endless\n"
    found = parse(RouterProfile, load(f"{text}cwd: x\nspeaks: [kimi]\nagent: {{header: x}}\nclient_key: forwarded"))
    assert found.alerts == _Alerts(on=(429,))
    assert (found.by_status, found.until, found.limit_s) == ({404: "gone"}, dt.date(2026, 5, 1), 5.0)
    assert (found.attempts, found.cwd, found.speaks) == ("endless", Path("x"), ("kimi",))
    assert (found.agent, found.client_key) == (_ByHeader(header="x"), _Kept.FORWARDED)


def test_nothing_stands_for_an_optional_value(load: Load) -> None:
    assert parse(RouterProfile, load("name: a\nuntil: ~\ntree:\n")) == RouterProfile(name="a")


def test_an_alias_stands_for_what_its_anchor_holds(load: Load) -> None:
    document = load("a: &x\n  b: &y z\nc: *x\nd:\n- 1\n- *x\n*y : 2")
    assert document.data == {"a": {"b": "z"}, "c": {"b": "z"}, "d": [1, {"b": "z"}], "z": 2}
    assert [document.line(pointer) for pointer in [("c",), ("c", "b"), ("d", 1), ("z",)]] == [3, 2, 6, 7]


def test_a_node_has_the_line_of_its_key_or_of_its_nearest_ancestor(load: Load) -> None:
    document = load("# top\na:\n\n  b:\n    - 1\n    -\n      c: {d: 1,\n        e: 2}\n")
    pointers = [
        (),
        ("a",),
        ("a", "b"),
        ("a", "b", 0),
        ("a", "b", 1),
        ("a", "b", 1, "c", "e"),
        ("a", "x", "y"),
        ("a", "b", 7),
    ]
    assert [document.line(pointer) for pointer in pointers] == [2, 2, 4, 5, 7, 8, 2, 4]


UNREADABLE = {
    "missing": (lambda: Path("kimi.yaml").touch(), "kimmi.yaml", "kimmi.yaml: no such file; did you mean 'kimi.yaml'?"),
    "no-folder": (int, "no/x.yaml", "no/x.yaml: no such file: there is no folder 'no' that can be read"),
    "folder": (lambda: Path("x.yaml").mkdir(), "x.yaml", "x.yaml: is a folder, not a file"),
    "device": (int, "/dev/null", "/dev/null: is no plain file"),
    "file-as-folder": (lambda: Path("x").touch(), "x/y", "x/y: cannot be read: not a directory"),
    "link-loop": (lambda: Path("x").symlink_to("x"), "x", "x: cannot be read: too many levels of symbolic links"),
    "long-name": (int, "x" * 300, f"{'x' * 300}: cannot be read: file name too long"),
    "nul": (int, "x\0", "x\0: cannot be read: embedded null byte"),
    "latin-1": (lambda: Path("x").write_bytes(b"a: 1\nb: \xff"), "x",
                "x:2: not UTF-8: byte 0xff at offset 8; save the file as UTF-8"),
    "utf-16": (lambda: Path("x").write_bytes(b"\xff\xfea\0"), "x",
               "x:1: not UTF-8: byte 0xff at offset 0; save the file as UTF-8"),
    "huge": (lambda: Path("x").write_bytes(b"#" * (5 << 20)), "x", "x: is larger than 4 MB"),
}  # fmt: skip


@pytest.mark.parametrize(("prepare", "name", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(
    prepare: Callable[[], object], name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    prepare()
    with pytest.raises(ContractError) as caught:
        read(Path(name))
    assert str(caught.value) == message


def test_a_file_without_permission_is_named_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "x").touch()
    monkeypatch.setattr(Path, "read_bytes", refuse)  # root may read everything
    with pytest.raises(ContractError, match="x: cannot be read: permission denied"):
        read(tmp_path / "x")


def test_a_byte_order_mark_is_no_part_of_the_first_key(load: Load) -> None:
    assert load("\ufeffname: a").data == {"name": "a"}


def test_one_mistake_is_told_once_and_many_are_cut_at_twenty(load: Load) -> None:
    text = "name: a\nroutes:\n" + "".join(f"  r{n}: {{upstrem: p}}\n" for n in range(30)) + "cwd: 3\n"
    *most, rest = mistakes(text, load)
    assert [problem.line for problem in most] == list(range(3, 23))
    assert (rest.line, rest.what) == (None, "11 more mistakes are not shown")


def test_a_part_of_a_document_is_parsed_with_its_own_lines(load: Load) -> None:
    document = load("- {upstream: a}\n- {upstream: b, surfaces: [chatt]}\n")
    assert parse(Route, document, (0,)) == Route(upstream="a")
    with pytest.raises(
        ContractError, match=r"p\.yaml:2: item 1 of surfaces of item 2 must be 'chat'.*did you mean 'chat'"
    ):
        parse(Route, document, (1,))
    with pytest.raises(ContractError, match=r"p\.yaml:1: missing key 'routes' in the file"):
        parse(Route, load("route: {}"), ("routes", "k"))


def test_a_type_adapter_parses_a_list_of_models(load: Load) -> None:
    routes = TypeAdapter(tuple[Route, ...])
    assert parse(routes, load("- {upstream: a}")) == (Route(upstream="a"),)
    with pytest.raises(ContractError, match=r"p\.yaml:2: missing key 'upstream' in item 2"):
        parse(routes, load("- {upstream: a}\n- {}"))
    with pytest.raises(ContractError, match=r"p\.yaml:1: the file must be a list, not \{upstream: …\}"):
        parse(routes, load("upstream: a"))


def test_a_reference_to_an_unknown_name_is_located_with_the_nearest_one(load: Load) -> None:
    document = load("routes:\n  kimi:\n    upstream: portkye\nsends: {kimi-k9: x}")
    pointer = ("routes", "kimi", "upstream")
    problem = locate(document, pointer, f"unknown upstream in {where(pointer)}", candidates=["ledger", "portkey"])
    assert str(problem) == "p.yaml:3: unknown upstream in routes.kimi.upstream; did you mean 'portkey'?"
    problem = locate(document, pointer, "unknown upstream", candidates=["a", "b"])
    assert str(problem) == "p.yaml:3: unknown upstream; known are 'a' and 'b'"
    problem = locate(document, ("sends", "kimi-k9"), "unknown model", candidates=["kimi-k2"], name="kimi-k9")
    assert (problem.line, problem.nearest) == (4, "kimi-k2")
    assert locate(document, ("routes", "kimi"), "unused", candidates=["kimmi"]).nearest == "kimmi"
    assert locate(document, (), "odd", mend="mend it").mend == "mend it"


def test_an_error_lists_its_problems_by_line_and_survives_pickling() -> None:
    path = Path("p.yaml")
    error = ContractError([Problem(path, None, "c"), Problem(path, 10, "b"), Problem(path, 9, "a", "x", "y")])
    assert str(error) == "p.yaml:9: a; y; did you mean 'x'?\np.yaml:10: b\np.yaml: c"
    assert pickle.loads(pickle.dumps(error)).problems == error.problems  # noqa: S301 - our own bytes


def test_a_path_is_shown_from_the_current_folder_where_that_is_shorter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert str(Problem(tmp_path / "a" / "p.yaml", 1, "x")) == "a/p.yaml:1: x"
    assert str(Problem(Path("/p.yaml"), 1, "x")) == "/p.yaml:1: x"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("upstrems", "upstreams"),
        ("NAME", "name"),
        ("UPSTREMS", "upstreams"),
        ("Kimi", "kimi"),
        ("zzz", None),
        ("", None),
    ],
)
def test_the_nearest_name_is_the_same_but_for_case_or_the_most_alike(name: str, meant: str | None) -> None:
    assert nearest(name, ["name", "upstreams", "routes", "Kim", "kimi"]) == meant


def test_long_values_and_lists_are_cut_short() -> None:
    assert shown("x" * 500) == f"'{'x' * 57}…'"
    assert listed(range(30)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 or 19 more"
    assert keyed(range(30)).count("…") == 12


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
        patch.setattr(yaml_file, "_text", lambda _path: VALID[:at] + piece + VALID[at + cut :])
        try:
            parse(RouterProfile, read(path))
        except ContractError as error:
            said = str(error)
    assert not JARGON.search(said)
