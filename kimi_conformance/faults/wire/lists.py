"""Models, balances and estimates that are not what they should be."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.faults.wire.edit import change, drop, put
from kimi_conformance.faults.wire.whole import answer, entire, page, written
from kimi_conformance.faults.wire.wire_fault import wire

if TYPE_CHECKING:
    from kimi_conformance.exchange import Exchange

MODELS: Final = "api.models.shape"
COINCIDE: Final = "api.hosts.same-models-on-both"
RETIRED: Final = {"id": "moonshot-v1-8k", "object": "model", "created": 1709149158, "owned_by": "moonshot"}
NEVER: Final = {"id": "kimi-k2-turbo", "object": "model", "created": 1751328000, "owned_by": "moonshot"}
BALANCE: Final = "api.balance.shape"
USAGES: Final = "api.coding.usages-shape"


def _slow(exchange: Exchange) -> Exchange:
    return replace(exchange, end_ms=exchange.start_ms + 60_000)


def _ending(exchange: Exchange) -> Exchange:
    """Asked for, and answered by, a model that is to end."""
    asked = {**json.loads(exchange.request.body), "model": "kimi-k2.6"}
    renamed = answer(put("model", "kimi-k2.6"))(exchange)
    return replace(renamed, request=replace(exchange.request, body=written(asked)))


FAULTS: Final = (
    wire("models-no-data", "The list of models has no data.", answer(drop("data")), MODELS, on="models"),
    wire("models-empty", "The list of models is empty.", answer(put("data", [])), MODELS, on="models"),
    wire(
        "models-bare-list",
        "The list of models is a bare list.",
        entire(lambda found: found["data"]),
        MODELS,
        on="models",
    ),
    wire(
        "models-ids-only",
        "Models are listed as strings.",
        answer(change("data/*", lambda model: model["id"])),
        MODELS,
        on="models",
    ),
    wire("models-id-missing", "A listed model has no id.", answer(drop("data/0/id")), MODELS, on="models"),
    wire(
        "models-twice",
        "Every model is listed twice.",
        answer(change("data", lambda found: found * 2)),
        "api.models.ids-unique",
        on="models",
    ),
    wire(
        "models-one-again",
        "A model is listed again at the end, as a snapshot of another day.",
        answer(change("data", lambda found: [*found, {**found[0], "created": found[0]["created"] + 86_400}])),
        "api.models.ids-unique",
        on="models",
    ),
    wire(
        "models-live-missing",
        "A model that is served is not listed.",
        answer(drop("data/0")),
        "api.models.live-listed",
        on="models",
    ),
    wire(
        "models-prefixed",
        "Models are listed with a router's prefix.",
        answer(change("data/*/id", lambda name: f"moonshotai/{name}")),
        "api.models.live-listed",
        on="models",
    ),
    wire(
        "models-dead-listed",
        "A model that is retired is listed.",
        answer(change("data", lambda found: [*found, RETIRED])),
        "api.models.dead-not-listed",
        on="models",
    ),
    wire(
        "models-never-was-listed",
        "An id that never was is listed, as if it were an alias.",
        answer(change("data", lambda found: [*found, NEVER])),
        "api.models.dead-not-listed",
        on="models",
    ),
    wire(
        "models-context-wrong",
        "A model has another context than the catalogue says.",
        answer(put("data/0/context_length", 262144)),
        "api.models.attributes-as-catalogued",
        on="models",
    ),
    wire(
        "models-ability-wrong",
        "A model is said not to see.",
        answer(put("data/0/supports_image_in", new=False)),
        "api.models.attributes-as-catalogued",
        on="models",
    ),
    wire("models-fewer-on-cn", "A model is listed on one host only.", answer(drop("data/1")), COINCIDE, on="models-cn"),
    wire(
        "models-other-on-cn",
        "A model is listed otherwise on the other host.",
        answer(drop("data/0/think_efforts")),
        COINCIDE,
        on="models-cn",
    ),
    wire(
        "coding-models-no-data",
        "The coding host's list of models has no data.",
        answer(drop("data")),
        "api.coding.models-shape",
        on="models-coding",
    ),
    wire(
        "coding-models-context-text",
        "The coding host says a context in a string.",
        answer(put("data/0/context_length", "262144")),
        "api.coding.models-shape",
        on="models-coding",
    ),
    wire(
        "usages-numbers",
        "The quota has numbers, not strings.",
        answer(change("usage/limit", int)),
        USAGES,
        on="usages-coding",
    ),
    wire("usages-missing", "The quota does not say what was used.", answer(drop("limits")), USAGES, on="usages-coding"),
    wire(
        "balance-strings", "Amounts are strings.", answer(change("data/available_balance", str)), BALANCE, on="balance*"
    ),
    wire("balance-missing", "An amount is missing.", answer(drop("data/cash_balance")), BALANCE, on="balance*"),
    wire("balance-bare", "The balance has no envelope.", entire(lambda found: found["data"]), BALANCE, on="balance*"),
    wire(
        "balance-status-false",
        "The balance comes with the status false.",
        answer(put("status", new=False)),
        BALANCE,
        on="balance*",
    ),
    wire("balance-html", "The balance is a page.", page(200), BALANCE, on="balance*"),
    wire(
        "balance-too-much",
        "More is available than there is.",
        answer(change("data/available_balance", lambda found: found + 5)),
        "api.balance.sum",
        on="balance*",
    ),
    wire(
        "balance-debt-as-credit",
        "What is owed is counted as if it could be spent.",
        answer(change("data", lambda found: {**found, "available_balance": abs(found["cash_balance"])})),
        "api.balance.sum",
        on="balance-in-debt",
    ),
    wire(
        "tokens-bare",
        "An estimate has no envelope.",
        entire(lambda found: found["data"]),
        "api.tokens.shape",
        on="tokens",
    ),
    wire(
        "tokens-as-text",
        "An estimate is a string.",
        answer(change("data/total_tokens", str)),
        "api.tokens.shape",
        on="tokens",
    ),
    wire(
        "tokens-zero",
        "An estimate counts nothing.",
        answer(put("data/total_tokens", 0)),
        "api.tokens.shape",
        on="tokens",
    ),
    wire(
        "highspeed-slow",
        "The highspeed variant takes a minute.",
        _slow,
        "api.latency.highspeed-faster",
        on="speed/fast",
    ),
    wire(
        "model-ends-soon",
        "The model that is asked for, and answers, ends within sixty days.",
        _ending,
        "api.lifecycle.ends-soon",
        on="chat-late",
    ),
)
