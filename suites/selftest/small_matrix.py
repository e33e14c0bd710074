"""A kill matrix small enough to be read: two faults of a router, two of the wire, and no gap."""

from __future__ import annotations

from datetime import date

from kimi_conformance.contract.kill_matrix import KillMatrix, RouterMatrix, RouterRow, WireMatrix, WireRow

PLAN = "router.gate.claude-takes-plan-route"
LOGGED = "router.secret.keys-never-logged"
SERVED = "router.gate.registered-models-are-served"

ROUTER = RouterMatrix(
    day=date(2026, 11, 23),
    common="c0",
    areas={"gate": "a0", "secret": "a1"},
    cases={PLAN: ("@model=a", "@model=b"), SERVED: ("@model=a",), LOGGED: ("",)},
    settings={"inside": "0-3", "outside": "0-3"},
    elsewhere=(SERVED,),
    controls=(
        RouterRow(subject="control/inside", says="As it is.", setting="inside", digest="", unseen="3"),
        RouterRow(subject="control/outside", says="As it is.", setting="outside", digest=""),
    ),
    faults=(
        RouterRow(
            subject="gate.forgotten",
            says="The plan is forgotten.",
            kills=(PLAN,),
            setting="inside",
            digest="r0",
            fail="0-1",
            unseen="3",
        ),
        RouterRow(
            subject="secret.logged",
            says="The key | is logged.",
            kills=(LOGGED,),
            setting="outside",
            digest="r1",
            fail="3",
            warn="0",
            unsteady="1",
        ),
    ),
)

KEY = "api.auth.key-needed"
SHAPE = "api.errors.envelope"

WIRE = WireMatrix(
    digest="w0",
    requirements=(KEY, SHAPE),
    specimens=("chat", "no-key"),
    control={},
    faults=(
        WireRow(
            subject="key-not-needed", says="No key is needed.", kills=(KEY,), on="1", fits="0-1", noticed={KEY: "1"}
        ),
        WireRow(
            subject="error-bare",
            says="An error has no envelope.",
            kills=(SHAPE,),
            on="1",
            fits="1",
            noticed={KEY: "1", SHAPE: "1"},
        ),
    ),
)

MATRIX = KillMatrix(router=ROUTER, wire=WIRE)
