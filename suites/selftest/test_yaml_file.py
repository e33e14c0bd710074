"""A YAML file is read as plain data with its lines, or named with the reason why it cannot be."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.registry.problems import ContractError
from kimi_conformance.registry.yaml_file import read

if TYPE_CHECKING:
    from collections.abc import Callable

    from suites.selftest.yaml_texts import Load


def test_keys_are_the_strings_that_were_written(load_yaml: Load) -> None:
    data = load_yaml("on: 1\nno: 1\n1: 1\n012: 1\ntrue: 1\nnull: 1\n2026-01-01: 1\n'': 1").data
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
def test_plain_words_mean_what_json_says_and_nothing_else(written: str, value: object, load_yaml: Load) -> None:
    found = load_yaml(f"a: {written}").data["a"]
    assert (type(found), found) == (type(value), value)


def test_an_alias_stands_for_what_its_anchor_holds(load_yaml: Load) -> None:
    document = load_yaml("a: &x\n  b: &y z\nc: *x\nd:\n- 1\n- *x\n*y : 2")
    assert document.data == {"a": {"b": "z"}, "c": {"b": "z"}, "d": [1, {"b": "z"}], "z": 2}
    assert [document.line(pointer) for pointer in [("c",), ("c", "b"), ("d", 1), ("z",)]] == [3, 2, 6, 7]


def test_a_node_has_the_line_of_its_key_or_of_its_nearest_ancestor(load_yaml: Load) -> None:
    document = load_yaml("# top\na:\n\n  b:\n    - 1\n    -\n      c: {d: 1,\n        e: 2}\n")
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


def test_a_byte_order_mark_is_no_part_of_the_first_key(load_yaml: Load) -> None:
    assert load_yaml("\ufeffname: a").data == {"name": "a"}
