"""The table of endpoints, and of what is outside of this page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.tie import Tied
from kimi_conformance.reporting.api_page.view import Told, View, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.contract.calls import Host
    from kimi_conformance.contract.endpoints import Endpoint, Endpoints, Outside
    from kimi_conformance.reporting.api_page.ties import Ties

HOSTS: Final[Mapping[Host, str]] = {"platform-ai": ".ai", "platform-cn": ".cn", "coding": "api.kimi.com"}


def endpoints(ties: Ties, known: Endpoints) -> View:
    """Every endpoint, known as what its answer names first, or by documents where none is on tape; and what is left out."""
    rows = [*(_row(each, ties) for each in known.endpoints), *(_left_out(each, ties) for each in known.outside)]
    return table(("Endpoint", "Hosts", "What it does"), rows)


def _row(endpoint: Endpoint, ties: Ties) -> Told:
    hosts = ", ".join(HOSTS[host] for host in endpoint.hosts)
    first = endpoint.answers[0]
    mark = ties.mark(Tied(by=first.requirements[:1], at_most="documented" if first.unseen else None))
    return Told((f"`{endpoint.method} {endpoint.path}`", hosts, endpoint.summary), mark)


def _left_out(outside: Outside, ties: Ties) -> Told:
    mark = ties.mark(Tied(by=outside.requirements, facts=outside.facts))
    return Told((f"`{outside.path}`", "", f"{outside.summary} *Not on this page: {outside.why}*"), mark)
