"""Trials: twins first, attempts until it holds, and what an answer is worth that we made up ourselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.api.call import case
from kimi_conformance.api.request import request_of
from kimi_conformance.api.seen import Seen, Unseen
from kimi_conformance.api.trial import try_case
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.exchange import Exchange, Piece, Request, Response
from kimi_conformance.judge.api.sight import Sight
from suites.selftest.nights import TODAY, plan

if TYPE_CHECKING:
    from typing import Literal

    from kimi_conformance.api.call import Call
    from kimi_conformance.api.trial import Trial
    from kimi_conformance.contract.provenance import Origin

MODELS: Final = b'{"object":"list","data":[{"id":"kimi-k3","object":"model","created":1,"owned_by":"moonshot"}]}'
REFUSED: Final = b'{"error":{"message":"Invalid Authentication","type":"invalid_authentication_error"}}'
NAMED: Final = {
    name: plan().calls[name] for name in ("hosts/models-ai", "hosts/models-ai-wrong-key", "hosts/models-cn")
}
OWN, WRONG, CN = NAMED.values()
REQUIREMENT: Final = plan().requirements["api.auth.invalid-key-401"]


@dataclass(slots=True)
class Kimi:
    """Answers a call by its name: with a status, one for each attempt, or with a reason why it is unseen."""

    answers: dict[str, list[int] | str]
    origin: Origin = "live"
    asked: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, call: Call, attempt: int) -> Seen | Unseen:
        """What was seen of the call."""
        self.asked.append((call.name, attempt))
        answer = self.answers[call.name]
        if isinstance(answer, str):
            return Unseen(answer)
        body = {200: MODELS, 401: REFUSED}.get(answer[attempt], b"{}")
        head = (("content-type", "application/json"),)
        sent = request_of(call)
        request = Request(call.method, str(sent.url), tuple(sent.headers.items()))
        exchange = Exchange(request, Response(answer[attempt], head, (Piece(1.0, body),), 1.0), None, 0.0, 2.0)
        return Seen(Sight(exchange, TODAY, call.host, call.whose), self.origin, TODAY)


def tried(kimi: Kimi, quorum: str | None = None, mode: Literal["replay", "live"] = "live") -> Trial:
    """The case of a wrong key, whose twin is the same request with a good one."""
    about = case(WRONG, twins=(OWN,))
    requirement = REQUIREMENT.model_copy(update={"quorum": quorum})
    return try_case(about, requirement, kimi, plan().contract, mode=mode)


def test_the_twin_is_asked_first_and_both_are_kept() -> None:
    kimi = Kimi({OWN.name: [200], WRONG.name: [401]})
    trial = tried(kimi)
    assert trial.outcome.verdict is Verdict.PASS
    assert [call.name for call, _ in trial.seen] == [OWN.name, WRONG.name]


def test_a_twin_that_is_refused_makes_it_unseen() -> None:
    trial = tried(Kimi({OWN.name: [401], WRONG.name: [401]}))
    assert trial.outcome.verdict is Verdict.NOT_OBSERVED
    assert "the request that must be accepted was not: 401" in trial.outcome.message


def test_what_follows_something_unseen_is_not_asked() -> None:
    kimi = Kimi({OWN.name: "nobody was there", WRONG.name: [401]})
    trial = tried(kimi)
    assert (trial.outcome.verdict, trial.outcome.message) == (Verdict.NOT_OBSERVED, "nobody was there")
    assert kimi.asked == [(OWN.name, 0)]
    assert trial.origin is None


def test_without_a_quorum_there_is_one_attempt() -> None:
    kimi = Kimi({OWN.name: [200], WRONG.name: [200, 401]})
    assert tried(kimi).outcome.verdict is Verdict.FAIL
    assert kimi.asked == [(OWN.name, 0), (WRONG.name, 0)]


def test_a_quorum_is_tried_until_it_holds_and_every_attempt_is_kept() -> None:
    kimi = Kimi({OWN.name: [200], WRONG.name: [200, 401, 401]})
    trial = tried(kimi, "any(3)")
    assert trial.outcome.verdict is Verdict.PASS
    assert kimi.asked == [(OWN.name, 0), (WRONG.name, 0), (OWN.name, 0), (WRONG.name, 1)]
    assert [one.sight.status for call, one in trial.seen if call is WRONG and isinstance(one, Seen)] == [200, 401]


def test_a_quorum_that_never_holds_fails_after_its_last_attempt() -> None:
    kimi = Kimi({OWN.name: [200], WRONG.name: [200] * 4})
    trial = tried(kimi, "any(3)")
    assert trial.outcome.verdict is Verdict.FAIL
    assert [attempt for name, attempt in kimi.asked if name == WRONG.name] == [0, 1, 2]


def test_what_cannot_be_seen_is_not_tried_again() -> None:
    kimi = Kimi({OWN.name: "no key", WRONG.name: [401]})
    tried(kimi, "any(3)")
    assert kimi.asked == [(OWN.name, 0)]


def test_a_replay_has_one_attempt() -> None:
    kimi = Kimi({OWN.name: [200], WRONG.name: [200, 401]})
    assert tried(kimi, "any(3)", "replay").outcome.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("origin", "verdict"),
    [("live", Verdict.PASS), ("observed", Verdict.PASS), ("modelled", Verdict.NOT_OBSERVED)],
)
def test_a_replay_passes_nothing_that_we_made_up(origin: Origin, verdict: Verdict) -> None:
    trial = tried(Kimi({OWN.name: [200], WRONG.name: [401]}, origin), mode="replay")
    assert trial.outcome.verdict is verdict
    assert trial.origin == origin


def test_what_we_made_up_may_fail_for_it_shows_a_mistake_of_ours() -> None:
    trial = tried(Kimi({OWN.name: [200], WRONG.name: [200]}, "modelled"), mode="replay")
    assert trial.outcome.verdict is Verdict.FAIL


def test_a_comparison_needs_both_answers() -> None:
    requirement = plan().requirements["api.hosts.same-models-on-both"]
    both = Kimi({OWN.name: [200], CN.name: [200]})
    one = Kimi({OWN.name: [200], CN.name: [401]})
    verdicts = [
        try_case(case(OWN, CN), requirement, kimi, plan().contract, mode="live").outcome.verdict for kimi in (both, one)
    ]
    assert verdicts == [Verdict.PASS, Verdict.NOT_OBSERVED]
