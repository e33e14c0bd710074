"""The laws of hosts: what each says to the key of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.selftest.sights import MESSAGES, bears, chat, error, flaws, places, seen, whole

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

UNKNOWN = ("invalid_authentication_error", "Invalid Authentication")
MISSING = ("incorrect_api_key_error", "Incorrect API key provided")
EXPIRED = (
    "invalid_authentication_error",
    "The API Key appears to be invalid or may have expired. Please verify your credentials and try again.",
)
NO_KEY = "api.hosts.missing-key-401-other-type"

FINE = [
    ("api.hosts.ai-key-on-cn-401", error(401, *UNKNOWN, host="platform-cn", key="other-host")),
    ("api.hosts.cn-key-on-ai-401", error(401, *UNKNOWN, key="other-host", method="GET", path="/v1/models")),
    ("api.hosts.platform-key-on-coding-401", error(401, *EXPIRED, host="coding", key="other-host")),
    ("api.hosts.coding-key-on-platform-401", error(401, *UNKNOWN, key="coding")),
    (NO_KEY, error(401, *MISSING, key="none", method="GET", path="/v1/models")),
    (NO_KEY, error(401, *MISSING, key="none", host="platform-cn")),
    (NO_KEY, error(401, *MISSING, key="none", path=MESSAGES)),
]
WRONG = [
    ("api.hosts.ai-key-on-cn-401", chat(whole(), host="platform-cn", key="other-host"), "response"),
    ("api.hosts.cn-key-on-ai-401", error(401, *MISSING, key="other-host"), "response /error/type"),
    ("api.hosts.platform-key-on-coding-401", chat(whole(), host="coding", key="other-host"), "response"),
    ("api.hosts.coding-key-on-platform-401", error(404, *UNKNOWN, key="coding"), "response"),
    (NO_KEY, error(401, *UNKNOWN, key="none"), "response /error/type"),
    (NO_KEY, seen(200, {"data": []}, key="none", method="GET", path="/v1/models"), "response"),
]
SILENT = [
    ("api.hosts.ai-key-on-cn-401", error(401, *UNKNOWN, host="platform-ai", key="other-host")),
    ("api.hosts.ai-key-on-cn-401", error(401, *UNKNOWN, host="platform-cn", key="coding")),
    ("api.hosts.cn-key-on-ai-401", error(401, *UNKNOWN, host=None, key="other-host")),
    ("api.hosts.platform-key-on-coding-401", error(403, *EXPIRED, host="coding", key="other-host")),
    ("api.hosts.coding-key-on-platform-401", error(401, *UNKNOWN, host="coding", key="coding")),
    (NO_KEY, error(401, *UNKNOWN, key="unknown")),
    (NO_KEY, error(401, *MISSING, key="none", host="coding")),
    (NO_KEY, error(401, *UNKNOWN, key="none", path=MESSAGES, sent={"x-api-key": "sk-made-up"})),
]


@pytest.mark.parametrize(("requirement", "sight"), FINE)
def test_what_is_as_observed_passes(requirement: str, sight: Sight) -> None:
    assert flaws(requirement, sight) == []


@pytest.mark.parametrize(("requirement", "sight", "where"), WRONG)
def test_what_is_wrong_is_found_where_it_stands(requirement: str, sight: Sight, where: str) -> None:
    assert where in places(requirement, sight)


@pytest.mark.parametrize(("requirement", "sight"), SILENT)
def test_nothing_is_said_of_what_shows_nothing(requirement: str, sight: Sight) -> None:
    assert not bears(requirement, sight)
