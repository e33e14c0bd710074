"""The bodies of the request area: what they must contain to find what they look for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.bodies import Bodies, twice_named
from kimi_conformance.contract.trip import MARK
from kimi_conformance.registry.contracts import bodies

if TYPE_CHECKING:
    from kimi_conformance.contract.reach import Surface

ALL: Final = bodies()
SURFACES: Final[tuple[Surface, ...]] = ("chat", "messages")


def strings(value: Any) -> list[str]:
    """Every string in nested data, the names of members left out."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in strings(one)]


@pytest.mark.parametrize("surface", SURFACES)
def test_every_conversation_carries_the_mark_once_in_a_users_message(surface: Surface) -> None:
    for slug, messages in ALL.conversations(surface).items():
        users = [text for one in messages if one["role"] == "user" for text in strings(one["content"])]
        assert sum(text.count(MARK) for text in users) == 1, slug
        assert sum(text.count(MARK) for text in strings(messages)) == 1, slug


@pytest.mark.parametrize("surface", SURFACES)
def test_every_text_is_a_conversation_of_each_surface(surface: Surface) -> None:
    spoken = ALL.conversations(surface)
    assert set(ALL.texts) <= set(spoken)
    assert spoken["emoji"] == [{"role": "user", "content": f"{ALL.texts['emoji']} [{MARK}]"}]
    assert set(spoken) == set(ALL.texts) | set(ALL.histories[surface])


def test_texts_hold_what_their_names_say() -> None:
    texts = ALL.texts
    assert {"\u2028", "\u2029", "\u0085"} <= {*texts["line-separators"]}
    assert {'"', "\\", "/", "\t", "\n", "\r", "\u0007", "\u007f"} <= {*texts["escapes"]}
    assert {"\U0001f680", "\u200d"} <= {*texts["emoji"]}
    assert texts["blanks"].startswith("  ")
    assert texts["blanks"].endswith("  ")
    assert {"\u00a0", "\ufeff"} <= {*texts["blanks"]}
    assert {"e\u0301", "\u00e9", "\ufb01", "\u212b"} <= {w.strip(",") for w in texts["combining"].split()}
    assert any(ord(char) > 0xFFFF for char in texts["astral"])
    assert all("\u4e00" <= char <= "\u9fff" or char in ",。?!" for char in texts["chinese"])


def test_histories_hold_all_that_a_client_must_send_back() -> None:
    chat, messages = ALL.histories["chat"], ALL.histories["messages"]
    assert any("reasoning_content" in one for one in chat["reasoning-with-tool-calls"])
    assert any(one.get("content", 0) is None for one in chat["null-content"])
    assert chat["partial"][-1]["partial"] is True
    [asked] = [one for one in chat["tool-calls"] if one["role"] == "assistant"]
    results = [one["tool_call_id"] for one in chat["tool-calls"] if one["role"] == "tool"]
    assert sorted(call["id"] for call in asked["tool_calls"]) == sorted(results)
    for call in asked["tool_calls"]:
        arguments = call["function"]["arguments"]
        assert isinstance(json.loads(arguments), dict)
    spelled = asked["tool_calls"][0]["function"]["arguments"]
    assert spelled != json.dumps(json.loads(spelled))
    used = {
        block["type"] for one in messages["thinking-with-tool-calls"] for block in one["content"] if "type" in block
    }
    assert used == {"thinking", "tool_use", "tool_result"}


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("size", [59_000, 1_000_000, 10_000_000])
def test_a_large_body_is_about_as_large_as_it_says(size: int, surface: Surface) -> None:
    members = ALL.large(surface, size)
    encoded = json.dumps(members, ensure_ascii=False).encode()
    assert size < len(encoded) < size + 12_000
    assert encoded.count(MARK.encode()) == 1
    assert len(members["tools"]) == 12
    names = {tool["name"] if surface == "messages" else tool["function"]["name"] for tool in members["tools"]}
    assert len(names) == 12
    assert ("system" in members) == (surface == "messages")
    assert members["messages"][-1]["role"] == "user"


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("slug", ALL.malformed)
def test_a_malformed_body_is_no_json_object_but_a_list_is_json(slug: str, surface: Surface) -> None:
    body = ALL.broken(slug, surface, 'kimi-"k3"')
    if slug == "list":
        [inner] = json.loads(body)
        assert inner["model"] == 'kimi-"k3"'
        assert ("max_tokens" in inner) == (surface == "messages")
    else:
        with pytest.raises(ValueError, match=r"."):
            json.loads(body)
    assert (MARK.encode() in body) == (slug != "empty")


def test_malformed_bodies_differ() -> None:
    made = [ALL.broken(slug, "chat", "kimi-k3") for slug in ALL.malformed]
    assert len({*made}) == len(made)
    assert b"" in made


@pytest.mark.parametrize("surface", SURFACES)
def test_a_body_that_names_its_model_twice_has_the_first_before_and_the_last_behind(surface: Surface) -> None:
    body = twice_named(surface, 'a"', "b")
    pairs = json.loads(body, object_pairs_hook=list)
    assert [value for name, value in pairs if name == "model"] == ['a"', "b"]
    assert pairs[0] == ("model", 'a"')
    assert pairs[-1] == ("model", "b")
    assert [name for name, _ in pairs] == ["model", *["max_tokens"] * (surface == "messages"), "messages", "model"]
    assert body.count(MARK.encode()) == 1


def test_a_spelling_of_a_malformed_body_may_mix_text_and_a_good_one() -> None:
    only = Bodies(
        members={},
        texts={},
        histories={},
        systems={},
        tools={},
        translations={},
        malformed={"x": "<{good|open}|{good|cut}|{single}>"},
    )
    opened, cut, single = only.broken("x", "chat", "m").decode().strip("<>").split("|")
    assert json.loads(opened + "}") == json.loads(cut + "]}")
    assert single == (opened + "}").replace('"', "'")
