"""No secret gets past the redactor, in whatever form it comes."""

from __future__ import annotations

import secrets
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest

from kimi_conformance.reporting.redact import redactor

CANARY = f"sk-kc-client-{secrets.token_hex(12)}"
ODD = f"~~~???a b/c+d?{secrets.token_hex(8)}~ä"


def test_a_secret_is_replaced_by_its_name_everywhere() -> None:
    redact = redactor({"client": CANARY})
    assert redact(f"Bearer {CANARY}, {CANARY}") == "Bearer <secret.client>, <secret.client>"


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(quote(ODD), id="url"),
        pytest.param(quote(ODD, safe=""), id="url-slashes-too"),
        pytest.param(quote_plus(ODD), id="form"),
        pytest.param(b64encode(ODD.encode()).decode(), id="base64"),
        pytest.param(urlsafe_b64encode(ODD.encode()).decode(), id="base64-url"),
    ],
)
def test_an_encoded_secret_is_replaced_whole(form: str) -> None:
    assert redactor({"odd": ODD})(f"[{form}]") == "[<secret.odd>]"


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("after", range(4))
def test_a_secret_within_other_base64_leaves_no_more_than_its_edges(before: int, after: int) -> None:
    encoded = b64encode(b"u" * before + CANARY.encode() + b":" * after).decode()
    shown = redactor({"client": CANARY})(encoded)
    left = shown.replace("<secret.client>", "")
    assert "<secret.client>" in shown
    # Two characters at most on either side carry bits of the secret's first or last byte, the rest is not its own.
    assert len(left.rstrip("=")) <= (before * 8) // 6 + (after * 8) // 6 + 4


def test_a_secret_that_was_cut_in_its_second_half_is_replaced_as_well() -> None:
    redact = redactor({"client": CANARY})
    assert redact(f"the client got 200: {CANARY[:-3]}") == "the client got 200: <secret.client>"
    assert redact(f"{CANARY[:-9]}… and more") == "<secret.client>… and more"


def test_of_two_secrets_that_begin_alike_each_gets_its_own_name() -> None:
    long_name = "agent.production-dispatcher"
    one, other = (f"sk-kc-{name}-{secrets.token_hex(12)}" for name in (long_name, f"{long_name}-2"))
    redact = redactor({"one": one, "other": other})
    assert redact(f"{other} {one}") == "<secret.other> <secret.one>"


def test_a_secret_within_another_does_not_uncover_it() -> None:
    redact = redactor({"short": CANARY, "long": f"{CANARY}-and-more"})
    assert redact(f"{CANARY}-and-more {CANARY}") == "<secret.long> <secret.short>"


def test_an_empty_secret_and_a_text_without_secrets_change_nothing() -> None:
    assert redactor({"none": "", "client": CANARY})("Say ok. sk-kc-") == "Say ok. sk-kc-"


def test_half_of_a_short_secret_is_part_of_any_word() -> None:
    redact = redactor({"mine": "sk-x"})
    assert redact("nobody can ask for sk-x") == "nobody can ask for <secret.mine>"
    assert redactor({"twelve": "sk-123456789"})("sk-123…") == "<secret.twelve>…"
