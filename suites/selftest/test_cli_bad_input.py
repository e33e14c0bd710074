"""Mistakes of users: exit code 2, and one message that names the file, the line, what is wrong and the nearest name."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.cli import checking
from kimi_conformance.cli.main import run
from suites.selftest.command import Done

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Say = Callable[..., Done]

GOOD = """\
name: mine
start:
  command: [my-router, "{port}"]
  files: {conf/config.json: config.json}
  env: {UPSTREAM: "{upstream.kimi}", KEY: "{secret.kimi-key}"}
surfaces: {chat: /v1/chat/completions}
agent: {header: x-agent-id}
upstreams:
  kimi: {speaks: kimi, secret: kimi-key}
  gate: {speaks: portkey, virtual_keys: {a-key: kimi}, configs: {pc: config.json}}
routes:
  plan: {upstream: kimi}
  kimi: {upstream: gate, headers: {x-portkey-virtual-key: a-key}}
policy:
  plan_agents: {dispo: plan}
  models: {kimi-k3: kimi}
  default: kimi
known_failing:
  - {case: router.gate.prefix-resolved*, reason: a reason of some length}
"""
BASE = GOOD[: GOOD.index("known_failing")]
CONFIG = '{\n  "upstream": "{upstream.kimi}"\n}\n'


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Say:
    """The command line, in `tmp_path`, up to the point where it would start to play."""

    def never(*_: object, **__: object) -> None:
        pytest.fail("cases were played all the same")

    monkeypatch.setattr(checking, "run", never)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.json").write_text(CONFIG, "utf-8")

    def command(*words: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["kimi-conformance", *words])
        try:
            code: Any = run()
        except SystemExit as left:
            code = left.code
        out, err = capsys.readouterr()
        return Done(code, out, err, 0)

    return command


@pytest.fixture
def profile(tmp_path: Path) -> Callable[[str], None]:
    """Writes a profile."""
    return lambda text: (tmp_path / "router.yaml").write_text(text, "utf-8") and None


def one_message(done: Done) -> str:
    """The message of a command that was refused: one line, for usage errors below the two of the usage."""
    assert (done.code, done.out) == (2, ""), done
    *usage, message = done.err.splitlines()
    assert usage == [] or re.match(r"Usage: .*\nTry .*\n$", "\n".join(usage)), done.err
    assert "Traceback" not in done.err
    return message


def test_the_profile_that_the_others_are_made_of_is_good(say: Say, profile: Callable[[str], None]) -> None:
    profile(BASE)
    assert say("check", "./router.yaml", "--list").code == 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("upstreams:", "upstrems:", r":8: unknown key 'upstrems'.*; did you mean 'upstreams'\?", id="key"),
        pytest.param(
            "  env:", "  enf:", r":5: unknown key 'enf' in start; did you mean 'env'\?", id="key-within-a-section"
        ),
        pytest.param('  command: [my-router, "{port}"]\n', "", r":2: missing key 'command' in start", id="no-command"),
        pytest.param('[my-router, "{port}"]', "[]", r":3: .*command.*", id="empty-command"),
        pytest.param(
            "plan: {upstream: kimi}",
            "plan: {upstream: kimmi}",
            r":12: there is no upstream 'kimmi'; did you mean 'kimi'\?",
            id="route-to-no-upstream",
        ),
        pytest.param(
            "default: kimi",
            "default: kim",
            r":17: there is no route 'kim'; did you mean 'kimi'\?",
            id="default-nowhere",
        ),
        pytest.param(
            "{kimi-k3: kimi}",
            "{kimi-k3: planned}",
            r":16: there is no route 'planned'; did.*'plan'\?",
            id="model-nowhere",
        ),
        pytest.param(
            "{upstream.kimi}",
            "{upstream.kimmi}",
            r":5: unknown placeholder {upstream.kimmi}; did you mean 'upstream.kimi'\?",
            id="placeholder",
        ),
        pytest.param('kimi-key}"}', 'kimi_key}"}', r":5: unknown placeholder .*'secret.kimi-key'\?", id="secret"),
        pytest.param(
            "agent: {header: x-agent-id}\n", "", r":14: the policy has plan agents.*add `agent:`.*", id="agent"
        ),
        pytest.param("a-key}}", "b-key}}", r":13: upstream 'gate' has no virtual key 'b-key'.*'a-key'\?", id="mark"),
        pytest.param(
            "config.json}\n  env", "conf.json}\n  env", r":4: cannot read 'conf.json': No such.*", id="no-file"
        ),
        pytest.param(
            "{conf/config.json:", "{../config.json:", r":4: '../config.json' is no place below .*", id="outside"
        ),
        pytest.param("{conf/config.json:", "{/etc/x:", r":4: '/etc/x' is no place below {scratch}.*", id="absolute"),
        pytest.param("pc: config.json", "pc: config.jsn", r":10: cannot read 'config.jsn': No such.*", id="no-config"),
        pytest.param(
            "routes:",
            "intercept: {api.portkey.aj: gatte}\nroutes:",
            r":11: there is no upstream 'gatte'; did you mean 'gate'\?",
            id="intercept-nowhere",
        ),
        pytest.param(
            "routes:",
            "intercept: {'https://API.portkey.ai/v1': gate}\nroutes:",
            r":11: 'https://API.portkey.ai/v1' is no host name: .*; write api.portkey.ai",
            id="intercept-no-host",
        ),
        pytest.param(
            BASE[BASE.index("start:") : BASE.index("routes")],
            BASE[BASE.index("surfaces:") : BASE.index("routes")] + "url: http://x\nintercept: {api.portkey.ai: gate}\n",
            r":8: calls can be intercepted only of a router that the suite starts; give the profile `start:`, or .*",
            id="intercept-of-a-url",
        ),
        pytest.param(
            "start:\n",
            'start:\n  fake_op: {moonshot: "{secret.kimi-key}"}\n',
            r":3: .*'moonshot'.*",
            id="no-reference",
        ),
        pytest.param(
            "start:\n",
            'start:\n  fake_op: {op://a/b/c: "{secret.kimi}"}\n',
            r":3: unknown placeholder {secret.kimi}; did you mean 'secret.kimi-key'\?",
            id="op-unknown-secret",
        ),
        pytest.param("start:\n", "start:\n  cwd: nowhere\n", r":3: there is no folder 'nowhere'", id="no-folder"),
        pytest.param(
            "surfaces:", "url: http://127.0.0.1:1\nsurfaces:", r"exactly one of .* has start and url", id="two-ways-in"
        ),
        pytest.param(
            BASE[BASE.index("start:") : BASE.index("surfaces")], "", r"exactly one of .* none", id="no-way-in"
        ),
        pytest.param(
            "name: mine", "name: Mine Own", r":1: 'name' in the profile must be .*, not 'Mine Own'", id="name"
        ),
        pytest.param("name: mine", "name: mine\nname: yours", r":2: .*'name'.*(twice|line 1).*", id="key-twice"),
        pytest.param(BASE, "", r"router.yaml.*", id="empty"),
        pytest.param(BASE, "- a\n- b\n", r"router.yaml:1: .*", id="a-list"),
        pytest.param("name: mine", "name: [mine", r"router.yaml:\d+: .*", id="no-yaml"),
    ],
)
def test_a_mistake_in_a_profile_is_one_line_with_its_place(
    say: Say, profile: Callable[[str], None], old: str, new: str, message: str
) -> None:
    assert old in BASE
    profile(BASE.replace(old, new, 1))
    for command in ("check", "explain"):
        said = one_message(say(command, "./router.yaml"))
        assert said.startswith("router.yaml")
        assert re.search(message + "$", said), said


def test_every_mistake_of_a_profile_is_told_at_once(say: Say, profile: Callable[[str], None]) -> None:
    profile(BASE.replace("upstream: kimi}", "upstream: kimmi}").replace("default: kimi", "default: kim"))
    done = say("check", "./router.yaml")
    assert done.code == 2
    assert [line.split(":")[1] for line in done.err.splitlines()] == ["12", "17"]


def test_a_known_failing_that_names_no_case_says_where_and_what_was_meant(
    say: Say, profile: Callable[[str], None]
) -> None:
    profile(GOOD.replace("router.gate.prefix-resolved*", "router.gate.only-a-prefix-count"))
    said = one_message(say("check", "./router.yaml"))
    assert said.startswith("router.yaml:19: known_failing entry 'router.gate.only-a-prefix-count' matches no case")
    assert said.endswith("; did you mean 'router.gate.only-a-prefix-counts'?")


def test_a_known_failing_of_a_requirement_that_does_not_apply_says_why(
    say: Say, profile: Callable[[str], None]
) -> None:
    profile(GOOD.replace("prefix-resolved*", "prefix-resolved"))
    assert "the policy has no prefixes" in one_message(say("check", "./router.yaml"))


def test_an_unknown_placeholder_in_a_copied_file_has_that_files_place(
    say: Say, profile: Callable[[str], None], tmp_path: Path
) -> None:
    profile(BASE)
    (tmp_path / "config.json").write_text(CONFIG.replace("upstream.kimi", "upstream.kimy"), "utf-8")
    said = one_message(say("check", "./router.yaml"))
    assert said == "config.json:2: unknown placeholder {upstream.kimy}; did you mean 'upstream.kimi'?"


def test_a_copied_file_that_is_no_utf_8_is_named_where_the_profile_names_it(
    say: Say, profile: Callable[[str], None], tmp_path: Path
) -> None:
    profile(BASE.replace(", configs: {pc: config.json}", ""))
    (tmp_path / "config.json").write_bytes(b"caf\xe9")
    assert one_message(say("check", "./router.yaml")) == (
        "router.yaml:4: 'config.json' is not UTF-8: its byte 4 is 0xe9"
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda _: None, "no such file", id="missing"),
        pytest.param(lambda path: path.mkdir(), "folder|directory", id="a-folder"),
        pytest.param(lambda path: path.write_bytes(b"name: caf\xe9\n"), "UTF-8", id="not-utf-8"),
        pytest.param(lambda path: path.write_bytes(b"\x00\x01\x02"), "YAML|U\\+0000", id="binary"),
        pytest.param(os.mkfifo, "no plain file", id="a-pipe"),
        pytest.param(lambda path: path.symlink_to(path), "Too many|symbolic", id="a-link-to-itself"),
    ],
)
def test_a_profile_that_cannot_be_read_is_named(
    say: Say, tmp_path: Path, make: Callable[[Path], object], message: str
) -> None:
    make(tmp_path / "router.yaml")
    said = one_message(say("check", "router.yaml"))
    assert said.startswith("router.yaml:")
    assert re.search(message, said, re.IGNORECASE), said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_profile_that_nobody_may_read_is_named(say: Say, profile: Callable[[str], None], tmp_path: Path) -> None:
    profile(BASE)
    (tmp_path / "router.yaml").chmod(0)
    assert "router.yaml: Permission denied" in one_message(say("check", "./router.yaml"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(
            "check referenc", r"no bundled profile is called 'referenc'.*did you mean 'reference'\?", id="near"
        ),
        pytest.param("check zzz", r"no bundled profile is called 'zzz'.*bundled are .*operator-node, .*", id="unknown"),
        pytest.param("check here", r"no bundled profile is called 'here'.*did you mean './here'\?", id="a-file-here"),
        pytest.param("check --nope", r"Error: No such option.*--nope.*", id="option"),
        pytest.param("check --only", r"Error: Option '--only' requires an argument\.?", id="value-missing"),
        pytest.param("check a b", r"Error: .*unexpected extra argument.*b.*", id="two-profiles"),
        pytest.param("chekc", r"Error: No such command 'chekc'.*", id="command"),
        pytest.param(
            "check --only router.gate.claud",
            r"--only: 'router.gate.claud' names no .* did you mean 'router.gate.claude-takes-plan-route'\?",
            id="only-near",
        ),
        pytest.param(
            "check --only xyz*", r"--only: 'xyz\*' names no .*`kimi-conformance check reference --list`.*", id="only"
        ),
        pytest.param("check --shard 3/2", r"--shard.*: '3/2' is no shard: it takes I/N.*", id="shard-beyond"),
        pytest.param("check --shard 0/2", r"--shard.*: '0/2' is no shard: it takes I/N.*", id="shard-zero"),
        pytest.param("check --shard 1", r"--shard.*: '1' is no shard: it takes I/N.*", id="shard-half"),
        pytest.param(
            "check --only router.models.shape --shard 2/2",
            r"--shard: part 2 of 2 is empty: .*no more than 1 .*",
            id="shard-empty",
        ),
        pytest.param("check --smoke --shard 1/2", r"--shard: a smoke test is three calls: .*", id="shard-smoke"),
        pytest.param(
            "check --url http://127.0.0.1:9 --model kimi-k3 --shard 1/2",
            r"--shard: calls that cost are made one at a time",
            id="shard-live",
        ),
        pytest.param("check --date yesterday", r"--date.*: 'yesterday' is no date: it takes YYYY-MM-DD.*", id="date"),
        pytest.param("check --date 2026-02-30", r"--date.*: '2026-02-30' is no date.*", id="no-such-day"),
        pytest.param("check -n 0", r"-n.*: .*1.*", id="no-workers"),
        pytest.param("check --concurrency none", r"--concurrency.*: .*integer.*", id="no-number"),
        pytest.param("check --json .", r"--json: \. is a folder", id="json-folder"),
        pytest.param("check --json here/r.json", r"--json: cannot make the folder .*/here: .*", id="json-below-a-file"),
        pytest.param("check --junit /proc/nope/j.xml", r"--junit: cannot make the folder /proc/nope: .*", id="junit"),
        pytest.param("check --allure here", r"--allure: cannot make the folder .*/here: .*", id="allure"),
        pytest.param("check --keep here", r"--keep: cannot make the folder .*/here: .*", id="keep"),
        pytest.param(
            "check litellm", r"litellm is not installed: `kimi-conformance check litellm --install` .*", id="tools"
        ),
        pytest.param("explain litellm --observe", r"litellm is not installed: .*", id="tools-to-observe"),
        pytest.param("init here", r"here is there already; --force overwrites it", id="init-over-a-file"),
        pytest.param(
            "init here/router.yaml",
            r"cannot write here/router.yaml: (File exists|Not a directory)",
            id="init-below-a-file",
        ),
    ],
)
def test_a_mistake_on_the_command_line_is_one_message(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, message: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "here").write_text("mine\n", "utf-8")
    said = one_message(say(*words.split()))
    assert re.search(message + "$", said), said
    assert (tmp_path / "here").read_text("utf-8") == "mine\n"


@pytest.mark.parametrize(
    ("path", "then"),
    [("router.yaml", "router.yaml"), ("a b/r.yml", "'a b/r.yml'"), ("mine", "./mine")],
    ids=["plain", "blanks-and-a-new-folder", "no-ending"],
)
def test_init_writes_a_profile_that_explain_takes_by_the_name_it_says(
    say: Say, tmp_path: Path, path: str, then: str
) -> None:
    done = say("init", path)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(f"kimi-conformance explain {then}\n")
    (tmp_path / path).rename(tmp_path / "moved.yaml")
    assert say("explain", "./moved.yaml").code == 0


def test_init_with_force_overwrites(say: Say, tmp_path: Path) -> None:
    (tmp_path / "router.yaml").write_text("old", "utf-8")
    assert say("init", "--force").code == 0
    assert "name: my-router" in (tmp_path / "router.yaml").read_text("utf-8")


def test_a_list_of_a_shard_is_that_shards(say: Say) -> None:
    whole, one, two = (
        {line.strip() for line in say("check", *words, "--list").out.splitlines() if line.startswith("  ")}
        for words in ((), ("--shard", "1/2"), ("--shard", "2/2"))
    )
    assert one | two == whole
    assert not one & two
