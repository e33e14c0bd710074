"""Stands in for `op`, the command line of 1Password, so that a router may resolve its references as it always does.

Run by path, as `python -I -S fake_op.py ITEMS ARGUMENTS…`: it imports nothing of ours. ITEMS is a JSON object that
leads from references to values. It does what routers use `op` for: `read`, `run`, `inject`, `whoami`, `--version`; what
it does not know it refuses, and says so. Unlike `op run` it does not mask what the command writes: that is looked at.
"""

# It stands by itself, and speaks on its own output.
# ruff: noqa: PTH123, T201
from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from typing import NoReturn

VERSION = "2.31.1"
ENCLOSED = re.compile(r"\{\{\s*(op://[^}]*?)\s*\}\}")
BARE = re.compile(r"op://[A-Za-z0-9._~/?=&%+-]+")
VARIABLE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*")
KNOWN = "read, run, inject, whoami, --version"


def fail(message: str) -> NoReturn:
    """Says what is wrong, as `op` does, and ends with its exit code."""
    print(f"[ERROR] {time.strftime('%Y/%m/%d %H:%M:%S')} {message}", file=sys.stderr)
    raise SystemExit(1)


class Vault:
    """What the references stand for."""

    def __init__(self, path: str) -> None:
        with open(path, encoding="utf-8") as file:
            self._items: dict[str, str] = json.load(file)

    def value(self, reference: str) -> str:
        """The value of `reference`, whatever attributes it asks for. Ends the program where there is none."""
        bare = reference.split("?", 1)[0]
        for known, value in self._items.items():
            if known.lower() == bare.lower():
                return value
        parts = bare.removeprefix("op://").split("/")
        if not bare.startswith("op://") or len(parts) not in {3, 4} or not all(parts):
            fail(f"could not read secret '{reference}': invalid secret reference: it takes op://vault/item/field")
        fail(
            f"could not read secret '{reference}': could not get item {parts[0]}/{parts[1]}: "
            f'"{parts[1]}" isn\'t an item in the "{parts[0]}" vault (of the profile\'s fake_op)'
        )

    def resolved(self, text: str) -> str:
        """`text` with every reference in it resolved, enclosed in braces or bare."""
        enclosed = ENCLOSED.sub(lambda match: self.value(match[1]), text)
        return BARE.sub(lambda match: self.value(match[0]), enclosed)


def read(vault: Vault, arguments: list[str]) -> None:
    """`op read [--no-newline] [--out-file FILE] REFERENCE`."""
    parser = _parser("read")
    parser.add_argument("-n", "--no-newline", action="store_true")
    parser.add_argument("-o", "--out-file")
    parser.add_argument("reference")
    given = parser.parse_args(arguments)
    _put(vault.value(given.reference) + ("" if given.no_newline else "\n"), given.out_file)


def inject(vault: Vault, arguments: list[str]) -> None:
    """`op inject [--in-file FILE] [--out-file FILE]`; else from standard input, to standard output."""
    parser = _parser("inject")
    parser.add_argument("-i", "--in-file")
    parser.add_argument("-o", "--out-file")
    given = parser.parse_args(arguments)
    if given.in_file:
        with open(given.in_file, encoding="utf-8") as file:
            text = file.read()
    else:
        text = sys.stdin.read()
    _put(vault.resolved(text), given.out_file)


def run(vault: Vault, arguments: list[str]) -> NoReturn:
    """`op run [--env-file FILE]… -- COMMAND…`: becomes the command, its environment resolved."""
    parser = _parser("run")
    parser.add_argument("--env-file", action="append", default=[])
    parser.add_argument("--no-masking", action="store_true")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args(arguments)
    command = given.command[given.command[:1] == ["--"] :]
    if not command:
        fail("no command was given: op run -- COMMAND")
    environment = dict(os.environ)
    for path in given.env_file:
        environment.update(_variables(path))
    for name, value in environment.items():
        if value.startswith("op://"):
            environment[name] = vault.value(value)
    try:
        os.execvpe(command[0], command, environment)  # noqa: S606 - what `op run` is for
    except OSError as error:
        fail(f"could not run {command[0]}: {error.strerror}")


def main(items: str, arguments: list[str]) -> None:
    """Carries out one command."""
    vault = Vault(items)
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    match command:
        case "read":
            read(vault, rest)
        case "inject":
            inject(vault, rest)
        case "run":
            run(vault, rest)
        case "whoami":
            print("URL:        https://my.1password.com\nUser Type:  SERVICE_ACCOUNT")
        case "--version" | "-v":
            print(VERSION)
        case _:
            fail(f"the suite's stand-in for op does not know `op {command}`, but only {KNOWN}")


class _Parser(argparse.ArgumentParser):
    """What it cannot read it refuses in `op`'s words."""

    def error(self, message: str) -> NoReturn:
        fail(f"{self.prog}: {message} (the suite's stand-in for op)")


def _parser(name: str) -> argparse.ArgumentParser:
    parser = _Parser(prog=f"op {name}", add_help=False, allow_abbrev=False)
    parser.add_argument("--account")
    for flag in ("--cache", "--no-color"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("-f", "--force", action="store_true")
    return parser


def _put(text: str, path: str | None) -> None:
    if path is None:
        sys.stdout.write(text)
        return
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def _variables(path: str) -> dict[str, str]:
    """The variables of an env file: `NAME=value`, with `export` or not, quoted or not."""
    found = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            match = VARIABLE.fullmatch(line.rstrip("\n"))
            if match:
                name, value = match.groups()
                quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
                found[name] = value[1:-1] if quoted else value
    return found


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
