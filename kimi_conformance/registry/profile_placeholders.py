"""Placeholders in a profile, and in the files that it has copied, to which nothing gives a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.contract.placeholders import is_known, known_names, names_in
from kimi_conformance.registry.parse import locate
from kimi_conformance.registry.problems import Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.registry.yaml_file import Document


def unknown_placeholders(profile: Profile, document: Document, *, live: bool = False) -> Iterator[Problem]:
    """Every placeholder without a value, in the profile and in the files under `files:`."""
    for pointer, text in _strings(document.data):
        for name in names_in(text):
            if not is_known(name, profile, live=live):
                yield locate(document, pointer, _what(name), candidates=_meant(name, profile), name=name)
    for section, files in _files(profile):
        for target, file in files.items():
            path = document.path.parent / file
            try:
                text = path.read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                yield locate(document, (section, "files", target), _unreadable(file, error))
            else:
                yield from _in_file(path, text, profile, live=live)


def env_names(profile: Profile, document: Document) -> frozenset[str]:
    """The variables that `{env.NAME}` stands for, in the profile and in the files under `files:`."""
    texts = [text for _, text in _strings(document.data)]
    texts += [
        (document.path.parent / file).read_text("utf-8") for _, files in _files(profile) for file in files.values()
    ]
    return frozenset(name.removeprefix("env.") for text in texts for name in names_in(text) if name.startswith("env."))


def _in_file(path: Path, text: str, profile: Profile, *, live: bool) -> Iterator[Problem]:
    for number, line in enumerate(text.split("\n"), 1):
        for name in names_in(line):
            if not is_known(name, profile, live=live):
                yield Problem(path, number, _what(name), nearest(name, _meant(name, profile)))


def _unreadable(file: str, error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"'{file}' is not UTF-8: its byte {error.start + 1} is {error.object[error.start]:#04x}"
    return f"cannot read '{file}': {error.strerror}"


def _what(name: str) -> str:
    if name.startswith("env."):
        return f"the placeholder {{{name}}} has a value in live mode only"
    return f"unknown placeholder {{{name}}}"


def _meant(name: str, profile: Profile) -> list[str]:
    """The names that may have been meant by `name`; of those in live mode nobody misspelled another."""
    return [] if name.startswith("env.") else sorted(known_names(profile))


def _files(profile: Profile) -> Iterator[tuple[str, Mapping[str, str]]]:
    if profile.start:
        yield "start", profile.start.files
    if profile.asgi:
        yield "asgi", profile.asgi.files


def _strings(data: Any, pointer: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    match data:
        case str():
            yield pointer, data
        case dict():
            for key, value in data.items():
                yield from _strings(value, (*pointer, key))
        case list():
            for index, value in enumerate(data):
                yield from _strings(value, (*pointer, index))
