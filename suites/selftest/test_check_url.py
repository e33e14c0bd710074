"""`check --url` and `--smoke`: a router of which one side is seen, and the operator's three criteria in a line each."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import pytest
import yaml

from kimi_conformance.upstream.script import json_answer
from suites.selftest.live_router import DAY, cases, checked, profile, verdicts
from suites.selftest.offline_kimi import AI, kimi, started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from suites.selftest.offline_kimi import Asked

NOT_404: Final = "router.gate.no-own-404-for-a-registered-model"
TOLD: Final = frozenset(
    {
        "router.models.lists-registered-models",
        "router.models.shape",
        "router.response.content-type-kept",
        "router.secret.client-key-not-echoed",
        "router.stream.done-once-and-last",
    }
)
KEY: Final = {"ROUTER_KEY": AI}
WORDS: Final = ("--key-env", "ROUTER_KEY", "--model", "kimi-k3")


@pytest.fixture
def there() -> Iterator[Asked]:
    """A router that runs already: it hands all that it gets to Kimi, so well that the offline Kimi plays it."""
    with started(kimi(date.fromisoformat(DAY))) as asked:
        yield asked


def test_one_side_alone_shows_that_a_model_is_served(there: Asked, tmp_path: Path) -> None:
    done, results = checked(tmp_path, "--url", f"{there.url}/v1", *WORDS, env=KEY)
    assert (done.code, results["mode"]) == (0, "live")
    told = {name for name, word in verdicts(results).items() if word in ("pass", "fail", "warn")}
    assert told == {NOT_404, *TOLD}
    assert {verdicts(results)[name] for name in told} == {"pass"}
    assert sorted(there.lines) == ["GET /v1/models", *["POST /v1/chat/completions"] * 5]
    assert done.err.startswith("live: 6 calls, about 1 min")
    assert "; --cap 12 is the most" in done.err
    assert "one-sided: nobody sees what the router sends to its upstreams" in {
        case["message"] for case in cases(results, "not-observed")
    }


def test_a_key_that_is_not_taken_is_no_finding_and_no_pass(there: Asked, tmp_path: Path) -> None:
    done, results = checked(tmp_path, "--url", there.url, "--model", "kimi-k3")
    assert (done.code, verdicts(results)[NOT_404]) == (1, "not-observed")
    assert "the router does not take the client's key (401)" in str(cases(results, "not-observed"))


def test_a_404_of_the_routers_own_is_a_finding(tmp_path: Path) -> None:
    with started(lambda _: json_answer(404, {"detail": "Not Found"})) as odd:
        done, results = checked(tmp_path, "--url", odd.url, *WORDS, env=KEY)
    assert (done.code, verdicts(results)[NOT_404]) == (1, "fail")


def test_a_404_in_kimis_words_may_be_kimis(there: Asked, tmp_path: Path) -> None:
    words = ("--key-env", "ROUTER_KEY", "--model", "no-such-model", "--only", NOT_404)
    done, results = checked(tmp_path, "--url", there.url, *words, env=KEY)
    assert (done.code, verdicts(results)[NOT_404]) == (1, "not-observed")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        pytest.param("http://127.0.0.1:9", "nobody accepts connections at http://127.0.0.1:9", id="nobody"),
        pytest.param("https:", "does not speak TLS as it should", id="tls"),
    ],
)
def test_what_cannot_be_reached_is_told_in_plain_words(url: str, says: str, there: Asked, tmp_path: Path) -> None:
    address = there.url.replace("http:", url) if url == "https:" else url
    done, results = checked(tmp_path, "--url", address, *WORDS, env=KEY)
    assert done.code == 3
    assert says in cases(results, "infra-error")[0]["message"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(("--url", "localhost:80"), "it is no base URL", id="no-scheme"),
        pytest.param(("--url", "http://u:sk-secret@127.0.0.1"), "it is no base URL", id="credentials"),
        pytest.param(("--url", "http://127.0.0.1", "--key-env", "NO_SUCH_KEY"), "there is no NO_SUCH_KEY", id="no-key"),
        pytest.param(("operator-node", "--url", "http://127.0.0.1"), "it needs no PROFILE", id="profile-too"),
        pytest.param(("--model", "kimi-k3"), "it goes with --url", id="model-alone"),
    ],
)
def test_a_mistake_in_the_options_is_one_line(words: tuple[str, ...], says: str, tmp_path: Path) -> None:
    done, _ = checked(tmp_path, *words)
    assert done.code == 2
    assert says in " ".join(done.err.split())
    assert "sk-secret" not in done.err


def test_a_profile_of_a_router_that_runs_already_is_asked_for_real(there: Asked, tmp_path: Path) -> None:
    sections = {"url": there.url, "asgi": None, "client_headers": {"authorization": "Bearer {env.ROUTER_KEY}"}}
    made = {name: value for name, value in profile(None, **sections).items() if value is not None}
    path = tmp_path / "router.yaml"
    path.write_text(yaml.safe_dump(made, sort_keys=False), "utf-8")
    done, results = checked(tmp_path, path, env=KEY)
    assert done.code == 0
    passed = {name for name, word in verdicts(results).items() if word == "pass"}
    assert passed == {NOT_404, *TOLD}
    assert AI not in (tmp_path / "results.json").read_text("utf-8")


def test_a_smoke_test_tells_each_criterion_in_a_line(tmp_path: Path) -> None:
    done, results = checked(tmp_path, "reference-asgi", "--smoke")
    lines = [line for line in done.out.splitlines() if line[:11].strip() in ("not 404", "ledger row", "latency")]
    assert [line[:16] for line in lines] == ["not 404     pass", "ledger row  pass", "latency     kimi"]
    assert lines[2].count(" 200 in ") == 3
    assert "of it the router's" in lines[2]
    assert (done.code, set(verdicts(results).values())) == (0, {"pass"})


def test_a_smoke_test_of_one_side_says_what_it_cannot_see(there: Asked, tmp_path: Path) -> None:
    done, _ = checked(tmp_path, "--url", there.url, *WORDS, "--smoke", env=KEY)
    assert "ledger row  not observed: the profile has no ledger" in done.out
    assert (done.code, len(there.requests)) == (0, 1)


def test_a_model_that_is_not_served_fails_the_smoke_test(there: Asked, tmp_path: Path) -> None:
    done, _ = checked(tmp_path, "--url", there.url, *WORDS, "--model", "no-such-model", "--smoke", env=KEY)
    assert done.code == 1
    assert "not 404     not-observed: the client was not served" in done.out
