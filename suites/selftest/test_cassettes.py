"""The shelf of cassettes: each belongs to a call, says where it comes from, and has nothing of any account in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from kimi_conformance.api.material import material
from kimi_conformance.api.replay import Replay
from kimi_conformance.api.request import ORIGINS, key_by_name
from kimi_conformance.api.seen import Seen
from kimi_conformance.cassette import block_yaml
from kimi_conformance.cassette.shelf import load, names, path_of, provenances
from kimi_conformance.registry.contracts import calls, catalogue
from kimi_conformance.registry.home import cassettes
from kimi_conformance.traffic.known import day_of_response
from suites.selftest.taping import by_stock_vcrpy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kimi_conformance.api.call import Call
    from kimi_conformance.contract.provenance import Provenance

SECRETS = re.compile(r"sk-[0-9A-Za-z_-]{16,}|eyJ[0-9A-Za-z_-]{16,}|(?i:cookie)")
IDS = re.compile(r"(org|ak|proj|uid)-([0-9A-Za-z]{6,})")
PLACEHOLDERS = {"ak": "abcdefghij0123456789"}
"""Of the others: 0123456789abcdef, over and over."""
ACCOUNT = ("msh-org-id", "msh-uid", "msh-gid", "msh-project-id")
ESCAPES = {"\\u003c", "\\u003e", "\\u0026"}
"""What Go's JSON escapes in `<`, `>` and `&`: the only characters of an answer that are not written as they are."""

every = pytest.mark.parametrize("name", names())


@cache
def interaction(name: str) -> dict[str, Any]:
    """The only interaction in a cassette, as its text has it."""
    [found] = block_yaml.deserialize(path_of(name).read_text(encoding="utf-8"))["interactions"]
    assert isinstance(found, dict)
    return found


@cache
def provenance(name: str) -> Provenance:
    [found] = provenances(path_of(name))
    return found


@cache
def known() -> Mapping[str, Call]:
    """The calls of the newest day on which anything was recorded."""
    return material(calls(), catalogue(), newest()).calls


def newest() -> date:
    return max(provenance(name).recorded_at for name in names())


def placeholder(kind: str, length: int) -> str:
    return "".join(islice(cycle(PLACEHOLDERS.get(kind, "0123456789abcdef")), length))


def test_every_cassette_belongs_to_a_call() -> None:
    assert names()
    assert set(names()) - set(known()) == set()


def test_the_shelf_has_cassettes_and_its_readme_only() -> None:
    files = {path.relative_to(cassettes()).as_posix() for path in cassettes().rglob("*") if path.is_file()}
    assert files == {"README.md", *(f"{name}.yaml" for name in names())}


@every
def test_replay_plays_it_as_an_answer_of_its_host_to_its_key(name: str) -> None:
    call, found = known()[name], interaction(name)
    seen = Replay()(call)
    assert isinstance(seen, Seen)
    assert (seen.sight.status, seen.sight.host, seen.sight.key) == (
        found["response"]["status"]["code"],
        call.host,
        call.whose,
    )
    assert (seen.sight.exchange.error is None) == (found["response"].get("stream", {}).get("cut") is None)
    assert f"https://{urlsplit(found['request']['uri']).netloc}" == ORIGINS[call.host]
    sent = found["request"]["headers"]
    named = key_by_name(call.key)
    carried = [*sent.get("authorization", ()), *sent.get("x-api-key", ())]
    assert carried in ([named], [f"Bearer {named}"]) if call.key != "none" else carried == []


@every
def test_stock_vcrpy_gives_the_same_status_and_body(name: str) -> None:
    asked, seen = load(path_of(name)).requests[0], Replay()(known()[name])
    assert isinstance(seen, Seen)
    assert seen.sight.exchange.response is not None
    answer = by_stock_vcrpy(
        path_of(name), httpx.Request(asked.method, asked.uri, headers=asked.headers, content=asked.body)
    )
    assert (answer.status_code, answer.content) == (seen.sight.status, seen.sight.exchange.response.body)


@every
def test_it_says_where_it_comes_from_and_what_is_presumed(name: str) -> None:
    found = provenance(name)
    assert found.origin != "live", "nobody has recorded anything live yet: change what README.md says first"
    assert found.request == "sent" or found.note
    assert found.source == found.source.strip()


@every
def test_no_day_in_it_is_later_than_the_day_of_its_recording(name: str) -> None:
    seen = Replay()(known()[name])
    assert isinstance(seen, Seen)
    assert seen.sight.exchange.response is not None
    said = day_of_response(seen.sight.exchange.response)
    assert said is None or said <= seen.on
    assert seen.on <= datetime.now(UTC).date()


@every
def test_its_lengths_are_true(name: str) -> None:
    response = interaction(name)["response"]
    body = response["body"]["string"].encode()
    assert response["headers"].get("content-length", [str(len(body))]) == [str(len(body))]
    assert sum(response.get("stream", {}).get("chunks", [len(body)])) == len(body)


@every
def test_it_has_no_secret_and_no_id_of_an_account(name: str) -> None:
    text, headers = path_of(name).read_text(encoding="utf-8"), interaction(name)["response"]["headers"]
    assert SECRETS.findall(text) == []
    assert [found[0] for found in IDS.finditer(text) if found[2] != placeholder(found[1], len(found[2]))] == []
    assert [value for key in ACCOUNT for value in headers.get(key, ()) if value.strip("-0")] == []


@every
def test_its_text_is_written_the_one_way_and_people_can_read_it(name: str) -> None:
    text = path_of(name).read_text(encoding="utf-8")
    assert block_yaml.serialize(block_yaml.deserialize(text)) == text
    assert set(re.findall(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\x[0-9A-Fa-f]{2}", text)) <= ESCAPES


@pytest.mark.parametrize(
    "text",
    ["Bearer sk-0123456789abcdefgh", "Set-Cookie: a=b", "eyJhbGciOiJIUzI1NiIsInR5cCI6", "msh-cookie", "COOKIE"],
)
def test_secrets_would_be_found(text: str) -> None:
    assert SECRETS.search(text)


def test_ids_of_an_account_would_be_found_right_after_an_escape() -> None:
    found = IDS.search(r"\u003cak-zyxwv9876543210abcde\u003e")
    assert found
    assert found[2] != placeholder(found[1], len(found[2]))
