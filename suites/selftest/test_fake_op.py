"""The stand-in for 1Password's `op`: what it answers, and how it says that it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.router.values import Values
from kimi_conformance.router.vault import put_op_into_scratch
from suites.selftest.plays import profile

if TYPE_CHECKING:
    from pathlib import Path

REFERENCE: Final = "op://Aurora/moonshot/api_key"
URL: Final = "op://Ops/discord/webhook/url"
PROFILE: Final = profile(
    upstreams={"shortcut": {"speaks": "anthropic"}, "gateway": {"speaks": "portkey", "secret": "gw"}}
)
PRINT: Final = "import os; print(os.environ['KEY'], os.environ.get('OTHER'))"
BOUND_S: Final = 10


@pytest.fixture
def op(tmp_path: Path) -> Op:
    values = Values(PROFILE, tmp_path, tmp_path, {"gateway": "http://127.0.0.1:9"})
    references = {REFERENCE: "{secret.gw}", URL: "https://discord.com/api/webhooks/1/{secret.gw}"}
    return Op(put_op_into_scratch(references, values), values.secret("gw"))


class Op:
    """The `op` of a scratch folder, and the key that it knows."""

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder
        self.key = key

    def __call__(self, *words: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        """`op` with these words, found on the PATH as a router finds it."""
        path = os.pathsep.join((str(self.folder), os.environ["PATH"]))
        return subprocess.run(  # noqa: S603 - our own
            ["op", *words],  # noqa: S607 - found on the PATH
            input=stdin,
            env={"PATH": path, **env},
            capture_output=True,
            text=True,
            check=False,
            timeout=BOUND_S,
        )


@pytest.mark.parametrize(
    ("words", "end"), [(("read",), "\n"), (("read", "-n"), ""), (("read", "--no-newline", "--account", "x"), "")]
)
def test_read_tells_the_value(op: Op, words: tuple[str, ...], end: str) -> None:
    done = op(*words, REFERENCE)
    assert (done.returncode, done.stdout, done.stderr) == (0, op.key + end, "")


def test_a_reference_may_have_a_section_attributes_and_other_case(op: Op) -> None:
    assert op("read", "-n", URL).stdout == f"https://discord.com/api/webhooks/1/{op.key}"
    assert op("read", "-n", "op://aurora/Moonshot/api_key?attribute=value").stdout == op.key


def test_read_writes_a_file_for_its_owner_alone(op: Op, tmp_path: Path) -> None:
    path = tmp_path / "key"
    assert op("read", "-n", "--out-file", str(path), REFERENCE).stdout == ""
    assert (path.read_text("utf-8"), path.stat().st_mode & 0o777) == (op.key, 0o600)


def test_run_resolves_the_environment_and_the_env_file_and_becomes_the_command(op: Op, tmp_path: Path) -> None:
    (tmp_path / "env").write_text(f"# keys\nexport OTHER='{REFERENCE}'\n\n", "utf-8")
    done = op("run", "--env-file", str(tmp_path / "env"), "--", sys.executable, "-c", PRINT, KEY=REFERENCE)
    assert (done.returncode, done.stdout) == (0, f"{op.key} {op.key}\n")
    assert op("run", "--no-masking", "--", sys.executable, "-c", PRINT, KEY="plain").stdout == "plain None\n"
    assert op("run", "--", sys.executable, "-c", "raise SystemExit(7)").returncode == 7


def test_inject_resolves_references_bare_and_in_braces(op: Op, tmp_path: Path) -> None:
    text = f'a: {REFERENCE}\nb: "{{{{ {REFERENCE} }}}}"\nc: {{x}}\n'
    resolved = f'a: {op.key}\nb: "{op.key}"\nc: {{x}}\n'
    assert op("inject", stdin=text).stdout == resolved
    (tmp_path / "in").write_text(text, "utf-8")
    op("inject", "-i", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "-f")
    assert (tmp_path / "out").read_text("utf-8") == resolved


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("read", "op://Aurora/other/api_key"), '"other" isn\'t an item in the "Aurora" vault'),
        (("read", "moonshot"), "invalid secret reference: it takes op://vault/item/field"),
        (("run", "--", "env"), "could not read secret 'op://Aurora/other/key'"),
        (("run", "--"), "no command was given"),
        (("run", "--", "no-such-command"), "could not run no-such-command"),
        (("item", "get", "moonshot"), "does not know `op item`, but only read, run, inject, whoami, --version"),
        (("read", "--nonsense", REFERENCE), "op read: unrecognized arguments: --nonsense"),
    ],
)
def test_what_it_cannot_do_it_says_and_ends_with_1(op: Op, words: tuple[str, ...], says: str) -> None:
    env = {"KEY": "op://Aurora/other/key"} if words == ("run", "--", "env") else {}
    done = op(*words, **env)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert done.stderr.startswith("[ERROR] ")


def test_it_is_there(op: Op) -> None:
    assert op("--version").stdout == "2.31.1\n"
    assert op("whoami").returncode == 0
