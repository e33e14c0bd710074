"""What the reference router answers by itself: who has no key, what it has no path for, what is no request."""

from __future__ import annotations

import json

import pytest

from suites.selftest.reference_bench import CHAT, KEY, MESSAGES, ask, bench, run


@pytest.mark.parametrize(
    ("key", "named"),
    [(None, {}), ("Bearer other", {}), (f"Basic {KEY}", {}), (KEY, {}), (None, {"x-api-key": "other"})],
)
@pytest.mark.parametrize("path", [CHAT, MESSAGES, "/v1/models", "/nowhere"])
def test_nobody_is_served_without_the_key(path: str, key: str | None, named: dict[str, str]) -> None:
    async def story() -> None:
        async with bench() as made:
            status, headers, body = await ask(made.app, path=path, key=key, headers=named).answer()
            assert (status, headers["www-authenticate"]) == (401, "Bearer")
            assert ("type" in json.loads(body)) == (path == MESSAGES)
            assert made.calls.empty()

    run(story())


@pytest.mark.parametrize(("key", "named"), [(f"Bearer {KEY}", {}), (f"bearer {KEY}", {}), (None, {"x-api-key": KEY})])
def test_the_key_may_come_in_either_header(key: str | None, named: dict[str, str]) -> None:
    async def story() -> None:
        async with bench() as made:
            assert (await ask(made.app, key=key, headers=named).answer())[0] == 200

    run(story())


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/health", 200),
        ("GET", "/v1/models", 200),
        ("POST", "/v1/models", 405),
        ("GET", CHAT, 405),
        ("HEAD", "/health", 405),
        ("POST", "/v1/embeddings", 404),
        ("POST", f"{CHAT}/", 404),
    ],
)
def test_other_paths_and_methods_are_answered_by_the_router(method: str, path: str, expected: int) -> None:
    async def story() -> None:
        async with bench() as made:
            status, headers, _ = await ask(made.app, path=path, method=method).answer()
            assert (status, "allow" in headers) == (expected, expected == 405)
            assert made.calls.empty()

    run(story())


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b"", 400), (b'{"model":', 400), (b'{"model":3}', 400), (b'{"model":"' + b"k" * 1000 + b'"}', 413)],
    ids=["empty", "malformed", "non-string", "too-large"],
)
def test_a_body_that_is_refused_reaches_nothing(body: bytes, expected: int) -> None:
    async def story() -> None:
        async with bench(max_body=1000) as made:
            for path, shape in ((CHAT, {"error"}), (MESSAGES, {"type", "error"})):
                status, _, said = await ask(made.app, body, path).answer()
                assert (status, set(json.loads(said))) == (expected, shape)
            assert made.calls.empty()

    run(story())
