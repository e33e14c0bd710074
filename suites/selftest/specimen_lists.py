"""Lists, balances, estimates, files and batches: those of contracts/examples, unless they depend on the request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.exchange import Piece, Response
from suites.selftest.specimen_chat import completion
from suites.selftest.specimen_parts import CHAT, HELLO, IDS, asking, chat_body, listing, reply, request, sight
from suites.selftest.specimen_refusals import form
from suites.selftest.wire_examples import ACCEPTED

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

EXAMPLES = {f"{each.shape}/{each.slug}": each.value for each in ACCEPTED}
SENT = "潮汐 🌊".encode()
UPLOAD = (
    b'--moon\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nfile-extract\r\n'
    b'--moon\r\ncontent-disposition: form-data; name="file"; filename="tides.txt"\r\n\r\n' + SENT + b"\r\n--moon--\r\n"
)
FILE = EXAMPLES["file/ready"]


def _row(name: str, context: int) -> dict[str, Any]:
    return {**EXAMPLES["models/of-2026"]["data"][1], "id": name, "context_length": context}


KIMI_K3, KIMI_K26 = EXAMPLES["models/of-2026"]["data"]
MODELS = {
    "object": "list",
    "data": [KIMI_K3, KIMI_K26, _row("kimi-k2.7-code", 262144), _row("kimi-k2.7-code-highspeed", 262144)],
}


def _content() -> Sight:
    answered = Response(200, (("content-type", "text/plain; charset=utf-8"), *IDS), (Piece(20.0, SENT),), 20.0)
    return sight(request("GET", "/v1/files/file_0f3c9a/content"), answered)


def _speaking(model: str, seconds: float) -> Sight:
    answered = reply(200, completion(model=model))
    return sight(request("POST", CHAT, chat_body(model=model)), answered, timed=True, end_ms=seconds * 1000)


LISTS: dict[str, Sight] = {
    "models": listing("/v1/models", MODELS),
    "models-cn": listing("/v1/models", MODELS, host="platform-cn"),
    "models-drained": listing("/v1/models", MODELS, key="drained"),
    "models-coding": listing(
        "/coding/v1/models", next(v for k, v in EXAMPLES.items() if k.startswith("coding.models/")), host="coding"
    ),
    "usages-coding": listing("/coding/v1/usages", EXAMPLES["coding.usages/something-used"], host="coding"),
    "balance": listing("/v1/users/me/balance", EXAMPLES["balance/funded"]),
    "balance-in-debt": listing("/v1/users/me/balance", EXAMPLES["balance/in-debt"], key="drained"),
    "tokens": asking(
        "/v1/tokenizers/estimate-token-count", {"model": "kimi-k3", "messages": HELLO}, 200, EXAMPLES["tokens/some"]
    ),
    "files": listing("/v1/files", EXAMPLES["files/one"]),
    "file": listing("/v1/files/file_0f3c9a", FILE),
    "file-uploaded": sight(form(UPLOAD), reply(200, {**FILE, "bytes": len(SENT), "filename": "tides.txt"})),
    "file-deleted": listing("/v1/files/file_0f3c9a", EXAMPLES["file.deleted/gone"], method="DELETE"),
    "file-content": _content(),
    "batches": listing("/v1/batches", next(v for k, v in EXAMPLES.items() if k.startswith("batches/"))),
    "batch": listing("/v1/batches/batch_7", EXAMPLES["batch/done"]),
    "speed/plain": _speaking("kimi-k2.7-code", 3.0),
    "speed/fast": _speaking("kimi-k2.7-code-highspeed", 1.0),
}
