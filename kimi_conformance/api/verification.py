"""reports/verification.json: when each requirement last held live, where, on which model, and in which request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from kimi_conformance import __version__
from kimi_conformance.api.origins import ORIGINS
from kimi_conformance.api.problems import BadVerification
from kimi_conformance.api.seen import Seen
from kimi_conformance.contract.held import Held
from kimi_conformance.contract.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kimi_conformance.api.live import Live
    from kimi_conformance.api.trial import Trial


KIMI: Final = frozenset(urlsplit(origin).netloc for origin in ORIGINS.values())
ENTRIES: TypeAdapter[dict[str, Held]] = TypeAdapter(dict[str, Held])


def read_verification(path: Path) -> dict[str, Held]:
    """What is noted in the file, by requirement; nothing where there is none. Raises `BadVerification`."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise BadVerification(f"{path} cannot be read: {error}") from error
    try:
        return ENTRIES.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = "".join(f"/{step}" for step in first["loc"]) or "/"
        raise BadVerification(f"{path} is no verification.json: {where}: {first['msg']}") from error


def noted(path: Path, trials: Iterable[Trial], live: Live) -> bytes:
    """The file with every requirement noted of which a case passed, and none failed or warned. What is there stays.

    What held elsewhere does not replace what held at Kimi itself.

    Raises `BadVerification`.
    """
    tried = list(trials)
    spoiled = {one.case.requirement for one in tried if one.outcome.verdict in {Verdict.FAIL, Verdict.WARN}}
    passed = [one for one in tried if one.outcome.verdict is Verdict.PASS and one.case.requirement not in spoiled]
    found = read_verification(path)
    for one in passed:
        before, now = found.get(one.case.requirement), _held(one, live)
        if before is None or before.where not in KIMI or now.where in KIMI:
            found[one.case.requirement] = now
    text = json.dumps(ENTRIES.dump_python(dict(sorted(found.items())), mode="json", exclude_none=True), indent=1)
    return f"{text}\n".encode()


def _held(trial: Trial, live: Live) -> Held:
    call = trial.case.calls[-1]
    seen: Any = next((one for made, one in reversed(trial.seen) if made.name == call.name), None)
    request_id = seen.sight.header("msh-request-id") if isinstance(seen, Seen) else None
    return Held(held=live.on, where=live.host_of(call), model=call.model, request_id=request_id, suite=__version__)
