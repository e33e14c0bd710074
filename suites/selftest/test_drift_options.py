"""`drift` between folders: what it says of mistakes, what it writes, and its exit codes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest
import typer
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from kimi_conformance.api.keeping import make_room
from kimi_conformance.api.problems import BadAnswers, BadSurroundings
from kimi_conformance.cassette.shelf import path_of
from kimi_conformance.cli.drift import drift
from kimi_conformance.contract.asked import FILE
from kimi_conformance.registry.home import cassettes, contracts

if TYPE_CHECKING:
    from pathlib import Path

APP: Final = typer.Typer(rich_markup_mode=None)
APP.command("drift")(drift)
HELLO, STREAM, KEY = "chat/kimi-k3-hello", "stream/kimi-k3-hello", "hosts/models-ai-no-key"


def called(*words: str | Path) -> tuple[int, str, str]:
    """Exit code, standard output and error, of the command in this process."""
    done = CliRunner().invoke(APP, [*map(str, words)], catch_exceptions=False)
    return done.exit_code, done.stdout, " ".join(done.stderr.split())


def shelf(folder: Path, *names: str, **changed: str) -> Path:
    """Bundled cassettes in a folder of their own; `changed`: texts in them, and what stands there now."""
    for name in names:
        text = path_of(name).read_text("utf-8")
        for was, now in changed.items():
            text = text.replace(was, now)
        path_of(name, folder).parent.mkdir(parents=True, exist_ok=True)
        path_of(name, folder).write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("--seen", ".", "--base-url", "http://a"), "--base-url: it goes with a live run", id="a base URL"),
        pytest.param(("--seen", ".", "--cap", "3"), "--cap: it goes with a live run", id="a cap"),
        pytest.param(("--seen", ".", "--keep", "x"), "--keep: it goes with a live run", id="a folder to keep"),
        pytest.param(("--seen", ".", "--rpm", "3"), "--rpm: it goes with a live run", id="a pace"),
        pytest.param(("--date", "soon"), "'soon' is no date", id="no date"),
        pytest.param(("--webhook", "not a name"), "neither an address nor the name of a variable", id="no webhook"),
        pytest.param(("--webhook", "NO_SUCH_HOOK"), "there is no NO_SUCH_HOOK in the environment", id="no variable"),
        pytest.param(("--webhook", "ftp://secret"), "it is no address", id="no address"),
    ],
)
def test_a_mistake_in_the_options_is_named(words: tuple[str, ...], said: str) -> None:
    code, out, error = called(*words)
    assert (code, said in error, out) == (2, True, "")
    assert "secret" not in error


def test_a_call_that_is_not_there_is_told_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOONSHOT_API_KEY", "sk-nobody")
    code, _, error = called("--only", "chat/kimi-k3-helo", "--base-url", "http://127.0.0.1:1")
    assert (code, "did you mean 'chat/kimi-k3-hello'?" in error) == (2, True)


def test_without_a_key_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOONSHOT_API_KEY", raising=False)
    with pytest.raises(BadSurroundings, match="no MOONSHOT_API_KEY"):
        called()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("--seen", "{}/no"), "--seen: there is no folder", id="no folder seen"),
        pytest.param(("--seen", "{}", "--against", "{}/no"), "--against: there is no folder", id="no folder recorded"),
        pytest.param(("--seen", "{}"), "no cassettes there", id="an empty folder"),
        pytest.param(("--seen", str(cassettes()), "--against", "{}"), "no cassettes there", id="against nothing"),
        pytest.param(("--seen", str(cassettes()), "--only", "a/b"), "that a/b names", id="a name that is not there"),
    ],
)
def test_folders_without_answers_are_told(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    with pytest.raises(BadAnswers, match=re.escape(said)):
        called(*(word.format(tmp_path) for word in words))


def test_the_same_is_no_drift(tmp_path: Path) -> None:
    code, out, error = called("--seen", shelf(tmp_path, HELLO, STREAM))
    assert (code, error) == (0, "")
    assert out.startswith("NO BREAKING DRIFT")
    assert "0 breaking, 0 additive, 0 wording; 2 calls compared, 161 not" in " ".join(out.split())


def test_breaking_drift_is_told_with_both_sides_and_their_evidence(tmp_path: Path) -> None:
    seen = shelf(tmp_path / "seen", HELLO, **{'"object":"chat.completion"': '"object":"completion"'})
    page, data = tmp_path / "d.md", tmp_path / "d.json"
    code, out, _ = called("--seen", seen, "--only", HELLO, "--markdown", page, "--json", data)
    assert code == 1
    text = " ".join(out.split())
    assert "BREAKING /object is completion in the place of chat.completion; the schema has a fixed list" in text
    assert "before chat.completion (observed 2026-09-01) after completion (observed 2026-09-01)" in text
    assert "means Kimi changed" in text
    assert "`chat.completion` (observed 2026-09-01)" in page.read_text("utf-8")
    found = json.loads(data.read_text("utf-8"))
    (one,) = found["differences"]
    assert (one["class"], one["where"], found["totals"]["breaking"]) == ("breaking", "/object", 1)
    assert one["shown"][0]["recorded"]["origin"] == "observed"
    schema = json.loads((contracts() / "schemas" / "drifted.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(found)


def test_json_on_standard_output_is_all_that_is_there(tmp_path: Path) -> None:
    code, out, error = called("--seen", shelf(tmp_path, HELLO), "--only", HELLO, "--json", "-")
    assert (code, json.loads(out)["compared"]) == (0, [HELLO])
    assert error.startswith("NO BREAKING DRIFT")


def test_wording_alone_breaks_nothing(tmp_path: Path) -> None:
    seen = shelf(tmp_path, KEY, **{"Incorrect API key provided": "No key was provided"})
    code, out, _ = called("--seen", seen, "--only", KEY)
    assert (code, "WORDING" in out) == (0, True)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        pytest.param({"interactions:": "interactions: ["}, "is no cassette", id="a broken cassette"),
        pytest.param({'"max_tokens":64': '"max_tokens":65'}, "to another request", id="another request"),
        pytest.param({"code: 200": "code: 500"}, "that is over soon", id="a server that was down"),
    ],
)
def test_where_nothing_can_be_compared_nothing_is_said(changed: dict[str, str], why: str, tmp_path: Path) -> None:
    code, out, _ = called("--seen", shelf(tmp_path, HELLO, **changed), "--only", HELLO)
    assert (code, out.startswith("COULD NOT TELL")) == (3, True)
    assert why in " ".join(out.split())


def test_one_broken_cassette_does_not_keep_the_others_from_being_compared(tmp_path: Path) -> None:
    seen = shelf(tmp_path, HELLO, STREAM)
    path_of(HELLO, seen).write_text("interactions: [", "utf-8")
    code, out, _ = called("--seen", seen, "--only", HELLO, "--only", STREAM, "--json", "-")
    found = json.loads(out)
    assert (code, found["compared"], [one["call"] for one in found["not_compared"]]) == (0, [STREAM], [HELLO])


def test_several_answers_of_one_name_are_compared_by_their_requests(tmp_path: Path) -> None:
    one, other = (path_of(name).read_text("utf-8").split("interactions:\n")[1] for name in (HELLO, STREAM))
    for side, text in (("was", one + other), ("now", other + one)):
        place = path_of("own/mine", tmp_path / side)
        place.parent.mkdir(parents=True)
        place.write_text(f"version: 1\ninteractions:\n{text}", "utf-8")
    code, out, _ = called("--seen", tmp_path / "now", "--against", tmp_path / "was", "--json", "-")
    assert (code, json.loads(out)["compared"]) == (0, ["own/mine#1", "own/mine#2"])


def test_a_page_shows_what_is_no_markdown_as_it_is(tmp_path: Path) -> None:
    hostile = "</h1><script>`|**[x](http://a)\\u2028 no more"
    seen = shelf(tmp_path / "seen", KEY, **{"Incorrect API key provided": hostile})
    called("--seen", seen, "--only", KEY, "--markdown", tmp_path / "d.md")
    page = (tmp_path / "d.md").read_text("utf-8")
    assert "``</h1><script>`|**[x](http://a)<U+2028> no more``" in page


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": 2}'])
def test_a_folder_whose_index_is_broken_is_refused(text: str, tmp_path: Path) -> None:
    seen = shelf(tmp_path, HELLO)
    (seen / FILE).write_text(text, "utf-8")
    with pytest.raises(BadAnswers, match="does not say what was asked"):
        called("--seen", seen)


def test_room_is_made_of_what_a_run_has_kept_and_of_nothing_else(tmp_path: Path) -> None:
    shelf(tmp_path, HELLO)
    with pytest.raises(BadAnswers, match="cassettes that no live run has kept"):
        make_room(tmp_path)
    asked: dict[str, Any] = {"schema": 1, "where": "a", "on": "2026-11-26", "sent": 1, "kept": [HELLO]}
    (tmp_path / FILE).write_text(json.dumps(asked), "utf-8")
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    make_room(tmp_path)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["notes.txt"]
