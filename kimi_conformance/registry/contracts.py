"""Loads the contracts, one function for each file or folder in contracts/. All raise `ContractError`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from kimi_conformance.contract.bodies import Bodies
from kimi_conformance.contract.calls import Calls
from kimi_conformance.contract.catalogue import Catalogue
from kimi_conformance.contract.claims import Claims
from kimi_conformance.contract.facts import Facts
from kimi_conformance.contract.requirement import AREAS, Requirement
from kimi_conformance.contract.spelling import Spellings
from kimi_conformance.registry.home import contracts
from kimi_conformance.registry.parse import locate, parse
from kimi_conformance.registry.problems import ContractError, Problem
from kimi_conformance.registry.yaml_file import read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kimi_conformance.contract.drift_rules import DriftRules
    from kimi_conformance.contract.endpoints import Endpoints
    from kimi_conformance.contract.request_schema import RequestSchemas
    from kimi_conformance.contract.schema import Schemas

REQUIREMENTS: TypeAdapter[tuple[Requirement, ...]] = TypeAdapter(tuple[Requirement, ...])


@cache
def requirements(actor: str) -> Mapping[str, Requirement]:
    """The requirements of `actor` (`router`, `api`, `adapter`) by id, in the order of the files and within them.

    Those of a router follow the way of a call.
    """
    found = load_requirements(contracts() / "requirements" / actor)
    if actor != "router":
        return found
    return dict(sorted(found.items(), key=lambda item: AREAS.index(item[1].area)))


def load_requirements(folder: Path) -> dict[str, Requirement]:
    """The requirements in the files of `folder`. An id may stand once; its area is the name of its file."""
    found: dict[str, Requirement] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        document = read(path)
        parsed: tuple[Requirement, ...] = parse(REQUIREMENTS, document)
        for index, requirement in enumerate(parsed):
            if requirement.id in found:
                problems.append(locate(document, (index, "id"), f"{requirement.id} stands in the registry twice"))
            if requirement.area != path.stem:
                what = f"{requirement.id} belongs into {requirement.area}.yaml"
                problems.append(locate(document, (index, "id"), what))
            found[requirement.id] = requirement
    if problems:
        raise ContractError(problems)
    return found


@cache
def catalogue() -> Catalogue:
    """The model catalogue, contracts/models.yaml."""
    return parse(Catalogue, read(contracts() / "models.yaml"))


@cache
def spellings() -> Spellings:
    """The spellings of agents and models, contracts/spellings.yaml."""
    return parse(Spellings, read(contracts() / "spellings.yaml"))


@cache
def bodies() -> Bodies:
    """What requests carry, contracts/bodies.yaml."""
    return parse(Bodies, read(contracts() / "bodies.yaml"))


@cache
def facts() -> Facts:
    """The index of the dossier of facts, contracts/facts.yaml."""
    return parse(Facts, read(contracts() / "facts.yaml"))


@cache
def claims() -> Claims:
    """What the two seeds claim and what became of it, contracts/claims.yaml."""
    return parse(Claims, read(contracts() / "claims.yaml"))


@cache
def wire_schemas() -> Schemas:
    """The shapes of the wire, contracts/schemas/wire."""
    from kimi_conformance.registry.wire import load_wire_schemas  # noqa: PLC0415 - most commands need no jsonschema

    return load_wire_schemas(contracts() / "schemas" / "wire")


@cache
def request_schemas() -> RequestSchemas:
    """The shapes of requests, contracts/schemas/wire."""
    from kimi_conformance.registry.wire import load_request_schemas  # noqa: PLC0415 - as above

    return load_request_schemas(contracts() / "schemas" / "wire")


@cache
def calls() -> Calls:
    """The requests that the API suites make, contracts/calls.yaml."""
    return parse(Calls, read(contracts() / "calls.yaml"))


@cache
def endpoints() -> Endpoints:
    """The endpoints of Kimi, contracts/endpoints.yaml."""
    from kimi_conformance.contract.endpoints import Endpoints  # noqa: PLC0415 - as above

    return parse(Endpoints, read(contracts() / "endpoints.yaml"))


@cache
def drift_rules() -> DriftRules:
    """What answers may differ in without a change of Kimi's, contracts/drift.yaml."""
    from kimi_conformance.contract.drift_rules import DriftRules  # noqa: PLC0415 - as above

    return parse(DriftRules, read(contracts() / "drift.yaml"))
