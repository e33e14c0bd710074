"""The rows of contracts/models.yaml, and the families of ids as the published facts have them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kimi_conformance.contract.catalogue import Catalogue, Model

MODELS = Path(__file__).parents[2] / "contracts" / "models.yaml"


@cache
def written() -> Any:
    return yaml.safe_load(MODELS.read_text(encoding="utf-8"))


@cache
def catalogue() -> Catalogue:
    return Catalogue.model_validate(written())


def found(model: str) -> Model:
    row = catalogue().find(model)
    assert row is not None, f"{model} has no row"
    return row


K3 = {"kimi-k3", "kimi-k3.1-pro", "kimi-k3.1-pro-highspeed"}
K27 = {"kimi-k2.7-code", "kimi-k2.7-code-highspeed"}
K2 = {"kimi-k2-0905-preview", "kimi-k2-0711-preview", "kimi-k2-turbo-preview"}
K2_THINKING = {"kimi-k2-thinking", "kimi-k2-thinking-turbo"}
V1 = {"moonshot-v1-8k", "moonshot-v1-32k", "moonshot-v1-128k", "moonshot-v1-auto"}
V1_VISION = {"moonshot-v1-8k-vision-preview", "moonshot-v1-32k-vision-preview", "moonshot-v1-128k-vision-preview"}
CODING = {"kimi-for-coding", "kimi-for-coding-highspeed", "k3", "k3-256k", "k3.1-pro"}
