"""Large files: memory holds one exchange at a time."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from suites.selftest.traffic_files import entry, stream

if TYPE_CHECKING:
    from pathlib import Path

    from kimi_conformance.contract.schema import Shape

MB: Final = 1 << 20
JUDGE: Final = """
import resource, sys
sys.argv = ["kimi-conformance", "judge", *sys.argv[1:]]
from kimi_conformance.cli.main import run
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    run()
except SystemExit as left:
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    sys.stderr.write(f"{left.code} {grown}")
"""


def growth(folder: Path, *words: str) -> tuple[int, float]:
    """The exit code of `judge`, and by how many MB its memory grew beyond what its imports need."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", JUDGE, *words], cwd=folder, capture_output=True, text=True, check=True
    )
    code, grown = done.stderr.split()
    return int(code), int(grown) / (1 if sys.platform == "darwin" else 1024) / (MB if sys.platform == "darwin" else 1)


def test_a_har_of_20_mb_takes_a_fraction_of_that(tmp_path: Path) -> None:
    streamed = stream(*map(str, range(300)))
    one = json.dumps(entry({"text": streamed, "mimeType": "text/event-stream"}, headers=[]))
    count = 20 * MB // len(one) + 1
    with (tmp_path / "big.har").open("w", encoding="utf-8") as file:
        file.write('{"log": {"entries": [')
        file.writelines(f"{one},\n" for _ in range(count - 1))
        file.write(f"{one}]}}}}")
    code, grown = growth(tmp_path, "big.har", "--json", "found.json")
    assert code == 0
    assert len(json.loads((tmp_path / "found.json").read_text("utf-8"))["exchanges"]) == count
    assert grown < 40


def test_a_line_for_each_of_many_exchanges_takes_no_more_than_one(tmp_path: Path) -> None:
    shape: Shape = "chat.completion.chunk"
    (tmp_path / "short").write_text(stream("a"), "utf-8")
    code, alone = growth(tmp_path, "short", "--shape", shape)
    line = json.dumps(
        {"host": "api.moonshot.ai", "request": {"method": "GET", "path": "/"}, "response": {"status": 200}}
    )
    with (tmp_path / "many").open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for _ in range(3000))
    _, many = growth(tmp_path, "many")
    assert code == 0
    assert many < alone + 10
