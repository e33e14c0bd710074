"""The table of endpoints, and of what is outside of this page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.tie import Tied
from kimi_conformance.reporting.api_page.view import Told, View, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.contract.calls import Host
    from kimi_conformance.contract.endpoints import Endpoints
    from kimi_conformance.reporting.api_page.ties import Ties

HOSTS: Final[Mapping[Host, str]] = {"platform-ai": ".ai", "platform-cn": ".cn", "coding": "api.kimi.com"}


def endpoints(ties: Ties, known: Endpoints) -> View:
    """Every endpoint, known as what its answer names first, or by documents where no such answer is on tape."""
    rows = []
    for each in known.endpoints:
        first = each.answers[0]
        mark = ties.mark(Tied(by=first.requirements[:1], at_most="documented" if first.unseen else None))
        hosts = ", ".join(HOSTS[host] for host in each.hosts)
        rows.append(Told((f"`{each.method} {each.path}`", hosts, each.summary), mark))
    return table(("Endpoint", "Hosts", "What it does"), rows)


def outside(ties: Ties, known: Endpoints) -> View:
    """The paths that the page says nothing of, and why."""
    rows = []
    for each in known.outside:
        mark = ties.mark(Tied(by=each.requirements, facts=each.facts, at_most="documented"))
        rows.append(Told((f"`{each.path}`", each.summary, each.why), mark))
    return table(("Path", "What it is", "Why not"), rows)
