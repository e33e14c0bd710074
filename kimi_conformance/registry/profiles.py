"""Finds, reads and checks router profiles: first their form, then that every name in them leads somewhere."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kimi_conformance.contract.profile import Profile
from kimi_conformance.registry.home import contracts
from kimi_conformance.registry.parse import parse
from kimi_conformance.registry.problems import ContractError, Problem, nearest
from kimi_conformance.registry.profile_names import dangling_names
from kimi_conformance.registry.profile_placeholders import unknown_placeholders
from kimi_conformance.registry.yaml_file import Document, read

if TYPE_CHECKING:
    from collections.abc import Sequence

REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class LoadedProfile:
    """A profile that holds together, and the document it was read from."""

    profile: Profile
    document: Document

    @property
    def folder(self) -> Path:
        """What relative paths in the profile start from."""
        return self.document.path.parent

    @property
    def sha256(self) -> str:
        """The digest of the file."""
        return hashlib.sha256(self.document.path.read_bytes()).hexdigest()


def load_profile(named: str, *, live: bool = False) -> LoadedProfile:
    """The profile `named` on a command line: a path where it has a separator or ends in .yaml, else a bundled name.

    `live`: variables of the environment may stand in it; so they may where the router is asked for real anyway.
    Raises `ContractError` with every mistake in it.
    """
    document = read(find_profile(named))
    profile = parse(Profile, document)
    problems = [
        *dangling_names(profile, document),
        *unknown_placeholders(profile, document, live=live or profile.one_sided),
    ]
    if problems:
        raise ContractError(problems)
    return LoadedProfile(profile, document)


def find_profile(named: str) -> Path:
    """The file of the profile `named`. Raises `ContractError` for a bundled name that there is not."""
    if "/" in named or named.endswith((".yaml", ".yml")):
        return Path(named).absolute()
    bundled = contracts() / "routers"
    names = bundled_profiles()
    if named not in names:
        near = f"./{named}" if Path(named).is_file() else nearest(named, names)
        mend = None if near else f"bundled are {', '.join(names)}"
        what = f"no bundled profile is called '{named}' (a path needs a separator, or ends in .yaml)"
        raise ContractError([Problem(bundled, None, what, near, mend)])
    return bundled / f"{named}.yaml"


def bundled_profiles() -> Sequence[str]:
    """The names of the bundled profiles."""
    return sorted(path.stem for path in (contracts() / "routers").glob("*.yaml"))
