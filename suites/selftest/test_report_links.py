"""Addresses in what contracts cite, and those of requirements."""

from __future__ import annotations

import pytest

from kimi_conformance.reporting.links import BadTemplate, checked, pieces, requirement_url, urls
from suites.selftest.pages import GATE, REQUIREMENTS


def test_addresses_are_found_without_what_a_sentence_puts_around_them() -> None:
    text = "see (https://a.example/b?c=1), <http://d.example/e> and https://f.example/g."
    assert urls(text) == ["https://a.example/b?c=1", "http://d.example/e", "https://f.example/g"]


def test_a_text_is_told_whole_in_pieces_with_and_without_an_address() -> None:
    text = "see https://a.example and https://a.example, twice."
    assert pieces(text) == [
        ("see ", ""),
        ("https://a.example", "https://a.example"),
        (" and ", ""),
        ("https://a.example", "https://a.example"),
        (", twice.", ""),
    ]
    assert pieces("nothing") == [("nothing", "")]


@pytest.mark.parametrize(
    ("template", "url"),
    [
        ("https://c.example/{file}#{id}", f"https://c.example/contracts/requirements/router/gate.yaml#{GATE}"),
        ("http://c.example/{actor}/{area}/{id}", f"http://c.example/router/gate/{GATE}"),
    ],
    ids=["file", "words"],
)
def test_a_template_makes_the_address_of_a_requirement(template: str, url: str) -> None:
    assert requirement_url(checked(template), REQUIREMENTS[GATE]) == url


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("https://code.example/{fiel}", r"knows \{id\}, \{actor\}, \{area\}, \{file\}, not \{fiel\}$"),
        ("code.example/{id}", "is no address: "),
        ("javascript:alert('{id}')", "is no address: "),
        ("https://[/{id}", "is no address: "),
        ("https://code.example/", r"has neither \{id\} nor \{file\}: "),
    ],
    ids=["name", "no-scheme", "another-scheme", "half-a-host", "one-address"],
)
def test_a_template_that_makes_no_address_is_refused(template: str, says: str) -> None:
    with pytest.raises(BadTemplate, match=f"^KIMI_REQUIREMENT_URL {says}"):
        checked(template)
