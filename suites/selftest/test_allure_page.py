"""`report --allure-html`: Allure of npm is found and run, its page calls nobody, and each trouble is one message."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.cli import allure_npm
from kimi_conformance.cli.allure_history import RUNS
from kimi_conformance.cli.executor import executor
from kimi_conformance.reporting.allure_page import NotFit, fit
from kimi_conformance.reporting.write import write_results
from suites.selftest.frame import framed
from suites.selftest.pages import case, ran, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from suites.selftest.command import Done

    Report = Callable[..., Done]

PAGE: Final = """<!doctype html>
<html dir="ltr" lang="en">
<head>
    <meta charset="utf-8">
    <title>Allure Report</title>
    <link rel="stylesheet" type="text/css" href="data:text/css;base64,AAAA">
</head>
<body>
    <div id="app"></div>
    <script   src="data:text/javascript;base64,AAAA"></script>
    <script async src="https://www.googletagmanager.com/gtag/js?id=G-LNDJ3J7WT0"></script>
    <script>
        window.dataLayer = window.dataLayer || [];
        function gtag(){dataLayer.push(arguments);}
        gtag('config', 'G-LNDJ3J7WT0', {
          "report": "awesome"
        });
    </script>
    <script async>
      window.allureReportDataReady = false;
      window.allureReportData = window.allureReportData || {};
    </script>
    <a href="https://allurereport.org">Allure</a>
</body>
</html>
"""
"""What Allure 3.18.0 writes, without its script, its style and its data."""

ALLURE: Final = """#!/bin/sh
# An `allure` that takes the arguments of Allure 3, and keeps a history as it does.
[ "$1" = --version ] && { echo 3.18.0; exit 0; }
while [ $# -gt 0 ]; do
  case "$1" in generate) results=$2;; --config) rc=$2;; --output) out=$2;; esac
  shift
