"""What a live run finds in the environment: keys, and base URLs that lead elsewhere than to Kimi."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from kimi_conformance.api.origins import ORIGINS
from kimi_conformance.api.problems import BadSurroundings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.api.call import Call
    from kimi_conformance.contract.calls import Host, KeyName

VARIABLES: Final[Mapping[KeyName, str]] = {
    "platform-ai": "MOONSHOT_API_KEY",
    "platform-cn": "MOONSHOT_API_KEY_CN",
    "coding": "KIMI_CODE_API_KEY",
    "drained": "MOONSHOT_API_KEY_DRAINED",
}
BASES: Final[Mapping[Host, str]] = {
    "platform-ai": "KIMI_BASE_URL",
    "platform-cn": "KIMI_BASE_URL_CN",
    "coding": "KIMI_CODE_BASE_URL",
}
LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The keys that are there, by name, and the base URL of each host, without a path."""

    keys: Mapping[KeyName, str]
    bases: Mapping[Host, str]

    def variable(self, key: KeyName) -> str:
        """The variable in which a key is looked for."""
        return VARIABLES[key]

    def has(self, key: KeyName) -> bool:
        """Whether a key is there; that there is none, and one that nobody has, can always be had."""
        return key in ("none", "wrong") or key in self.keys

    def why_not(self, call: Call) -> str | None:
        """Why `call` cannot be sent; None where it can."""
        if call.past:
            return "nobody can ask for this at will: replay has what is known"
        if not self.has(call.key):
            return f"no {self.variable(call.key)} in the environment"
        if call.host == "platform-cn" and self.bases["platform-cn"] == self.bases["platform-ai"]:
            return "both platform hosts are at one address: KIMI_BASE_URL_CN gives platform-cn its own"
        return None

    @property
    def local(self) -> bool:
        """Whether every host for which there is a key is this machine: nobody's limits need pacing there."""
        hosts = [host for host in self.bases if host in self.keys]
        return all(urlsplit(self.bases[host]).hostname in LOCAL for host in hosts)


def surroundings(environment: Mapping[str, str], base_url: str | None = None) -> Surroundings:
    """What `environment` has. `base_url` is a base URL given otherwise; the other hosts follow it, if nothing is said.

    Raises `BadSurroundings` without a key for the main host, for an unresolved 1Password reference, and for a base URL
    that is none.
    """
    keys = {name: value.strip() for name, variable in VARIABLES.items() if (value := environment.get(variable, ""))}
    for name, value in keys.items():
        if value.startswith("op://"):
            raise BadSurroundings(
                f"{VARIABLES[name]} is an unresolved 1Password reference: start the command with `op run -- …`"
            )
        if not (value.isascii() and value.isprintable()) or " " in value:
            raise BadSurroundings(f"{VARIABLES[name]} is no key: it has blanks or characters that no header may have")
    if "platform-ai" not in keys:
        raise BadSurroundings(
            "no MOONSHOT_API_KEY in the environment: a live run needs a key (for Kimi itself, of platform.kimi.ai)"
        )
    return Surroundings(keys, {host: _base(host, environment, base_url) for host in BASES})


def _base(host: Host, environment: Mapping[str, str], given: str | None) -> str:
    main = ("--base-url", given) if given else _said("platform-ai", environment)
    name, said = main if host == "platform-ai" or not environment.get(BASES[host]) else _said(host, environment)
    if not said:
        return ORIGINS[host]
    try:
        parts = urlsplit(said)
        fit = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        fit = False
    if not fit:  # what it says is not repeated: people put keys there
        raise BadSurroundings(f"{name} is no base URL: it takes the form https://api.moonshot.ai/v1")
    path = parts.path.rstrip("/").removesuffix("/v1").removesuffix("/coding")
    return f"{parts.scheme}://{parts.netloc}{path}"


def _said(host: Host, environment: Mapping[str, str]) -> tuple[str, str | None]:
    return BASES[host], environment.get(BASES[host])
