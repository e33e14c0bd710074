"""The page as Markdown. What it links to must be there: on the page itself, or in the project that it lies in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from kimi_conformance.reporting.api_page.counting import counts, total
from kimi_conformance.reporting.api_page.evidence import Proof, fact_proofs, model_proofs, requirement_proofs
from kimi_conformance.reporting.api_page.legend import YOURS, legend
from kimi_conformance.reporting.templates import need_templates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kimi_conformance.reporting.api_page.build import Sources
    from kimi_conformance.reporting.api_page.mark import Mark
    from kimi_conformance.reporting.api_page.view import Titled

TEMPLATE: Final = "api.md.jinja"
BLANKS: Final = re.compile(r"\n{3,}")
MORE: Final = "²³⁴⁵⁶⁷⁸⁹"


@dataclass(frozen=True, slots=True)
class Links:
    """How the page leads to files of the project: `base` before their paths; None: the page lies elsewhere."""

    base: str | None

    def to(self, path: str, text: str) -> str:
        """A link to the file at `path`, from the root of the project; without one, `text` and where to look."""
        return f"[{text}]({self.base}{path})" if self.base is not None else text


def render(sources: Sources, sections: Sequence[Titled], links: Links) -> str:
    """The whole page. Raises `NoTemplates`."""
    need_templates()
    import jinja2  # noqa: PLC0415 - only pages need it

    environment = jinja2.Environment(  # noqa: S701 - Markdown, not HTML
        trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    environment.filters |= {
        "mark": _mark,
        "sup": _sup,
        "cell": _cell,
        "code": lambda text: f"`{text}`",
        "plain": plain,
        "slug": slug,
        "file": lambda proof: _file(proof, links),
        "cassette": lambda name: links.to(f"cassettes/{name}.yaml", f"`cassettes/{name}.yaml`"),
    }
    template = environment.from_string(files(__package__).joinpath(TEMPLATE).read_text("utf-8"))
    counted = counts(sections)
    ties = [
        tie
        for section in sections
        for part in section.parts
        for _, mark in part.statements
        if mark
        for tie in mark.ties
    ]
    text = template.render(
        title=sources.page.title,
        on=sources.on,
        count=total(counted),
        counts=counted,
        legend=legend(sections),
        sections=sections,
        areas=requirement_proofs(sources.ties.known),
        models=model_proofs(sources.ties),
        facts=fact_proofs(sources.ties, ties),
    )
    return BLANKS.sub("\n\n", text).strip() + "\n"


def slug(title: str) -> str:
    """The anchor that code hosts make of a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def plain(text: str) -> str:
    """`text` so that Markdown shows it as it is; what stands between backticks stays code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return _escaped(text).replace("`", "\\`")
    return "`".join(part if number % 2 else _escaped(part) for number, part in enumerate(parts))


def _escaped(text: str) -> str:
    return re.sub(r"([\\*<\[\]|_])", r"\\\1", text)


def _sup(mark: Mark | None) -> str:
    """The mark behind a sentence."""
    return f" <sup>{_linked(mark, mark.says) if mark else YOURS}</sup>"


def _mark(mark: Mark | None) -> str:
    """The mark in a column of its own."""
    return _linked(mark, mark.says_narrowly) if mark else YOURS


def _linked(mark: Mark, says: str) -> str:
    if not mark.ties:
        return says
    first, *others = mark.ties
    more = "".join(f"\u00a0[{number}](#{tie})" for number, tie in zip(MORE, others, strict=False))
    why = f": {plain(mark.why)}" if mark.why else ""
    return f"[{f'**{says}**' if mark.loud else says}](#{first}){more}{why}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _file(proof: Proof, links: Links) -> str:
    return links.to(proof.file, f"`{proof.name}`")
