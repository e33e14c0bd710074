"""Options of the commands that ask Kimi itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

MODES: Final = ("replay", "live")


def _mode(text: str) -> str:
    if text not in MODES:
        raise typer.BadParameter(f"'{text}' is no mode: it is replay or live")
    return text


def mode_option(about: str) -> Any:
    """`--mode`, with what its two words mean."""
    return typer.Option("--mode", parser=_mode, metavar="MODE", help=about)


BaseUrlOption = Annotated[
    str | None, typer.Option("--base-url", metavar="URL", help="Live: another host in the place of Kimi's own.")
]
CapOption = Annotated[int, typer.Option("--cap", min=1, metavar="N", help="Live: at most so many calls.")]
RpmOption = Annotated[
    float | None,
    typer.Option("--rpm", min=0.1, metavar="N", help="Live: calls a minute. Default: 3, or at once on this machine."),
]
SmokeOption = Annotated[bool, typer.Option("--smoke", help="Three calls: the models, with a key and without; hello.")]
KeepOption = Annotated[
    Path | None,
    typer.Option("--keep", metavar="DIR", help="Live: keep every answer on tape, passing or not; see `drift --seen`."),
]
VerificationOption = Annotated[
    Path | None,
    typer.Option("--verification", metavar="FILE", help="Live: note here when each requirement last held."),
]
