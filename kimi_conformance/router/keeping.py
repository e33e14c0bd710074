"""What a live run leaves in the folder of `--keep`: the router's files, with every key in them replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def keep_without(secrets: Mapping[str, str], scratch: Path, folder: Path) -> None:
    """Copy the files below `scratch` into `folder`, `<secret.NAME>` in the place of each of `secrets`.

    Files that are no text are left out: a key in another form could not be told there.
    """
    for path in sorted(scratch.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        try:
            text = path.read_text("utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        for name, value in sorted(secrets.items(), key=lambda secret: -len(secret[1])):
            text = text.replace(value, f"<secret.{name}>")
        kept = folder / path.relative_to(scratch)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(text, "utf-8")
