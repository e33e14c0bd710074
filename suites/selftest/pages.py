"""Runs for pages, and a reader of pages that sees what a browser would: tags, attributes, texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from kimi_conformance.contract.requirement import Requirement
from kimi_conformance.contract.result import CaseResult, FindingRecord, How, Moment, Results, Target
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.summary import assemble

GATE = "router.gate.non-claude-leaves-plan-route"
MODELS = "router.models.shape"
HOW = How(mode="replay", origin="modelled")
EVIDENCE = {"kind": "vendor-doc", "source": "see https://example.org/a?b=1, and more", "date": "2026-05-01"}

REQUIREMENTS = {
    name: Requirement.model_validate(
        {"id": name, "level": level, "says": says, "because": "It is `paid` for.", "evidence": [EVIDENCE]}
    )
    for name, level, says in (
        (GATE, "MUST", "Nothing else takes the plan route."),
        (MODELS, "SHOULD", "The list has its shape."),
    )
}

LEGS = (
    Moment(t_ms=0, leg="client", what="sends POST /v1", detail="POST /v1\n\n{}"),
    Moment(t_ms=1.5, leg="upstream kimi", what="gets POST /v1", detail="POST /v1 upstream"),
    Moment(t_ms=2, leg="ledger", what="gets a row"),
)


def finding(**texts: str) -> FindingRecord:
    """A finding; what is not given is the usual."""
    usual = {"expected": "route kimi", "actual": "plan", "where": "upstream request", "message": "went astray: plan"}
    return FindingRecord.model_validate({"requirement": GATE, "verdict": "fail"} | usual | texts)


def case(tail: str, verdict: str = "pass", of: str = GATE, **fields: Any) -> CaseResult:
    """A case: one that did not pass comes with a finding and both legs."""
    spoken: dict[str, Any] = {}
    if verdict in ("fail", "known-fail", "warn"):
        spoken = {"findings": (finding(),), "timeline": LEGS, "curl": "curl http://x", "message": "went astray: plan"}
    return CaseResult.model_validate(
        {"id": f"{of}{tail}", "requirement": of, "verdict": verdict, "how": HOW} | spoken | fields
    )


def ran(*cases: CaseResult, **fields: Any) -> Results:
    """The results of a run of these cases."""
    results = assemble(
        cases,
        REQUIREMENTS,
        target=Target(name="operator-node", version="1.2"),
        command=("kimi-conformance", "check", "operator-node"),
        mode="replay",
        started=datetime(2026, 11, 23, 18, 0, tzinfo=UTC),
        duration_s=2.0,
        again="kimi-conformance check operator-node",
    )
    return results.model_copy(update=fields)


def every_verdict() -> Results:
    """A run with a case of each verdict."""
    return ran(*(case(f"@n={number}", verdict.value, message="why") for number, verdict in enumerate(Verdict)))


@dataclass
class Read(HTMLParser):
    """A page as a browser reads it."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)
    """Each text, and the tag that it stands in."""
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin, as HTMLParser does."""
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """As in HTMLParser."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("meta", "link", "br", "input", "img"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """As in HTMLParser. A page of ours closes what it opens, in order."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """As in HTMLParser."""
        self.said.append((self._open[-1] if self._open else "", data))

    @property
    def text(self) -> str:
        """All that a person can read, blanks made one."""
        return " ".join(" ".join(text for tag, text in self.said if tag not in HIDDEN).split())

    def texts(self, tag: str) -> list[str]:
        """What stands in each `tag`, outside of the tags within it."""
        return [text for within, text in self.said if within == tag]

    def named(self, tag: str) -> list[dict[str, str]]:
        """The attributes of each `tag`."""
        return [attributes for name, attributes in self.tags if name == tag]


HIDDEN = ("style", "script", "title")


def read(text: str) -> Read:
    """The page `text`."""
    page = Read()
    page.feed(text)
    page.close()
    return page
