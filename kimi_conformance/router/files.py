"""The files of a profile that a router finds in its scratch folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kimi_conformance.router.values import Values


def read_sources(files: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Target -> text, for each target -> source of `files`; the sources lie in `folder`."""
    return {target: (folder / source).read_text("utf-8") for target, source in files.items()}


def copy_into_scratch(sources: Mapping[str, str], values: Values) -> None:
    """Write each text, its placeholders filled in, to its target below {scratch}. Raises `UnknownPlaceholder`."""
    for target, text in sources.items():
        (values.scratch / target).parent.mkdir(parents=True, exist_ok=True)
        (values.scratch / target).write_text(values.fill(text), "utf-8")
