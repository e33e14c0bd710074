"""What a live run keeps has no key in it, in whatever form it stood there."""

from __future__ import annotations

import secrets
from base64 import b64encode
from typing import TYPE_CHECKING

from kimi_conformance.reporting.redact import redactor
from kimi_conformance.router.keeping import keep_redacted

if TYPE_CHECKING:
    from pathlib import Path


def test_every_file_is_kept_without_the_key(tmp_path: Path) -> None:
    key = f"sk-{secrets.token_hex(16)}"
    scratch, kept = tmp_path / "scratch", tmp_path / "kept"
    (scratch / "deeper").mkdir(parents=True)
    (scratch / "router.log").write_text(f"calls with {key}\n", "utf-8")
    (scratch / "deeper" / "config").write_text(f"basic {b64encode(f'me:{key}'.encode()).decode()}\n", "utf-8")
    (scratch / "cache").write_bytes(b"\xff\xfe" + key.encode("utf-16-le"))
    (scratch / "linked").symlink_to(tmp_path / "elsewhere")
    keep_redacted(redactor({"env.KEY": key}), scratch, kept)
    assert {str(path.relative_to(kept)) for path in kept.rglob("*") if path.is_file()} == {
        "router.log",
        "deeper/config",
    }
    assert (kept / "router.log").read_text("utf-8") == "calls with <secret.env.KEY>\n"
    assert key not in (kept / "deeper" / "config").read_text("utf-8")
    assert "<secret.env.KEY>" in (kept / "deeper" / "config").read_text("utf-8")
