"""The words by which a stream is followed: only those of its own trip count, in whatever text they stand."""

from __future__ import annotations

from typing import Final

from kimi_conformance.contract.scene import token
from kimi_conformance.exchange import Piece, Response
from kimi_conformance.judge.words import own_words, times_of

MARK: Final = "kc7f3a2bx0000017"
OTHER: Final = "kc7f3a2bx0000018"


def test_a_word_is_there_with_its_last_byte_the_first_time_that_it_comes() -> None:
    said = [token(OTHER, 0), token(MARK, 0)[:5], token(MARK, 0)[5:] + " ", token(OTHER, 1), token(MARK, 0)]
    pieces = tuple(Piece(float(at), text.encode()) for at, text in enumerate(said))
    assert times_of(Response(200, (), pieces), MARK) == {0: 2.0}
    assert times_of(Response(200, (), pieces), OTHER) == {0: 0.0, 1: 3.0}


def test_own_words_are_found_beside_those_of_others_and_half_characters() -> None:
    text = f"\ud83c {token(MARK, 1)} {token(OTHER, 2)} \udf13{token(MARK, 0)}"
    assert own_words(text, MARK) == [1, 0]
