"""The laws of the list of models."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from suites.selftest.sights import DAY, chat, error, page, seen, whole

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

K3 = {
    "created": 1784217600,
    "id": "kimi-k3",
    "object": "model",
    "owned_by": "moonshot",
    "permission": [],
    "root": "",
    "parent": "",
    "supports_image_in": True,
    "supports_reasoning": True,
    "context_length": 1048576,
}
LIST = {"method": "GET", "path": "/v1/models"}


def entry(**changes: object) -> dict[str, object]:
    return {**K3, **changes}


def listed(*entries: dict[str, object], **known: object) -> Sight:
    return seen(200, {"object": "list", "data": list(entries)}, **{**LIST, "on": DAY, **known})


ALL = listed(K3, entry(id="kimi-k3.1-pro"), entry(id="kimi-k3.1-pro-highspeed"))
FUNDS = "api.models.answers-without-funds"
KNOWN_FROM, PRO_CAME = date(2026, 9, 1), date(2026, 10, 24)
OLD = [entry(id=f"kimi-{name}") for name in ("k2.6", "k2.7-code", "k2.7-code-highspeed")]

FINE = [
    ("api.models.dead-not-listed", listed(entry(id="kimi-k2.5"), on=DAY.replace(month=8, day=31))),  # its last day
    ("api.models.shape", ALL),
    ("api.models.shape", seen(200, {"data": [K3]}, **LIST)),
    ("api.models.ids-unique", ALL),
    ("api.models.live-listed", ALL),
    ("api.models.live-listed", listed(K3, *OLD, on=PRO_CAME)),  # what began that day may still be missing
    ("api.models.dead-not-listed", ALL),
    ("api.models.attributes-as-catalogued", ALL),
    ("api.models.attributes-as-catalogued", listed(entry(id="kimi-k3.1-pro", supports_video_in=True))),
    (FUNDS, listed(K3, key="drained")),
]
WRONG = [
    ("api.models.shape", seen(200, "no", **LIST), "response body"),
    ("api.models.shape", listed(entry(id="")), "response /data/0/id"),
    ("api.models.shape", listed(), "response /data"),
    ("api.models.ids-unique", listed(K3, K3), "response /data"),
    ("api.models.live-listed", listed(K3), "response /data, response /data"),
    ("api.models.live-listed", listed(K3, on=KNOWN_FROM), ", ".join(["response /data"] * 3)),
    ("api.models.dead-not-listed", listed(K3, entry(id="kimi-k2.5")), "response /data/1/id"),
    ("api.models.dead-not-listed", listed(entry(id="kimi-k2-turbo")), "response /data/0/id"),
    ("api.models.attributes-as-catalogued", listed(entry(context_length=262144)), "response /data/0/context_length"),
    *(
        ("api.models.attributes-as-catalogued", listed(entry(**{name: False})), f"response /data/0/{name}")
        for name in ("supports_reasoning", "supports_image_in", "supports_video_in", "supports_dynamic_tools")
    ),
    (
        "api.models.attributes-as-catalogued",
        listed(entry(id="kimi-k9"), entry(context_length=262144)),
        "response /data/1/context_length",
    ),
    (FUNDS, error(429, "exceeded_current_quota_error", "insufficient balance", key="drained", **LIST), "response"),
]
SILENT = [
    ("api.models.shape", error(401, "invalid_authentication_error", "Invalid Authentication", **LIST)),
    ("api.models.ids-unique", listed()),
    ("api.models.live-listed", listed()),
    ("api.models.live-listed", listed(K3, on=None)),
    ("api.models.live-listed", listed(K3, partial=True)),
    ("api.models.live-listed", listed(K3, on=DAY.replace(year=2024))),
    ("api.models.live-listed", listed(K3, host=None)),
    ("api.models.dead-not-listed", listed(entry(id="kimi-k2.5"), on=None)),
    ("api.models.attributes-as-catalogued", listed(entry(id="kimi-k9"))),
    ("api.models.attributes-as-catalogued", listed(K3, host=None, path="https://router.example/v1/models")),
    (FUNDS, page(500, key="own", **LIST)),
    (FUNDS, chat(whole(), key="drained")),
    (FUNDS, replace(ALL, key="drained", exchange=replace(ALL.exchange, response=None))),
]
