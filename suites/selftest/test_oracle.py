"""The oracle against the decision table, written by hand from the operator's page (Fix #1 and "How it's used").

A name is Claude where `model.toLowerCase().startsWith('claude')`; an agent that has a plan and asks for Claude takes
the plan's route; everything else is looked up by its exact name, and what is not found there takes the default.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pytest

from kimi_conformance.contract.profile import Profile
from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.oracle import Routed, World, expect, is_claude, meant
from kimi_conformance.registry.contracts import catalogue

TIERS: Final = {"plan": "max", "annex": "team", "kimi": "specialty", "coding": "code", "default": "default"}

TABLE: Final = Profile.model_validate(
    {
        "name": "decision-table",
        "url": "http://127.0.0.1:1",
        "surfaces": {"chat": "/v1/chat/completions"},
        "routes": {name: {"upstream": "any", "tier": tier} for name, tier in TIERS.items()}
        | {"bare": {"upstream": "x"}},
        "policy": {
            "plan_agents": {"dispo": "plan", "scout": "annex"},
            "models": {
                "kimi-k2.6": "kimi",
                "kimi-for-coding": "coding",
                "claude-registered": "kimi",
                "moonshot/own": "bare",
            },
            "prefixes": {
                "moonshot/": {"route": "kimi", "strip": True},
                "moonshot/code/": {"route": "coding", "strip": True},
                "moonshotai/": {"route": "kimi", "strip": False},
                "kimi-k2-turbo": {"route": "coding", "strip": False},
                "claudius": {"route": "kimi", "strip": True},
                "claude-3": {"route": "coding", "strip": False},
            },
            "default": "default",
        },
    }
)

SAME: Final = object()
NOBODY: Final = ABSENT
SONNET: Final = "claude-sonnet-4-5"


def row(slug: str, agent: Any, model: Any, route: str, seen: Any = SAME) -> Any:
    """A line of the table: who asks for what, the route it must take, the name that the upstream must see."""
    expected = Routed(route, TIERS.get(route), model if seen is SAME else seen)
    return pytest.param(agent, model, expected, id=slug)


CLAUDE = [
    row("claude-sonnet", "dispo", SONNET, "plan"),
    row("claude-alone", "dispo", "claude", "plan"),
    row("title", "dispo", "Claude-Sonnet-4-5", "plan"),
    row("capitals", "dispo", "CLAUDE-SONNET-4-5", "plan"),
    row("capitals-alone", "dispo", "CLAUDE", "plan"),
    row("camel", "dispo", "cLaUdE-x", "plan"),
    row("no-hyphen", "dispo", "claude3", "plan"),
    row("any-word-that-starts-so", "dispo", "claudette", "plan"),
    row("slash-after", "dispo", "claude/opus", "plan"),
    row("blank-after", "dispo", "claude opus ", "plan"),
    row("accent-after", "dispo", "claude\u00e9", "plan"),
    row("emoji-after", "dispo", "CLAUDE\U0001f319", "plan"),
    row("ten-thousand-letters", "dispo", "claude" + "e" * 10_000, "plan"),
    row("registered-elsewhere", "dispo", "claude-registered", "plan"),
    row("behind-a-prefix-of-its-own", "dispo", "claude-3-haiku", "plan"),
    row("second-agent-second-plan", "scout", SONNET, "annex"),
    row("second-agent-registered", "scout", "claude-registered", "annex"),
]

NOT_CLAUDE = [
    ("not-claude", "not-claude-sonnet"),
    ("inside", "my-claude-sonnet"),
    ("vendor", "anthropic/claude-sonnet-4-5"),
    ("vendor-with-dots", "us.anthropic.claude-sonnet-4-5"),
    ("vendor-at", "@claude"),
    ("blank-before", " claude-sonnet-4-5"),
    ("tab-before", "\tclaude-sonnet-4-5"),
    ("newline-before", "\nclaude-sonnet-4-5"),
    ("nul-before", "\x00claude"),
    ("no-break-space-before", "\u00a0claude-sonnet-4-5"),
    ("zero-width-space-before", "\u200bclaude-sonnet-4-5"),
    ("byte-order-mark-before", "\ufeffclaude-sonnet-4-5"),
    ("zero-width-joiner-inside", "cla\u200dude"),
    ("soft-hyphen-inside", "clau\u00adde"),
    ("quoted", '"claude-sonnet-4-5"'),
    ("cut", "claud"),
    ("cut-with-hyphen", "claud-e"),
    ("first-letter", "c"),
    ("misspelt", "cluade-sonnet"),
    ("hyphen-inside", "cl-aude"),
    ("cyrillic-es", "\u0441laude-sonnet-4-5"),
    ("cyrillic-a", "cl\u0430ude-sonnet-4-5"),
    ("cyrillic-capital-es", "\u0421LAUDE"),
    ("fullwidth-c", "\uff43laude-sonnet-4-5"),
    ("fullwidth-all", "\uff23\uff2c\uff21\uff35\uff24\uff25"),
    ("roman-numeral-hundred", "\u216dLAUDE"),
    ("roman-numeral-fifty", "c\u216caude"),
    ("roman-numeral-five-hundred", "clau\u217ee"),
    ("circled", "\u24d2laude"),
    ("mathematical-bold", "\U0001d41claude"),
    ("dotless-i-in-it", "cl\u0131ude"),
    ("accent-on-the-last-letter", "claud\u00e9-sonnet"),
    ("combining-accent", "c\u0301laude"),
    ("kelvin-sign", "\u212alaude"),
    ("claude-in-russian", "\u043a\u043b\u043e\u0434"),
]

OTHER_AGENTS = [
    ("absent", NOBODY),
    ("null", None),
    ("empty", ""),
    ("unknown", "some-agent"),
    ("title", "Dispo"),
    ("capitals", "DISPO"),
    ("blank-before", " dispo"),
    ("blank-after", "dispo "),
    ("tab-after", "dispo\t"),
    ("newline-after", "dispo\n"),
    ("with-a-word", "dispo x"),
    ("with-a-comma", "dispo,scout"),
    ("suffix", "dispo-2"),
    ("prefix", "my-dispo"),
    ("cut", "disp"),
    ("cyrillic-o", "disp\u043e"),
    ("zero-width-space", "dispo\u200b"),
    ("named-after-a-model", SONNET),
    ("named-claude", "claude"),
    ("named-after-a-route", "plan"),
    *((name, name) for name in ("constructor", "__proto__", "toString", "hasOwnProperty", "valueOf", "prototype")),
]

LOOKED_UP = [
    row("registered", NOBODY, "kimi-k2.6", "kimi"),
    row("registered-by-a-plan-agent", "dispo", "kimi-k2.6", "kimi"),
    row("kimi-for-coding-by-a-plan-agent", "dispo", "kimi-for-coding", "coding"),
    row("registered-by-the-second-agent", "scout", "kimi-k2.6", "kimi"),
    row("registered-claude-without-a-plan", NOBODY, "claude-registered", "kimi"),
    row("registered-claude-in-another-case", NOBODY, "Claude-Registered", "default"),
    row("title", NOBODY, "Kimi-K2.6", "default"),
    row("capitals", "dispo", "KIMI-K2.6", "default"),
    row("suffix", NOBODY, "kimi-k2.6-preview", "default"),
    row("cut", NOBODY, "kimi-k2.", "default"),
    row("blank-before", "dispo", " kimi-k2.6", "default"),
    row("blank-behind", NOBODY, "kimi-k2.6 ", "default"),
    row("dot-is-a-dot", NOBODY, "kimi-k2-6", "default"),
    row("starts-with-kimi-and-is-not-registered", "dispo", "kimi-k9", "default"),
    row("kelvin-sign", NOBODY, "\u212aimi-k2.6", "default"),
    row("somebody-elses", NOBODY, "gpt-4o", "default"),
    row("blank", "dispo", " ", "default"),
    row("zero", NOBODY, "0", "default"),
    row("null-in-words", NOBODY, "null", "default"),
    row("absent", NOBODY, ABSENT, "default"),
    row("absent-by-a-plan-agent", "dispo", ABSENT, "default"),
    row("null", NOBODY, None, "default"),
    row("null-by-a-plan-agent", "dispo", None, "default"),
    row("empty", NOBODY, "", "default"),
    row("empty-by-a-plan-agent", "dispo", "", "default"),
    *(
        row(f"built-in-{name}-{slug}", agent, name, "default")
        for name in ("constructor", "__proto__", "toString", "hasOwnProperty", "valueOf")
        for slug, agent in (("by-nobody", NOBODY), ("by-a-plan-agent", "dispo"))
    ),
]

PREFIXED = [
    row("stripped", NOBODY, "moonshot/kimi-k9", "kimi", "kimi-k9"),
    row("stripped-by-a-plan-agent", "dispo", "moonshot/kimi-k9", "kimi", "kimi-k9"),
    row("longest-wins", NOBODY, "moonshot/code/kimi", "coding", "kimi"),
    row("stripped-once", NOBODY, "moonshot/moonshot/x", "kimi", "moonshot/x"),
    row("kept", NOBODY, "moonshotai/kimi-k9", "kimi"),
    row("an-exact-entry-comes-first", NOBODY, "moonshot/own", "bare"),
    row("equals-the-whole-name", NOBODY, "kimi-k2-turbo", "coding"),
    row("goes-on-without-a-separator", NOBODY, "kimi-k2-turbo-preview", "coding"),
    row("nothing-behind", NOBODY, "moonshot/", "kimi", ""),
    row("claude-without-a-plan", NOBODY, "claude-3-haiku", "coding"),
    row("claude-behind-it-is-not-claude", "dispo", "moonshot/claude-sonnet", "kimi", "claude-sonnet"),
    row("a-prefix-that-resembles-claude", "dispo", "claudius/x", "kimi", "/x"),
    row("in-capitals-is-none", NOBODY, "Moonshot/kimi-k9", "default"),
    row("inside-is-none", NOBODY, "x/moonshot/kimi-k9", "default"),
    row("blank-before-is-none", NOBODY, " moonshot/kimi-k9", "default"),
    row("cut-is-none", NOBODY, "moonshot", "default"),
]


@pytest.mark.parametrize(("agent", "model", "expected"), [*LOOKED_UP, *PREFIXED])
def test_a_request_goes_where_the_table_says(agent: Any, model: Any, expected: Routed) -> None:
    assert expect(TABLE, agent, model) == expected


@pytest.mark.parametrize(("agent", "model", "expected"), CLAUDE)
def test_claude_takes_the_plan_of_the_agent_that_asks(agent: str, model: str, expected: Routed) -> None:
    assert is_claude(model)
    assert expect(TABLE, agent, model) == expected


@pytest.mark.parametrize("model", [pytest.param(model, id=slug) for slug, model in NOT_CLAUDE])
def test_what_only_resembles_claude_takes_the_default_of_a_plan_agent_too(model: str) -> None:
    assert not is_claude(model)
    assert expect(TABLE, "dispo", model) == Routed("default", "default", model)


@pytest.mark.parametrize("agent", [pytest.param(agent, id=slug) for slug, agent in OTHER_AGENTS])
def test_no_agent_but_exactly_one_with_a_plan_takes_a_plan_route(agent: Any) -> None:
    assert expect(TABLE, agent, SONNET) == Routed("default", "default", SONNET)
    assert expect(TABLE, agent, "claude-registered") == Routed("kimi", "specialty", "claude-registered")
    assert expect(TABLE, agent, "kimi-k2.6") == Routed("kimi", "specialty", "kimi-k2.6")


@pytest.mark.parametrize("model", [None, ABSENT, "", 0, 3.5, True, ["claude"], {"claude": 1}, b"claude"])
def test_what_is_no_name_is_not_claude(model: Any) -> None:
    assert not is_claude(model)


def small(**sections: Any) -> Profile:
    """A profile with one route beside its default."""
    given = {
        "name": "small",
        "url": "http://127.0.0.1:1",
        "surfaces": {"chat": "/v1/chat/completions"},
        "routes": {"kimi": {"upstream": "x", "tier": "specialty"}, "default": {"upstream": "x", "tier": "rest"}},
        "policy": {"models": {"kimi-k3": "kimi"}, "default": "default"},
    }
    return Profile.model_validate(given | sections)


def test_a_model_that_clients_call_otherwise_is_not_registered_under_its_own_name() -> None:
    profile = small(sends={"kimi-k3": "house-kimi"})
    assert expect(profile, ABSENT, "house-kimi") == Routed("kimi", "specialty", "kimi-k3")
    assert expect(profile, ABSENT, "kimi-k3") == Routed("default", "rest", "kimi-k3")


def test_a_route_with_a_model_of_its_own_asks_for_that_whatever_was_sent() -> None:
    profile = small(routes={"kimi": {"upstream": "x", "model": "fixed"}, "default": {"upstream": "x"}})
    assert expect(profile, ABSENT, "kimi-k3") == Routed("kimi", None, "fixed")
    assert expect(profile, ABSENT, "other") == Routed("default", None, "other")


@pytest.mark.parametrize("name", ["kimi-k3", "XXL", "", "prefix/"])
def test_a_name_of_which_no_prefix_is_stripped_is_meant_as_it_is(name: str) -> None:
    assert meant(small(), name) == name


def test_a_world_is_seen_from_both_sides_unless_somebody_says_otherwise() -> None:
    assert not World(small(), catalogue(), date(2026, 11, 23)).one_sided
