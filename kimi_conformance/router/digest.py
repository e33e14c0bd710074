"""Digests by which a result is known to be of this suite, and of this profile."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from kimi_conformance.registry.home import PACKAGE, contracts, routing_suites

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from kimi_conformance.registry.profiles import LoadedProfile

NO_PART: Final = frozenset({"api", "cassette", "cli", "data", "faults", "plugin", "reference", "reporting", "serve"})
"""Parts of the package that neither play a router's cases nor judge them."""

DATA: Final = ("bodies.yaml", "models.yaml", "spellings.yaml")


def suite_digest(only: Sequence[str] = ()) -> str:
    """The digest of all that plays and judges routing cases, or of those that the globs in `only` name."""
    modules = (path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in NO_PART)
    data = (contracts() / name for name in DATA)
    requirements = (contracts() / "requirements" / "router").glob("*.yaml")
    whole = _digest([*modules, *data, *requirements, *routing_suites().glob("*.py")])
    return hashlib.sha256("\0".join([whole, *only]).encode()).hexdigest() if only else whole


def profile_digest(loaded: LoadedProfile) -> str:
    """The digest of a profile and of the files that it names."""
    profile = loaded.profile
    ways = [way for way in (profile.start, profile.asgi) if way]
    named = [source for way in ways for source in way.files.values()]
    configs = [file for upstream in profile.upstreams.values() for file in upstream.configs.values()]
    return _digest([loaded.document.path, *(loaded.folder / name for name in (*named, *configs))])


def _digest(files: Iterable[Path]) -> str:
    """By content and name, not by place: a checkout elsewhere has the same."""
    whole = hashlib.sha256()
    for name, path in sorted((path.name, path) for path in files):
        whole.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()
