"""Every answer of a live run, passing or not, kept as a cassette: to look at, and to compare with what was recorded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from kimi_conformance.api.problems import BadAnswers
from kimi_conformance.cassette.shelf import names, path_of
from kimi_conformance.contract.asked import FILE, Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from kimi_conformance.api.call import Call
    from kimi_conformance.api.live import Live

KEY_INSIDE: Final = "a key stands in its answer, which was not kept"


def make_room(folder: Path) -> None:
    """Take away what an earlier live run has kept in `folder`, and nothing else.

    Raises `BadAnswers` where cassettes lie there that no such run has kept: they would be taken for tonight's.
    """
    before = asked_in(folder)
    for name in before.kept if before else ():
        path_of(name, folder).unlink(missing_ok=True)
    if strange := names(folder):
        raise BadAnswers(
            f"{folder} holds cassettes that no live run has kept there, such as {strange[0]}: name an empty folder"
        )
    (folder / FILE).unlink(missing_ok=True)


def answers(
    live: Live, calls: Iterable[Call], folder: Path, redact: Callable[[str], str], why: str
) -> Iterator[tuple[Path, bytes]]:
    """The files of a folder of answers: a cassette for each call that was answered, and what became of all `calls`.

    `redact` takes keys out of a text: an answer that it changes is not kept. `why` a call was not sent of which the run
    never came to think.
    """
    unseen = {call.name: live.around.why_not(call) or why for call in calls} | live.unseen
    kept: list[str] = []
    for (name, _), seen in live.seen.items():
        tape = path_of(name, live.tapes)
        text = tape.read_text("utf-8") if tape.exists() else ""
        if name in kept:
            continue  # another attempt: the tape holds the last
        if seen.sight.exchange.response is None:
            unseen[name] = f"no answer: {seen.sight.exchange.error}"
        elif not text or redact(text) != text:
            unseen[name] = KEY_INSIDE
        else:
            unseen.pop(name, None)
            kept.append(name)
            yield path_of(name, folder), text.encode()
    asked = Asked(where=live.where, on=live.on, sent=live.sent, stopped=live.stopped, kept=kept, unseen=unseen)
    yield folder / FILE, f"{json.dumps(asked.as_json(), ensure_ascii=False, indent=1)}\n".encode()


def asked_in(folder: Path) -> Asked | None:
    """What is said of the answers in `folder`; None where they are of no live run. Raises `BadAnswers`."""
    path = folder / FILE
    try:
        return Asked.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise BadAnswers(f"{path} does not say what was asked: {_first(error)}") from error


def _first(error: OSError | ValidationError) -> str:
    return str(error.errors(include_url=False)[0]["msg"]) if isinstance(error, ValidationError) else str(error.strerror)
