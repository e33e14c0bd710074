"""Importing users' code from a folder: without a trace, with a state of its own, and with words for what fails."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.router.load import LoadError, load, load_app
from suites.selftest.asgi_apps import ask, only_http

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, **modules: str) -> Path:
    for name, text in modules.items():
        path = folder.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


APP = """
import json
from suite_helper import NAME
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps([NAME, scope["path"]]).encode()})
def make():
    return app
"""


@pytest.mark.parametrize(
    ("spec", "factory"),
    [pytest.param("suite_pkg.web:app", False, id="app"), pytest.param("suite_pkg.web:make", True, id="factory")],
)
def test_an_app_is_imported_from_its_folder_and_leaves_no_trace(
    spec: str,
    factory: bool,  # noqa: FBT001 (a parameter of pytest's)
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    write(tmp_path, suite_pkg__web=APP, suite_helper="NAME = 'mine'")
    path = [*sys.path]
    exchange = ask(only_http(load_app(spec, tmp_path, factory=factory)))
    assert exchange.response is not None
    assert json.loads(exchange.response.body) == ["mine", "/"]
    assert (sys.path, sys.dont_write_bytecode) == (path, False)
    assert not [*tmp_path.rglob("*.pyc")]


def test_each_load_has_a_state_and_helpers_of_its_own(tmp_path: Path) -> None:
    text = "import suite_helper\nseen = []\ndef take(x):\n    seen.append(x)\n    return suite_helper.NAME, len(seen)"
    folders = [write(tmp_path / name, suite_app=text, suite_helper=f"NAME = {name!r}") for name in ("a", "b")]
    taken = [load("suite_app:take", folder)(0) for folder in [*folders, folders[0]]]
    assert taken == [("a", 1), ("b", 1), ("a", 1)]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        pytest.param("suite_bad", "'suite_bad' is not of the form package.module:attribute", id="no-colon"),
        pytest.param("suite_bda:app", "no module suite_bda in .* \\(the nearest is 'suite_bad'\\)", id="no-module"),
        pytest.param("suite_bad.web:app", "no module suite_bad.web in ", id="no-submodule"),
        pytest.param("suite_bad:ap", "no attribute 'ap' \\(the nearest is 'app'\\)", id="near-attribute"),
        pytest.param("suite_bad:zzzz", "has no attribute 'zzzz'$", id="no-attribute"),
        pytest.param("suite_bad:number", "suite_bad:number is not callable: 5", id="not-callable"),
        pytest.param(
            "suite_raises:app", "importing suite_raises raised ZeroDivisionError: .*raises.py:2\\)", id="raises"
        ),
        pytest.param("suite_exits:app", "importing suite_exits raised SystemExit: 3", id="exits"),
        pytest.param(
            "suite_wrong:app", "importing suite_wrong raised SyntaxError: .*suite_wrong.py, line 1", id="syntax"
        ),
        pytest.param("suite_needs:app", "importing suite_needs raised ModuleNotFoundError: .*'no_such'", id="needs"),
        pytest.param(
            "json:app", "json.py cannot be imported: .*json.__init__.py has the name 'json' already", id="taken"
        ),
    ],
)
def test_what_cannot_be_imported_is_said(spec: str, message: str, tmp_path: Path) -> None:
    write(
        tmp_path,
        suite_bad="def app(): ...\nnumber = 5",
        suite_raises="\n1 / 0",
        suite_exits="import sys; sys.exit(3)",
        suite_wrong="def",
        suite_needs="import no_such",
        json="def app(): ...",
    )
    with pytest.raises(LoadError, match=message):
        load(spec, tmp_path)
    assert json is sys.modules["json"]


def test_a_factory_that_raises_is_said(tmp_path: Path) -> None:
    write(tmp_path, suite_bad="def make():\n    raise KeyError('PORTKEY_URL')")
    with pytest.raises(LoadError, match=r"suite_bad:make\(\) raised KeyError: 'PORTKEY_URL' \(.*suite_bad\.py:2\)"):
        load_app("suite_bad:make", tmp_path, factory=True)
