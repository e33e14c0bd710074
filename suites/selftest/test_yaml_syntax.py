"""What is no YAML of ours is told in plain words, by either parser of PyYAML."""

from __future__ import annotations

import pytest
import yaml

from kimi_conformance.registry import yaml_file
from kimi_conformance.registry.problems import ContractError
from suites.selftest.yaml_texts import JARGON, Load


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
def test_what_is_no_yaml_of_ours_is_told_in_plain_words(text: str, line: int, fragment: str, load_yaml: Load) -> None:
    with pytest.raises(ContractError) as caught:
        load_yaml(text)
    (problem,) = caught.value.problems
    assert fragment in str(problem)
    assert problem.line == line
    assert not JARGON.search(str(problem))