done
[ -f "$results/allurerc.json" ] || { echo "no results"; exit 1; }
mkdir -p "$out" && cp "$PAGE" "$out/index.html"
history=$(sed -n 's/.*"historyPath": "\\([^"]*\\)".*/\\1/p' "$rc")
[ -z "$history" ] || echo '{"uuid": "u", "testResults": {}}' >> "$history"
"""
NODE: Final = "#!/bin/sh\necho v%s\n"


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of PATH that may have an allure, a node, an npx."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("sh", "sed", "mkdir", "cp", "sleep", "dirname"):
        (folder / name).symlink_to(str(shutil.which(name)))
    (tmp_path / "page.html").write_text(PAGE, "utf-8")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("PAGE", str(tmp_path / "page.html"))
    return folder


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Report:
    """Runs `report r.json --allure-html a.html` with more words."""
    write_results(ran(case("@a=1"), case("@a=2", "fail")), tmp_path / "r.json")
    return lambda *words: framed(tmp_path, monkeypatch, capsys, "report", "r.json", "--allure-html", "a.html", *words)


def put(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, "utf-8")
    (folder / name).chmod(0o755)


def test_an_installed_allure_makes_a_page_that_calls_nobody(report: Report, tools: Path, tmp_path: Path) -> None:
    put(tools, "allure", ALLURE)
    done = report()
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("a.html: 2 cases, ")
    page = (tmp_path / "a.html").read_text("utf-8")
    assert "googletagmanager" not in page
    assert "dataLayer" not in page
    seen = read(page)
    assert [one["href"] for one in seen.named("a")] == ["https://allurereport.org"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "page.html", "r.json", "tools"]


def test_what_npx_brings_is_pinned(report: Report, tools: Path, tmp_path: Path) -> None:
    put(tools, "node", NODE % "20.19.0")
    put(tools, "npx", ALLURE.replace("#!/bin/sh\n", f'#!/bin/sh\necho "$1 $2" > {tmp_path}/asked\nshift 2\n'))
    assert report().code == 0
    assert (tmp_path / "asked").read_text("utf-8") == f"--yes allure@{allure_npm.VERSION}\n"


@pytest.mark.parametrize("version", ["2.38.0", "3.17.0", "4.0.0", "none"])
def test_another_allure_is_passed_over(report: Report, tools: Path, version: str) -> None:
    put(tools, "allure", f"#!/bin/sh\necho {version}\n")
    done = report()
    assert done.code == 2
    assert done.err.startswith("Allure's page needs Node.js 20 or newer, which is not installed here; ")


@pytest.mark.parametrize(
    ("node", "says"),
    [
        (None, "Allure's page needs Node.js 20 or newer, which is not installed here; "),
        (NODE % "18.20.4", "Allure's page needs Node.js 20 or newer: this is version 18; "),
        (
            "#!/bin/sh\nexit 1\n",
            "Allure's page needs Node.js 20 or newer: `node --version` does not say which ",
        ),
        (NODE % "22.1.0", "Allure's page needs npx, which comes with npm, or an installed `allure` 3.18.0; "),
    ],
    ids=["none", "old", "broken", "without-npx"],
)
def test_without_a_fit_node_the_other_way_is_named(
    report: Report, tools: Path, tmp_path: Path, node: str | None, says: str
) -> None:
    if node:
        put(tools, "node", node)
    done = report("--html", "own.html")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(says)
    assert done.err.endswith("; `kimi-conformance report RESULTS --html FILE` makes a page without it\n")
    assert (tmp_path / "own.html").exists()
    assert not (tmp_path / "a.html").exists()


@pytest.mark.parametrize(
    ("npx", "says"),
    [
        ("echo 'npm error code E404'; exit 1", "ended with exit code 1; "),
        ("echo 'npm error code E404'; exit 0", "wrote no page; "),
        ("for n in 1 2 3 4 5 6 7 8 9; do echo; echo $n; done; echo 'npm error code E404'; exit 1", "ended with exit "),
    ],
    ids=["fails", "writes-nothing", "says-much"],
)
def test_when_npm_or_allure_fails_its_words_are_told(
    report: Report, tools: Path, tmp_path: Path, npx: str, says: str
) -> None:
    put(tools, "node", NODE % "22.1.0")
    put(tools, "npx", f"#!/bin/sh\n{npx}\n")
    (tmp_path / "h.jsonl").write_text('{"uuid": "u", "testResults": {}}\n', "utf-8")
    done = report("--history", "h.jsonl")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith(f"npx --yes allure@{allure_npm.VERSION} {says}")
    assert "; `kimi-conformance report RESULTS --html FILE` makes a page without it. It said:\n" in done.err
    assert done.err.endswith("\n  npm error code E404\n")
    assert len(done.err.splitlines()) <= 14
    assert not (tmp_path / "a.html").exists()
    assert (tmp_path / "h.jsonl").read_text("utf-8") == '{"uuid": "u", "testResults": {}}\n'


def test_one_that_never_ends_is_ended(
    report: Report, tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allure_npm, "WITHIN_S", 0.3)
    put(tools, "allure", f'{ALLURE.splitlines()[0]}\n[ "$1" = --version ] && echo 3.18.0 && exit 0\nsleep 60\n')
    done = report()
    assert done.code == 3
    assert done.err.startswith("allure was not done after 0.3 s; ")
    assert not (tmp_path / "a.html").exists()


def test_a_page_that_loads_from_elsewhere_is_not_written(report: Report, tools: Path, tmp_path: Path) -> None:
    put(tools, "allure", ALLURE)
    odd = PAGE.replace("</body>", '<script src="https://cdn.example/x.js"></script></body>')
    (tmp_path / "page.html").write_text(odd, "utf-8")
    done = report()
    assert done.code == 3
    assert done.err == "Allure's page loads https://cdn.example/x.js: it is not written\n"
    assert not (tmp_path / "a.html").exists()


def test_a_history_is_begun_gone_on_with_and_bounded(report: Report, tools: Path, tmp_path: Path) -> None:
    put(tools, "allure", ALLURE)
    place = tmp_path / "h.jsonl"
    missing = report("--history", "h.jsonl")
    assert (missing.code, missing.err) == (2, f"--history: {place} is not there; --new-history begins one\n")
    assert not place.exists()
    assert report("--history", "h.jsonl", "--new-history").code == 0
    assert report("--history", "h.jsonl").code == 0
    assert len(place.read_text("utf-8").splitlines()) == 2
    there = report("--history", "h.jsonl", "--new-history")
    assert there.code == 2
    assert there.err == f"--new-history: {place} is there already: without --new-history it is gone on with\n"
    place.write_text('{"uuid": "u", "testResults": {}}\n' * (RUNS + 3), "utf-8")
    assert report("--history", "h.jsonl").code == 0
    assert len(place.read_text("utf-8").splitlines()) == RUNS
    put(tools, "allure", ALLURE.replace('echo \'{"uuid"', 'true \'{"uuid"'))
    before = place.read_bytes()
    forgetful = report("--history", "h.jsonl")
    assert forgetful.code == 3
    assert forgetful.err == "Allure added no run to the history: neither it nor the page is written\n"
    assert place.read_bytes() == before


@pytest.mark.parametrize("line", ["{", "[]", '{"uuid": 1, "testResults": {}}', '{"uuid": "u"}', "[" * 100_000])
def test_a_history_that_is_none_is_told_with_its_line(report: Report, tools: Path, tmp_path: Path, line: str) -> None:
    put(tools, "allure", ALLURE)
    (tmp_path / "h.jsonl").write_text(f'{{"uuid": "u", "testResults": {{}}}}\n{line}\n', "utf-8")
    done = report("--history", "h.jsonl")
    assert done.code == 2
    assert done.err.startswith(f"--history: {tmp_path}/h.jsonl:2 is no run in a history of Allure's; ")


def test_a_history_goes_with_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, says in (
        (("--history", "h.jsonl"), "it goes with --allure-html"),
        (("--new-history", "--allure-html", "a.html"), "it goes with --history FILE"),
    ):
        done = framed(tmp_path, monkeypatch, capsys, "report", "r.json", *words)
        assert done.code == 2
        assert says in done.err


def test_allures_script_knows_of_its_data_before_it_runs() -> None:
    page = fit(PAGE)
    first = page.index("window.allureReportData = {}")
    assert first < page.index("data:text/javascript")
    assert page.index("Content-Security-Policy") < first
    assert "http" not in page[page.index('content="default-src') : page.index("<script>")]


def test_what_is_no_page_of_allures_is_refused() -> None:
    with pytest.raises(NotFit, match="no page of the kind"):
        fit("<html><head></head><body>another</body></html>")


@pytest.mark.parametrize(
    "tag",
    [
        '<script src="//cdn.example/x.js"></script>',
        '<img src="HTTPS://cdn.example/x.png">',
        '<link rel="preload" href=" https://cdn.example/x.woff">',
        '<iframe src="http://cdn.example"></iframe>',
    ],
)
def test_whatever_would_be_loaded_is_seen(tag: str) -> None:
    with pytest.raises(NotFit, match=r"cdn\.example"):
        fit(PAGE.replace("</body>", f"{tag}</body>"))


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({}, {"name": "local", "type": "local"}),
        (
            {
                "GITHUB_ACTIONS": "true",
                "GITHUB_SERVER_URL": "https://github.example",
                "GITHUB_REPOSITORY": "a/b",
                "GITHUB_RUN_ID": "7",
                "GITHUB_RUN_NUMBER": "3",
            },
            {
                "name": "GitHub Actions",
                "type": "github",
                "url": "https://github.example/a/b",
                "buildUrl": "https://github.example/a/b/actions/runs/7",
                "buildOrder": "3",
            },
        ),
        (
            {"GITLAB_CI": "true", "CI_PROJECT_URL": "https://gl.example/a", "CI_JOB_URL": "j", "CI_PIPELINE_IID": "4"},
            {"name": "GitLab CI", "type": "gitlab", "url": "https://gl.example/a", "buildUrl": "j", "buildOrder": "4"},
        ),
        (
            {"JENKINS_URL": "https://j.example", "BUILD_URL": "https://j.example/1", "BUILD_NUMBER": "1"},
            {
                "name": "Jenkins",
                "type": "jenkins",
                "url": "https://j.example",
                "buildUrl": "https://j.example/1",
                "buildOrder": "1",
            },
        ),
    ],
    ids=["nobody", "github", "gitlab", "jenkins"],
)
def test_who_ran_it_is_the_ci_that_the_environment_tells_of(environ: dict[str, str], told: dict[str, str]) -> None:
    assert json.loads(json.dumps(executor(environ))) == told
