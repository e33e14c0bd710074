"""The setting of a play: the reference router, as it is or with one fault, and the plan of all its cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Final

from kimi_conformance.faults import FAULTS
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.router.plan import make_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.faults import Fault
    from kimi_conformance.router.plan import Plan

DAY: Final = date(2026, 11, 23)
"""The day on which the suite is turned on itself: lifecycles are judged by it, and it is not the day of the run."""

SETTINGS: Final = ("reference-asgi", "reference-portkey", "reference")
"""The bundled profiles that faults are played by; each is a control, too. The last one is a process of its own."""

CONTROL: Final = "control/"
"""What the name of a control begins with; that of its profile follows."""

CONTROLS: Final = tuple(f"{CONTROL}{name}" for name in SETTINGS)

HEALTHY_APP: Final = "kimi_conformance.reference:app_from_env"
FAULTY_APP: Final = "kimi_conformance.faults:app_from_env"


def plan_of(subject: str) -> Plan:
    """The plan for a control, or for a fault by its id. Raises `KeyError` where there is none."""
    return control_plan(setting_of(subject)) if subject in CONTROLS else faulty_plan(FAULTS[subject])


@cache
def control_plan(profile: str) -> Plan:
    """The plan for the reference router as it is, in the setting that the bundled `profile` makes for it."""
    return make_plan(load_profile(profile), DAY)


def faulty_plan(fault: Fault) -> Plan:
    """The plan for the reference router with `fault`, in the setting that it needs.

    It is that of the control but for the way to start it: cases hang on what a profile promises.
    """
    healthy = control_plan(setting_of(fault.id))
    loaded = healthy.loaded
    env = {"REFERENCE_FAULT": fault.id}
    way: Mapping[str, object]
    if asgi := loaded.profile.asgi:
        way = {"asgi": asgi.model_copy(update={"app": FAULTY_APP, "env": asgi.env | env})}
    else:
        start = loaded.profile.start
        assert start is not None
        command = tuple(FAULTY_APP if word == HEALTHY_APP else word for word in start.command)
        way = {"start": start.model_copy(update={"command": command, "env": start.env | env})}
    profile = loaded.profile.model_copy(update=way)
    return replace(healthy, loaded=replace(loaded, profile=profile), world=replace(healthy.world, profile=profile))


def setting_of(subject: str) -> str:
    """The name of the profile that a subject is played by: what ends a process gets one of its own."""
    if subject in CONTROLS:
        return subject.removeprefix(CONTROL)
    fault = FAULTS[subject]
    return SETTINGS[-1] if fault.ends_process else fault.profile
