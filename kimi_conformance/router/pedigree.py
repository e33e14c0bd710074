"""How a profile's router is had: its version, and what installs and starts it, as a reader would type it."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kimi_conformance.contract.profile import Profile

PIN: Final = re.compile(r".(?:==|@|=)(?P<version>[0-9][^@=]*)$")
"""`litellm[proxy]==1.106.2`, `@portkey-ai/gateway@1.15.2`, `haproxy=2.6.12-1+deb12u4`."""


def version(profile: Profile) -> str:
    """What the profile says, else the pin of the first package that it installs; `-` for a router that has none."""
    wanted = profile.install
    packages = (*wanted.pip, *wanted.npm, *wanted.apt) if wanted else ()
    pin = PIN.search(packages[0]) if packages else None
    return profile.version or (pin["version"] if pin else "-")


def installed(profile: Profile) -> tuple[str, ...]:
    """The commands that install it, without the folders of one machine."""
    if profile.install is None:
        return ()
    by = {
        "pip install": profile.install.pip,
        "npm install": profile.install.npm,
        "apt-get install": profile.install.apt,
    }
    return tuple(f"{command} {shlex.join(packages)}" for command, packages in by.items() if packages)


def started(profile: Profile) -> str:
    """The command that starts it, or where it was found; placeholders as the profile has them."""
    if profile.start:
        return " ".join(
            word if re.fullmatch(r"[\w@%+=:,./{}-]+", word) else shlex.quote(word) for word in profile.start.command
        )
    if profile.asgi:
        return f"an ASGI application in the suite's own process: {profile.asgi.app}"
    if profile.url:
        return f"ran already at {profile.url}"
    return "a bare decision"
