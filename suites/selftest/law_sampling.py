"""The laws of sampling at the edges: what counts as another value, and as the one that is allowed."""

from __future__ import annotations

from datetime import timedelta

from kimi_conformance.judge.api.hosts_known import KNOWN_FROM
from suites.selftest.sights import MESSAGES, asking, chat, invalid, seen, whole

ONLY, FREE = "api.sampling.fixed-value-accepted", "api.sampling.refused-before-inference"
TOP_P, WARM = "api.sampling.top-p-fixed", "api.sampling.temperature-fixed"
MEMBERS = ("temperature", "top_p", "n", "presence_penalty", "frequency_penalty")
SPENT = {"error": {"message": "no", "type": "invalid_request_error"}, "usage": {}}
COOL = "api.sampling.temperature-0.6-without-thinking"
SILENCED = asking("kimi-k2.6", temperature=1, thinking={"type": "disabled"})
CODING = asking("kimi-for-coding", temperature=0.6)
UNSUPPORTED = (
    ("api.sampling.logprobs-refused", "logprobs", asking(logprobs=True)),
    ("api.sampling.logit-bias-refused", "logit_bias", asking(logit_bias={"1": 2})),
)

FINE = [
    (ONLY, chat(whole(), asking(temperature=1, logprobs=True))),
    *((FREE, invalid("no", asking(**{member: 2}))) for member in MEMBERS),
    (WARM, invalid("invalid temperature: only 1 is allowed for this model", asking(temperature=0.6))),
    (COOL, invalid("invalid temperature: only 0.6 is allowed for this model", SILENCED)),
    *((name, invalid(f"{member} is not supported", asked)) for name, member, asked in UNSUPPORTED),
]
WRONG = [
    (WARM, chat(whole(), CODING, host="coding", on=KNOWN_FROM), "response"),
    *((FREE, seen(400, SPENT, asked=asking(**{member: 2})), "response /usage") for member in MEMBERS),
    (COOL, chat(whole(), SILENCED), "response"),
    *((name, chat(whole(), asked), "response") for name, _, asked in UNSUPPORTED),
]
SILENT = [
    (ONLY, chat(whole(), asking(temperature=0.6))),
    (ONLY, chat(whole(), asking(top_p=0.5))),
    (ONLY, chat(whole(), asking("kimi-latest", n=1), host=None)),
    (TOP_P, chat(whole(), asking(top_p=0.5), host="coding")),
    (TOP_P, chat(whole(), asking(top_p=True))),
    ("api.sampling.presence-penalty-fixed", chat(whole(), asking(presence_penalty=1e-6))),
    (FREE, seen(400, SPENT, asked=asking())),
    (FREE, seen(400, SPENT, asked=asking(temperature=2), path=MESSAGES)),
    (WARM, chat(whole(), CODING, host="coding", on=KNOWN_FROM - timedelta(days=1))),
    *(
        (name, chat(whole(), asking("kimi-k9", temperature=0.5, logprobs=True)))
        for name in (ONLY, WARM, COOL, TOP_P, "api.sampling.logprobs-refused")
    ),
    (COOL, chat(whole(), {**SILENCED, "model": "kimi-k9"})),
    (FREE, chat(whole(), asking(temperature=1))),
]
