"""Where Kimi answers. Apart from the requests, so that a check of a router need not import an HTTP client for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.contract.calls import Host

ORIGINS: Final[Mapping[Host, str]] = {
    "platform-ai": "https://api.moonshot.ai",
    "platform-cn": "https://api.moonshot.cn",
    "coding": "https://api.kimi.com",
}
