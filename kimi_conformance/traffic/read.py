"""A file of traffic, whatever its form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.traffic.cassette import read_json_cassette, read_yaml_cassette
from kimi_conformance.traffic.exchanges import read_exchanges
from kimi_conformance.traffic.found import Unreadable
from kimi_conformance.traffic.har import read_har
from kimi_conformance.traffic.raw import read_raw
from kimi_conformance.traffic.recognise import form_of, told
from kimi_conformance.traffic.source import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kimi_conformance.contract.schema import Shape
    from kimi_conformance.traffic.found import Found
    from kimi_conformance.traffic.recognise import Form
    from kimi_conformance.traffic.source import Source

READERS: Final[Mapping[Form, Callable[[str, Source], Iterator[Found]]]] = {
    "har": read_har,
    "json-cassette": read_json_cassette,
    "yaml-cassette": read_yaml_cassette,
    "exchanges": read_exchanges,
}


def read(file: str, shape: Shape | None = None) -> Iterator[Found]:
    """The exchanges in `file` (`-`: standard input); with `shape`, the file is one bare body of that shape.

    Raises `Unreadable`, perhaps after some exchanges: where the file ends early, what came before is good.
    """
    with opened(file) as source:
        if shape is None:
            yield from READERS[form_of(source)](file, source)
            return
        form = told(source.head) if source.head.lstrip()[:1] in (b"{", b"[") else None
        if form:
            raise Unreadable(f"{source.name} is no bare body but has whole exchanges in it: leave --shape out")
        yield from read_raw(file, source, shape)
