"""How a routing case was seen: between stand-ins, or by calls of real services."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kimi_conformance.api.surroundings import LOCAL
from kimi_conformance.contract.result import How

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.trip import Play


def how_of(play: Play | None, profile: Profile, live: Mapping[str, str], on: date) -> How:
    """How a case was seen in a live run; `live` are the real services by upstream, each with its host.

    The origin is live where a real service was reached. One on this machine is modelled: it is nobody's production.
    """
    if play is None or not play.trips:
        return How(mode="live", origin="modelled")
    reached = [live[arrival.upstream] for trip in play.trips for arrival in trip.arrivals if arrival.upstream in live]
    if profile.one_sided and any(trip.client.response for trip in play.trips):
        reached.append(urlsplit(str(profile.url)).netloc)
    if not reached:
        return How(mode="live", origin="modelled")
    model = play.trips[0].ask.model.value
    return How(
        mode="live",
        origin="modelled" if urlsplit(f"//{reached[0]}").hostname in LOCAL else "live",
        host=reached[0],
        model=model if isinstance(model, str) else None,
        date=on.isoformat(),
    )
