"""The operator's proxy, its hosts literals, its keys in a vault, passes unedited; and what is wrong with it is told."""

from __future__ import annotations

import fcntl
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.router.plan import make_plan
from kimi_conformance.router.run import Run
from suites.selftest.node_examples import needs_node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kimi_conformance.contract.reach import Start
    from kimi_conformance.contract.verdict import Finding
    from kimi_conformance.router.plan import Plan
    from kimi_conformance.router.verdicts import Judged

TODAY: Final = date(2026, 11, 23)
ONCE: Final = "router.request.one-request-per-request"
LOGGED: Final = "router.secret.keys-never-logged"
UNRESOLVED: Final = "router.secret.no-unresolved-reference-on-wire"
UNCOMPRESSED: Final = "router.error.gzip-error-handled"
NODE: Final = pytest.param("operator-literal", marks=needs_node, id="node")
BOTH: Final = [NODE, pytest.param("operator-literal-python", id="python")]
KEY: Final = "op://Aurora/portkey/api_key"


@pytest.fixture(autouse=True)
def _one_at_a_time() -> Iterator[None]:
    """The proxy calls port 18903 of this machine, where only one stand-in can listen."""
    with (Path(tempfile.gettempdir()) / "kimi-conformance-18903.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def planned(name: str, change: Any = lambda start: start, **sections: Any) -> Plan:
    """The plan for a profile of which the start, and some sections, are changed."""
    loaded = load_profile(name)
    start = loaded.profile.start
    assert start is not None
    return make_plan(
        replace(loaded, profile=loaded.profile.model_copy(update={"start": change(start), **sections})), TODAY
    )


def played(plan: Plan, scratch: Path, *requirements: str) -> Mapping[str, Judged]:
    """The verdicts on the cases of `requirements`; without any, on one case of every requirement."""
    chosen = {case.requirement: case for case in plan.cases.values()}.values()
    if requirements:
        chosen = [case for case in plan.cases.values() if case.requirement in requirements]
    with running(plan, scratch) as run:
        run.start([*chosen])
        return run.results()


@contextmanager
def running(plan: Plan, scratch: Path) -> Iterator[Run]:
    run = Run(plan, tools=scratch, keep=scratch)
    try:
        yield run
    finally:
        run.close()


def bad(judged: Mapping[str, Judged]) -> list[Finding]:
    return [one for each in judged.values() for one in each.findings if one.verdict in {Verdict.FAIL, Verdict.WARN}]


@pytest.mark.parametrize("name", BOTH)
def test_it_passes_unedited(name: str, tmp_path: Path) -> None:
    judged = played(planned(name), tmp_path)
    unseen = {case.split("@")[0] for case, one in judged.items() if one.verdict is Verdict.NOT_OBSERVED}
    assert unseen == ({UNCOMPRESSED} if name.endswith("python") else set())  # urllib asks for no compression
    good = {Verdict.PASS, Verdict.NOT_OBSERVED}
    assert {case: one.message for case, one in judged.items() if one.verdict not in good} == {}


@pytest.mark.parametrize("name", BOTH)
def test_a_host_that_is_not_intercepted_is_named_and_how_to_mend_it(name: str, tmp_path: Path) -> None:
    plan = planned(name, intercept={"discord.com": "alerts", "kqzvbtxwmhfnlrda.supabase.co": "ledger"})
    judged = played(plan, tmp_path, ONCE)
    assert Verdict.FAIL in {one.verdict for one in judged.values()}
    told = {one.message.split("; ")[1] for one in bad(judged) if "outside" in one.actual}
    mend = "add it to the profile, `intercept: {api.portkey.ai: UPSTREAM}`"
    assert told == {f"there is no network: if the router has this host hard-coded, {mend}"}


@pytest.mark.parametrize("name", BOTH)
def test_a_key_in_the_log_is_found(name: str, tmp_path: Path) -> None:
    def telling(start: Start) -> Start:
        words = " ".join(start.command).replace("{python}", '"{python}"')
        return start.model_copy(update={"command": ("sh", "-c", f"echo key: $(op read {KEY}); exec {words}")})

    (found,) = bad(played(planned(name, telling), tmp_path, LOGGED))
    assert found.message == "secret.portkey (plain) was seen: router log, line 1"


@pytest.mark.parametrize("name", BOTH)
def test_a_reference_that_was_not_resolved_is_found(name: str, tmp_path: Path) -> None:
    def unresolved(start: Start) -> Start:
        return start.model_copy(update={"fake_op": {**start.fake_op, KEY: KEY}})

    found = bad(played(planned(name, unresolved), tmp_path, UNRESOLVED))
    assert {(one.actual, one.where) for one in found} == {(f"the reference {KEY}", "request at portkey, head")}


@needs_node
def test_a_router_that_does_not_trust_the_suite_is_told_how_to(tmp_path: Path) -> None:
    def distrusting(start: Start) -> Start:
        return start.model_copy(update={"env": {**start.env, "NODE_EXTRA_CA_CERTS": ""}})

    found = [one.message for one in bad(played(planned("operator-literal", distrusting), tmp_path, ONCE))]
    for host in ("api.portkey.ai", "kqzvbtxwmhfnlrda.supabase.co"):
        begin = f"the router did not take the suite's certificate for {host} ("
        (why,) = [message for message in found if message.startswith(begin)]
        assert "NODE_EXTRA_CA_CERTS" in why


@pytest.mark.parametrize("name", BOTH)
def test_two_at_once_are_told_apart_by_the_port_that_is_taken(name: str, tmp_path: Path) -> None:
    plan = planned(name)
    with running(plan, tmp_path / "one") as first:
        first.open()
        judged = played(plan, tmp_path / "two", LOGGED)
    taken = "upstream 'shortcut' cannot listen on 127.0.0.1:18903: the port is in use. Stop the program that holds it, "
    message = f"{taken}or give the upstream another port under `listen:`."
    assert {(one.verdict, one.message) for one in judged.values()} == {(Verdict.INFRA_ERROR, message)}
