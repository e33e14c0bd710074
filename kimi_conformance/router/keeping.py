"""What a live run leaves in the folder of `--keep`: the router's files, with every key in them replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def keep_redacted(redact: Callable[[str], str], scratch: Path, folder: Path) -> None:
    """Copy the files below `scratch` into `folder` as `redact` has them.

    Files that are no text are left out: a key in another form could not be told there.
    """
    for path in sorted(scratch.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        try:
            text = path.read_text("utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        kept = folder / path.relative_to(scratch)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(redact(text), "utf-8")
