"""What became of the cases of one subject: what is kept in the work folder as soon as it is known."""

from __future__ import annotations

from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.contract.verdict import Verdict  # noqa: TC001 - pydantic needs it


class Played(Frozen):
    """The verdicts of a subject's cases, by id; of those that were played once more, and of those played three times.

    `named` are the requirements that the fault names: nobody wonders that these notice it.

    `says` is what was said of each requirement that noticed, `infra` what spoiled cases both times. Times in seconds.
    """

    subject: str
    named: tuple[str, ...]
    profile: str
    first: dict[str, Verdict]
    second: dict[str, Verdict]
    third: dict[str, Verdict]
    says: dict[str, str]
    infra: list[str]
    wall_s: float = 0.0
    cpu_s: float = 0.0
