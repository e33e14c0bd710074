"""Files of cassettes for vcrpy: UTF-8 on every machine, and replaced as a whole, so that a crash leaves the old one."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from vcr.persisters.filesystem import CassetteNotFoundError
from vcr.serialize import deserialize, serialize


def load_cassette(path: str, serializer: Any) -> Any:
    """Requests and responses in the file at `path`.

    Raises `CassetteNotFoundError` where there is none, which vcrpy takes for an empty cassette, and `ValueError` for a
    file that is empty, no UTF-8, or without a response: vcrpy would pass over what is missing, and then write over it.
    """
    try:
        text = Path(path).read_bytes().decode()
    except FileNotFoundError:
        raise CassetteNotFoundError from None
    if not text.strip():
        raise ValueError("it is empty")
    requests, responses, *more = deserialize(text, serializer)
    if not all(isinstance(response, dict) for response in responses):
        raise ValueError("a request in it has no response")
    return requests, responses, *more


def save_cassette(path: str, cassette: dict[str, Any], serializer: Any) -> None:
    """Write the file at `path`, with the folders on the way."""
    text: str = serialize(cassette, serializer)
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("wb", dir=file.parent, prefix=f".{file.name}.", delete=False) as new:
        new.write(text.encode())
    made = Path(new.name)
    made.chmod(0o644)
    made.replace(file)
