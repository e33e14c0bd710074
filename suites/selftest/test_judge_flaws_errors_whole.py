"""What laws say about errors, lost paths, lost models and files, whole: expected, actual, place, message, weight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.check import Flaw
from suites.selftest.law_endpoints import upload
from suites.selftest.law_errors import FITS, GATEWAY, JSON, NOWHERE, gateway
from suites.selftest.law_lifecycle import NAMES, SERVED, gone
from suites.selftest.sights import DAY, asking, error, flaws, invalid, page, seen

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

CALLS_ITSELF: Final = "an error that does not call itself JSON"
KIND: Final = "response header content-type"
HTML: Final = "404 text/html <html>oh no</html>"
LOST: Final = "api.errors.unknown-path"
LOST_MODEL: Final = "a model that is not there is answered: 500 text/html <html>oh no</html>"
NOT_FOUND: Final = "resource_not_found_error"


@pytest.mark.parametrize(
    ("requirement", "sight", "said"),
    [
        (
            FITS,
            error(400, "server_error", "no"),
            Flaw(
                "invalid_request_error or content_filter",
                '"server_error"',
                "response /error/type",
                "a 400 with a type that does not go with it",
            ),
        ),
        (
            FITS,
            error(402, "server_error", "no"),
            Flaw(
                "another status",
                '"server_error"',
                "response /error/type",
                "a 402 with a type that does not go with it",
            ),
        ),
        (JSON, page(404), Flaw("application/json", "text/html", KIND, CALLS_ITSELF)),
        (JSON, page(531), Flaw("application/json", "text/html", KIND, CALLS_ITSELF)),
        (JSON, page(530), Flaw("application/json", "text/html", KIND, CALLS_ITSELF, Verdict.WARN)),
        (JSON, page(502), Flaw("application/json", "text/html", KIND, CALLS_ITSELF, Verdict.WARN)),
        (
            JSON,
            invalid("no", headers={"date": "today"}),
            Flaw("application/json", "no content-type", KIND, CALLS_ITSELF),
        ),
        (
            LOST,
            gateway(code=3),
            Flaw("5", "3", "response /code", "the 404 of a path that is not there has another code"),
        ),
        (
            LOST,
            seen(404, {"error": "url.not_found"}, **NOWHERE),
            Flaw(
                "5",
                '404 application/json {"error":"url.not_found"}',
                "response /code",
                "the 404 of a path that is not there has another code",
            ),
        ),
        (
            "api.errors.gateway-family",
            seen(404, {**GATEWAY, "status": None}, **NOWHERE),
            Flaw("false", "null", "response /status", "an error with a good status"),
        ),
        (
            "api.lifecycle.retired-404",
            page(500, asking("kimi-k2.5"), on=DAY),
            Flaw("404", "500 text/html <html>oh no</html>", "response", LOST_MODEL),
        ),
        (
            "api.lifecycle.retired-404",
            gone(kind="odd"),
            Flaw(NOT_FOUND, '"odd"', "response /error/type", "the 404 of a model has another type"),
        ),
        (
            NAMES,
            gone("kimi-k9", named="kimi-k3"),
            Flaw(
                "kimi-k9",
                '"Not found the model kimi-k3 or Permission denied"',
                "response /error/message",
                "the 404 of a model does not say kimi-k9",
            ),
        ),
        (
            SERVED,
            page(404, asking("kimi-k3"), on=DAY),
            Flaw("no 404", HTML, "response", "kimi-k3 is served, and answered 404"),
        ),
        (
            "api.files.upload-shape",
            upload(filename=""),
            Flaw("a name", '""', "response /filename", "the file has no name"),
        ),
    ],
)
def test_a_flaw_of_an_error_is_told_whole(requirement: str, sight: Sight, said: Flaw) -> None:
    assert flaws(requirement, sight) == [said]


@pytest.mark.parametrize("model", ["none", "xx"])
def test_a_404_without_a_message_names_no_model_whatever_it_is_called(model: str) -> None:
    silent = seen(404, {"error": {"type": NOT_FOUND}}, asked=asking(model), on=DAY)
    assert flaws(NAMES, silent) == [
        Flaw(words, "null", "response /error/message", f"the 404 of a model does not say {words}")
        for words in (model, "permission denied")
    ]
