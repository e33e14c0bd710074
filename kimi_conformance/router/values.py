"""The values of a run's placeholders: ports, canaries for secrets, addresses of stand-ins, folders."""

from __future__ import annotations

import secrets
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kimi_conformance.contract.placeholders import AGENT_SECRET, UnknownPlaceholder, fill, fill_all, is_known, names_in
from kimi_conformance.contract.profile import Profile
from kimi_conformance.router.ready import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(slots=True)
class Values:
    """What the placeholders of `profile` stand for. Secrets are canaries, made for this run and this run only."""

    profile: Profile
    scratch: Path
    tools: Path
    upstreams: Mapping[str, str]
    prepared: Mapping[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    """What `{env.NAME}` stands for: in live mode only."""

    def secret(self, name: str) -> str:
        """The canary of secret `name`. It starts as real keys do: some routers look."""
        return self.secrets.setdefault(name, f"sk-kc-{name.replace('.', '-').lower()}-{secrets.token_hex(12)}")

    async def choose_ports(self, *texts: str) -> None:
        """Choose a port for `{port}`, and for every `{port.NAME}` in `texts`; those of a former start are dropped."""
        names = {name for text in texts for name in port_names(text)} | {"port"}
        self.ports = {name: await free_port() for name in sorted(names)}

    def of(self, name: str) -> str:
        """The value of placeholder `name`. Raises `UnknownPlaceholder`."""
        family, _, rest = name.partition(".")
        told = self.env if family == "env" else self.prepared
        match family:
            case "port" if name in self.ports:
                return str(self.ports[name])
            case "scratch":
                return str(self.scratch)
            case "tools":
                return str(self.tools)
            case "python":
                return sys.executable
            case "upstream" if rest.removesuffix(".port") in self.upstreams:
                url = self.upstreams[rest.removesuffix(".port")]
                return url.rsplit(":", 1)[1] if rest.endswith(".port") else url
            case "prepared" | "env" if rest in told:
                return told[rest]
            case "secret" if rest == AGENT_SECRET:
                return f"{{{name}}}"  # the name of the agent comes with each request
            case "secret" if rest.startswith("agent.") or is_known(name, self.profile):
                return self.secret(rest)
            case _:
                raise UnknownPlaceholder(name)

    def fill(self, text: str) -> str:
        """`text` with its placeholders replaced. Raises `UnknownPlaceholder`."""
        return fill(text, self.of)

    def rendered(self) -> Profile:
        """The profile with its placeholders replaced. Raises `UnknownPlaceholder`."""
        written = self.profile.model_dump(by_alias=True, exclude={"start", "asgi", "decide"})
        filled = fill_all(written, self.of)
        reached = {way: getattr(self.profile, way) for way in ("start", "asgi", "decide")}
        return Profile.model_validate(filled | {way: value for way, value in reached.items() if value is not None})


def port_names(text: str) -> set[str]:
    """The `port.NAME` placeholders in `text`."""
    return {name for name in names_in(text) if name.startswith("port.")}
